"""Coming in by SAML, against answers that are signed as a provider signs them."""

import base64
import re
import zlib
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from django.test import Client
from onelogin.saml2.utils import OneLogin_Saml2_Utils

from accounts.models import Role, User
from partnerhub.identity import saml
from tests.factories import AdminFactory

pytestmark = pytest.mark.django_db
PROVIDER, SIGN_IN = "https://idp.example/metadata", "https://idp.example/sign-in"
ACS, US = "http://hub.example/accounts/saml/sso/acs/", "http://hub.example/accounts/saml/sso/metadata/"
MAIL = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress"
ASSERTION = """<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_a1" Version="2.0"
 IssueInstant="{now}"><saml:Issuer>{issuer}</saml:Issuer><saml:Subject>
<saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">ivo-1</saml:NameID>
<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData
 NotOnOrAfter="{until}" Recipient="{acs}" InResponseTo="{asked}"/></saml:SubjectConfirmation></saml:Subject>
<saml:Conditions NotBefore="{since}" NotOnOrAfter="{until}"><saml:AudienceRestriction>
<saml:Audience>{audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions>
<saml:AuthnStatement AuthnInstant="{now}" SessionIndex="s1"><saml:AuthnContext><saml:AuthnContextClassRef>
urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext>
</saml:AuthnStatement><saml:AttributeStatement><saml:Attribute Name="{mail}"><saml:AttributeValue>{address}
</saml:AttributeValue></saml:Attribute><saml:Attribute Name="groups">
<saml:AttributeValue>pm</saml:AttributeValue></saml:Attribute></saml:AttributeStatement></saml:Assertion>"""
RESPONSE = """<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"
 xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_r1" Version="2.0" IssueInstant="{now}"
 Destination="{acs}" InResponseTo="{asked}"><saml:Issuer>{issuer}</saml:Issuer><samlp:Status>
<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>
{assertion}</samlp:Response>"""


@pytest.fixture(scope="module")
def keys():
    """A provider's key and certificate, as text."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "idp.example")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2100, 1, 1, tzinfo=UTC))
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    return pem.decode(), made.public_bytes(serialization.Encoding.PEM).decode()


@pytest.fixture(autouse=True)
def _provider(settings, keys):
    certificate = "".join(keys[1].splitlines()[1:-1])
    settings.ALLOWED_HOSTS = ["hub.example"]  # SAML accepts no name without a dot
    trusted = settings.SSO_DOMAINS = ["fieldstone.example"]
    settings.SSO_ROLES = {"pm": "partner_manager"}
    settings.SOCIALACCOUNT_PROVIDERS = {
        "saml": saml(
            name="Fieldstone",
            entity_id=PROVIDER,
            sign_in_url=SIGN_IN,
            certificate=certificate,
            trusted=trusted,
        )
    }


@pytest.fixture
def client():
    return Client(headers={"Host": "hub.example"})


def ask(client):
    """Presses the button; the number of our question to the provider."""
    sent = client.get("/accounts/saml/sso/login/?next=/partners/")["Location"]
    assert sent.startswith(f"{SIGN_IN}?")
    request = base64.b64decode(parse_qs(urlsplit(sent).query)["SAMLRequest"][0])
    return re.search(r'ID="([^"]+)"', zlib.decompress(request, -15).decode())[1]


def answer(keys, asked, *, is_signed=True, address="ivo@fieldstone.example", audience=US, age=timedelta()):
    """The provider's answer as its form carries it."""
    at = datetime.now(UTC) - age
    stamp = "%Y-%m-%dT%H:%M:%SZ"
    facts = {
        "now": at.strftime(stamp),
        "since": (at - timedelta(minutes=1)).strftime(stamp),
        "until": (at + timedelta(minutes=5)).strftime(stamp),
        "issuer": PROVIDER,
        "acs": ACS,
        "asked": asked,
        "mail": MAIL,
        "address": address,
        "audience": audience,
    }
    assertion = ASSERTION.format(**facts).replace("\n</saml:AttributeValue>", "</saml:AttributeValue>")
    if is_signed:
        assertion = OneLogin_Saml2_Utils.add_sign(assertion, *keys).decode()
    text = RESPONSE.format(assertion=assertion, **facts)
    return base64.b64encode(text.encode()).decode()


def send(client, text):
    """Brings it to us as the browser does: a form from the provider's page, then a page of ours."""
    return client.get(client.post("/accounts/saml/sso/acs/", {"SAMLResponse": text})["Location"])


def is_in(client):
    return client.get("/profile/").status_code == 200


def test_somebody_of_our_domain_comes_in_with_the_roles_of_their_groups(client, keys):
    assert send(client, answer(keys, ask(client)))["Location"] == "/partners/"
    ivo = User.objects.get()
    assert (ivo.email, ivo.name, ivo.roles) == ("ivo@fieldstone.example", "ivo", {Role.PARTNER_MANAGER})
    assert is_in(client)


def test_others_are_refused_with_a_word(client, keys):
    refused = send(client, answer(keys, ask(client), address="ivo@elsewhere.example"))
    assert refused.status_code == 403
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "changes",
    [{"is_signed": False}, {"audience": "https://else.example"}, {"age": timedelta(minutes=10)}],
    ids=["unsigned", "for another", "of old"],
)
def test_wrong_answers_are_refused(client, keys, changes):
    assert send(client, answer(keys, ask(client), **changes)).status_code == 401
    assert not is_in(client)


def test_a_changed_answer_is_refused(client, keys):
    AdminFactory(email="ada@fieldstone.example")
    text = base64.b64decode(answer(keys, ask(client))).decode()
    forged = text.replace("ivo@fieldstone.example", "ada@fieldstone.example")
    assert send(client, base64.b64encode(forged.encode()).decode()).status_code == 401
    assert not is_in(client)


def test_an_answer_nobody_asked_for_or_that_was_used_is_refused(client, keys):
    text = answer(keys, ask(client))
    assert send(Client(headers={"Host": "hub.example"}), text).status_code in (401, 403)
    send(client, text)
    assert is_in(client)
    client.logout()
    send(client, text)
    assert not is_in(client)


def test_what_the_provider_has_to_know_of_us_stands_at_an_address(client):
    told = client.get("/accounts/saml/sso/metadata/")
    assert (told.status_code, told["Content-Type"]) == (200, "text/xml")
    assert ACS in told.content.decode()
    assert 'WantAssertionsSigned="true"' in told.content.decode()
