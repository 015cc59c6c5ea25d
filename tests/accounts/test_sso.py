"""Coming in by the organisation's OpenID Connect provider, against one that answers on this machine."""

import pytest
import requests
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP
from allauth.socialaccount.models import SocialAccount
from django.core.checks import run_checks
from django.test import Client

from accounts.models import Role, User
from accounts.outward import InwardRefused, OutwardSession, refuse_inward
from audit.models import Entry
from partnerhub.identity import openid_connect
from tests.accounts.provider import CLIENT, SECRET, running
from tests.factories import PASSWORD, AdminFactory, AEFactory

pytestmark = pytest.mark.django_db
START, BACK = "/accounts/oidc/sso/login/", "/accounts/oidc/sso/login/callback/"
IVO = {"sub": "ivo-1", "email": "Ivo@Fieldstone.example", "email_verified": True, "name": "Ivo Horvat"}


@pytest.fixture
def provider(settings):
    with running() as provider:
        settings.SOCIALACCOUNT_PROVIDERS = {
            "openid_connect": openid_connect(
                name="Fieldstone", issuer=provider.issuer, client_id=CLIENT, secret=SECRET
            )
        }
        settings.SSO_DOMAINS = ["fieldstone.example"]
        settings.SSO_ROLES = {"pm": "partner_manager", "boss": "leader", "it": "admin"}
        provider.claims = dict(IVO)
        yield provider


def come_in(provider, client, path=START):
    """From the button on the sign-in page to the answer that the provider leads back to."""
    sent = client.get(path)
    assert sent["Location"].startswith(f"{provider.issuer}/authorize?")
    return client.get(BACK, provider.authorize(sent["Location"]))


def who_is_in(client):
    response = client.get("/profile/")
    return response.context["user"] if response.status_code == 200 else None


def words(response):
    return " ".join(response.content.decode().split())


class TestComingIn:
    def test_the_sign_in_page_offers_it(self, client, provider):
        page = client.get("/accounts/login/?next=/partners/").content.decode()
        assert "Continue with Fieldstone" in page
        assert f"{START}?process=login&amp;next=%2Fpartners%2F" in page

    def test_without_one_nothing_is_offered(self, client):
        assert "Continue with" not in client.get("/accounts/login/").content.decode()
        assert client.get(START).status_code == 404

    def test_somebody_new_of_our_domain_gets_an_account(self, client, provider):
        assert come_in(provider, client, f"{START}?next=/partners/")["Location"] == "/partners/"
        ivo = User.objects.get(email="ivo@fieldstone.example")
        assert (ivo.name, ivo.roles, ivo.has_usable_password()) == ("Ivo Horvat", frozenset(), False)
        assert EmailAddress.objects.get(user=ivo).verified
        assert who_is_in(client) == ivo
        assert set(Entry.objects.filter(person_id=ivo.pk).values_list("act", flat=True)) == {
            "added",
            "signed_in",
        }

    def test_the_second_time_it_is_the_same_person_whatever_the_address(self, client, provider):
        come_in(provider, client)
        provider.claims["email"] = "ivo.horvat@elsewhere.example"
        again = Client()
        come_in(provider, again)
        assert who_is_in(again).email == "ivo@fieldstone.example"
        assert User.objects.count() == 1

    @pytest.mark.parametrize(
        "said",
        [
            {"email": "ivo@elsewhere.example"},
            {"email": "ivo@fieldstone.example.evil.example"},
            {"email": "ivo@evil.example@fieldstone.example"},
            {"email": ""},
            {"email_verified": False},
            {"email_verified": "false"},
            {"email_verified": None},
        ],
        ids=str,
    )
    def test_others_are_refused_with_a_word(self, client, provider, said):
        provider.claims |= said
        answer = come_in(provider, client)
        assert answer.status_code == 403
        assert "Your identity provider named no verified address of a domain that may come in." in words(
            answer
        )
        assert not User.objects.exists()
        assert who_is_in(client) is None

    def test_without_domains_nobody_new_comes_in(self, client, provider, settings):
        settings.SSO_DOMAINS = []
        assert come_in(provider, client).status_code == 403

    def test_an_operator_may_trust_a_provider_that_says_nothing_of_it(self, client, provider, settings):
        del provider.claims["email_verified"]
        assert come_in(provider, client).status_code == 403
        [app] = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
        app["settings"]["verified_email"] = ["fieldstone.example"]
        assert come_in(provider, Client())["Location"] == "/"


class TestLinking:
    @pytest.fixture
    def ivo(self):
        return AEFactory(name="Ivo", email="ivo@fieldstone.example")

    def test_a_verified_address_finds_the_person(self, client, provider, ivo):
        EmailAddress.objects.create(user=ivo, email=ivo.email, verified=True, primary=True)
        come_in(provider, client)
        assert who_is_in(client) == ivo
        assert SocialAccount.objects.get(user=ivo).uid == "ivo-1"
        assert User.objects.get(pk=ivo.pk).check_password(PASSWORD)

    def test_from_then_on_the_address_is_verified(self, client, provider, ivo):
        come_in(provider, client)
        assert who_is_in(client) == ivo
        assert EmailAddress.objects.get(user=ivo).verified

    def test_an_unverified_one_finds_nobody(self, client, provider, ivo):
        provider.claims["email_verified"] = False
        assert come_in(provider, client).status_code == 403
        assert not SocialAccount.objects.exists()

    def test_a_foreign_domain_finds_nobody(self, client, provider):
        eve = AEFactory(email="eve@elsewhere.example")
        provider.claims["email"] = eve.email
        assert come_in(provider, client).status_code == 403
        assert not SocialAccount.objects.exists()

    def test_who_left_stays_out(self, client, provider, ivo):
        ivo.is_active = False
        ivo.save()
        come_in(provider, client)
        assert who_is_in(client) is None

    def test_the_second_factor_is_asked_all_the_same(self, client, provider, ivo):
        TOTP.activate(ivo, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
        assert come_in(provider, client)["Location"] == "/accounts/2fa/authenticate/"
        assert who_is_in(client) is None


class TestRoles:
    def test_groups_give_roles_anew_each_time_on_record(self, client, provider):
        for groups, roles in (
            (["pm", "boss", "chess"], {Role.PARTNER_MANAGER, Role.LEADER}),
            (["boss"], {Role.LEADER}),
            ([], set()),
        ):
            provider.claims["groups"] = groups
            come_in(provider, Client())
            assert User.objects.get().roles == roles
        acts = Entry.objects.filter(act="roles_by_provider").order_by("pk")
        assert [(one.before["roles"], one.after["roles"], one.after["groups"]) for one in acts] == [
            ([], ["leader", "partner_manager"], ["boss", "pm"]),
            (["leader", "partner_manager"], ["leader"], ["boss"]),
            (["leader"], [], []),
        ]

    def test_a_provider_that_names_no_groups_changes_nothing(self, client, provider):
        ivo = AEFactory(email="ivo@fieldstone.example")
        come_in(provider, client)
        assert User.objects.get(pk=ivo.pk).roles == {Role.ACCOUNT_EXECUTIVE}

    def test_without_a_mapping_roles_stay_ours(self, client, provider, settings):
        settings.SSO_ROLES = {}
        provider.claims["groups"] = ["it"]
        ivo = AEFactory(email="ivo@fieldstone.example")
        come_in(provider, client)
        assert User.objects.get(pk=ivo.pk).roles == {Role.ACCOUNT_EXECUTIVE}

    def test_the_last_administrator_stays_one(self, client, provider):
        ivo = AdminFactory(email="ivo@fieldstone.example")
        provider.claims["groups"] = ["pm"]
        come_in(provider, client)
        assert User.objects.get(pk=ivo.pk).roles == {Role.ADMIN, Role.PARTNER_MANAGER}
        AdminFactory()
        come_in(provider, Client())
        assert User.objects.get(pk=ivo.pk).roles == {Role.PARTNER_MANAGER}

    def test_unknown_roles_are_told_at_the_start(self, settings):
        settings.SSO_ROLES = {"it": "king"}
        assert any("SSO_ROLES names unknown roles: king." in str(error) for error in run_checks())


class TestAnswersThatAreRefused:
    @pytest.mark.parametrize("claim", [{"aud": "somebody else"}, {"exp": 1_000_000_000}], ids=str)
    def test_a_token_for_another_or_of_old(self, client, provider, claim):
        provider.claims |= claim
        assert come_in(provider, client).status_code == 401
        assert not User.objects.exists()

    def test_a_token_of_another_issuer(self, client, provider):
        provider.issuer_in_token = "https://evil.example"
        assert come_in(provider, client).status_code == 401

    def test_a_token_and_a_userinfo_about_two_people(self, client, provider):
        provider.userinfo = {**IVO, "sub": "eve-1"}
        assert come_in(provider, client).status_code == 401
        assert not User.objects.exists()

    def test_an_answer_nobody_asked_for_or_used_before(self, client, provider):
        sent = client.get(START)
        back = provider.authorize(sent["Location"])
        assert Client().get(BACK, back).status_code == 401
        assert client.get(BACK, back).status_code == 302
        client.logout()
        assert client.get(BACK, back).status_code == 401

    def test_another_browser_cannot_use_the_code(self, client, provider):
        back = provider.authorize(client.get(START)["Location"])
        other = Client()
        mine = provider.authorize(other.get(START)["Location"])
        assert other.get(BACK, {**mine, "code": back["code"]}).status_code == 401

    @pytest.mark.parametrize("place", ["http://127.0.0.1:9", "{issuer}/nothing"])
    def test_a_provider_that_is_away_is_an_answer_too(self, client, provider, settings, place):
        [app] = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
        app["settings"]["server_url"] = place.format(issuer=provider.issuer)
        answer = client.get(START)
        assert answer.status_code == 503
        assert "Your identity provider does not answer." in words(answer)


class TestPrivateAddresses:
    def test_discovery_does_not_go_there(self, client, provider, settings):
        settings.SSO_ALLOW_PRIVATE = False
        assert client.get(START).status_code == 503
        assert provider.asked == []

    def test_neither_by_name_nor_over_tls(self, provider, settings):
        settings.SSO_ALLOW_PRIVATE = False
        for host in ("127.0.0.1", "localhost"):
            with pytest.raises(requests.ConnectionError, match="private network"):
                OutwardSession().get(
                    f"https://{host}:{provider.server_port}/.well-known/openid-configuration"
                )
        assert provider.asked == []

    @pytest.mark.parametrize(
        "address",
        [
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "::1",
            "fe80::1%eth0",
            "fd00::1",
        ],
    )
    def test_what_is_private(self, address):
        with pytest.raises(InwardRefused):
            refuse_inward(address)

    @pytest.mark.parametrize("address", ["93.184.216.34", "2606:4700:4700::1111"])
    def test_what_is_not(self, address):
        refuse_inward(address)
