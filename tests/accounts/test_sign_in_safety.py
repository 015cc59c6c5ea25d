"""What somebody meets who wants in without right: limits, the same words for everybody, good passwords."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.password_validation import validate_password
from django.core import mail
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.services.invitations import make_invitation
from accounts.services.people import deactivate
from audit.models import Entry
from exchange.api.tokens import issue_token, revoke_token
from partnerhub.cache import SteadyCache
from tests.factories import PASSWORD, AdminFactory, AEFactory, UserFactory

pytestmark = pytest.mark.django_db
LOGIN, RESET = "/accounts/login/", "/accounts/password/reset/"


def try_in(client, email, password="not the password", **more):
    return client.post(LOGIN, {"login": email, "password": password}, **more)


def is_in(client):
    return client.get("/profile/").status_code == 200


def text(response, *personal):
    """The words of an answer, without what differs between any two."""
    body = response.content.decode()
    for word in personal:
        body = body.replace(word, "")
    return re.sub(r'nonce="[^"]*"|[A-Za-z0-9]{64}|[0-9a-f]{16}', "", body)


class TestBruteForce:
    @pytest.fixture(autouse=True)
    def _one_moment(self, time_machine):
        """However slow the machine, it all happens within the limits' minute."""
        time_machine.move_to(datetime(2026, 9, 14, 8, tzinfo=UTC), tick=False)

    def test_one_account_from_anywhere(self, client):
        ana = AEFactory()
        for n in range(5):
            try_in(Client(REMOTE_ADDR=f"198.51.100.{n}"), ana.email)
        answer = try_in(client, ana.email, PASSWORD, REMOTE_ADDR="203.0.113.9")
        assert "Too many failed login attempts. Try again later." in answer.content.decode()
        assert not is_in(client)

    def test_it_is_over_after_five_minutes(self, client, time_machine):
        ana = AEFactory()
        start = timezone.now()
        time_machine.move_to(start, tick=False)
        for _try in range(6):
            try_in(client, ana.email)
        time_machine.move_to(start + timedelta(minutes=5, seconds=1), tick=False)
        try_in(client, ana.email, PASSWORD)
        assert is_in(client)

    def test_many_accounts_from_one_place(self, client):
        people = AEFactory.create_batch(11)
        for person in people[:10]:
            try_in(client, person.email)
        answer = try_in(client, people[10].email, PASSWORD)
        assert answer.status_code == 429 or "Too many failed" in answer.content.decode()
        assert not is_in(client)

    def test_addresses_nobody_has_are_limited_just_so(self, client):
        answers = [try_in(client, "nobody@fieldstone.example") for _try in range(6)]
        assert "Too many failed login attempts" in answers[-1].content.decode()

    def test_each_failure_is_on_record(self, client):
        ana = AEFactory()
        try_in(client, ana.email)
        try_in(client, "nobody@fieldstone.example")
        failed = Entry.objects.filter(act="sign_in_failed").order_by("pk")
        assert [one.person_id for one in failed] == [ana.pk, None]

    def test_letters_for_a_new_password_are_limited(self, client):
        ana = AEFactory()
        answers = [client.post(RESET, {"email": ana.email}).status_code for _try in range(6)]
        assert answers == [302, 302, 302, 302, 302, 429]
        assert len(mail.outbox) == 5

    def test_confirming_is_limited(self, client):
        client.force_login(AEFactory())
        answers = [client.post("/accounts/reauthenticate/", {"password": "no"}) for _try in range(11)]
        assert answers[-1].status_code == 429 or "Too many" in answers[-1].content.decode()

    def test_while_the_shared_cache_is_away_too(self, client, settings, monkeypatch):
        settings.CACHES = {
            "default": {"BACKEND": "partnerhub.cache.SteadyCache", "LOCATION": "redis://127.0.0.1:9/0"}
        }
        monkeypatch.setattr(SteadyCache, "away_until", 0.0)
        cache.clear()
        ana = AEFactory()
        for _try in range(5):
            try_in(client, ana.email)
        answer = try_in(client, ana.email, PASSWORD)
        cache.clear()
        assert "Too many failed login attempts" in answer.content.decode()
        assert not is_in(client)


class TestEnumeration:
    """Whoever asks about an address learns nothing about whether somebody here has it."""

    UNKNOWN = "nobody@fieldstone.example"

    @pytest.fixture(params=["active", "inactive", "invited"])
    def known(self, request):
        person = AEFactory(email="known@fieldstone.example", is_active=request.param != "inactive")
        if request.param == "invited":
            person.set_unusable_password()
            person.save()
        return person

    def test_signing_in(self, client, known):
        there = try_in(client, known.email)
        absent = try_in(Client(), self.UNKNOWN)
        assert (there.status_code, text(there, known.email)) == (
            absent.status_code,
            text(absent, self.UNKNOWN),
        )

    def test_a_new_password(self, client, known):
        there = client.post(RESET, {"email": known.email}, follow=True)
        absent = Client().post(RESET, {"email": self.UNKNOWN}, follow=True)
        assert (there.redirect_chain, text(there)) == (absent.redirect_chain, text(absent))

    def test_one_letter_goes_to_the_address_whoever_has_it(self, client, known):
        """So that writing it takes as long; to a stranger it says whom to ask."""
        for email in (known.email, self.UNKNOWN):
            client.post(RESET, {"email": email})
        assert [letter.to for letter in mail.outbox] == [[known.email], [self.UNKNOWN]]
        assert "Nobody has an account with this address here." in mail.outbox[1].body
        assert "your administrator can send you one" in mail.outbox[1].body

    def test_nobody_signs_up(self, client, known):
        new = {"password1": "eleven quiet lanterns", "password2": "eleven quiet lanterns"}
        answers = [
            Client().post("/accounts/signup/", {"email": email, **new})
            for email in (known.email, self.UNKNOWN)
        ]
        assert [one.status_code for one in answers] == [200, 200]
        assert text(answers[0]) == text(answers[1])
        assert "People come by invitation" in answers[0].content.decode()
        assert mail.outbox == []

    def test_an_address_of_ones_own_that_somebody_has(self, client, known):
        sent = []
        for email in (known.email, self.UNKNOWN):
            browser = Client()
            browser.force_login(AEFactory())
            answer = browser.post("/accounts/email/", {"email": email, "action_add": ""}, follow=True)
            sent.append(text(answer, email, *re.findall(r"person\d+@\S+?example", answer.content.decode())))
        assert re.sub(r"\d+|Person ", "", sent[0]) == re.sub(r"\d+|Person ", "", sent[1])

    def test_as_much_is_computed_for_an_address_nobody_has(self, client, monkeypatch):
        """Time is what hashing takes; so many times it must happen, whoever is asked about."""
        hashed = []
        encode = MD5PasswordHasher.encode

        def counted(self, password, salt):
            hashed.append(password)
            return encode(self, password, salt)

        monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
        known = AEFactory()
        hashed.clear()
        try_in(client, known.email)
        there = len(hashed)
        hashed.clear()
        try_in(client, self.UNKNOWN)
        assert there == len(hashed) == 1


def test_an_address_is_ones_own_once_it_is_verified(client):
    ana = AEFactory(email="ana@fieldstone.example")
    EmailAddress.objects.create(user=ana, email=ana.email, verified=True, primary=True)
    client.force_login(ana)
    for act, expected in (("add", ana.email), ("primary", ana.email)):
        client.post("/accounts/email/", {"email": "ana.new@fieldstone.example", f"action_{act}": ""})
        ana.refresh_from_db()
        assert ana.email == expected
    letters = "".join(letter.body for letter in mail.outbox if letter.to == ["ana.new@fieldstone.example"])
    client.post(re.search(r"http://testserver(/accounts/confirm-email/\S+)", letters)[1])
    client.post("/accounts/email/", {"email": "ana.new@fieldstone.example", "action_primary": ""})
    ana.refresh_from_db()
    assert ana.email == "ana.new@fieldstone.example"


class TestSessionsAndTokens:
    def test_a_session_from_before_signing_in_is_not_kept(self, client):
        ana = AEFactory()
        victim, thief = Client(), Client()
        victim.get(LOGIN)
        planted = "planted0planted0planted0planted0"
        victim.cookies["sessionid"] = thief.cookies["sessionid"] = planted
        try_in(victim, ana.email, PASSWORD)
        assert is_in(victim)
        assert victim.cookies["sessionid"].value != planted
        assert not is_in(thief)

    def test_signing_in_changes_the_number_of_a_session_that_was_there(self, client):
        session = client.session
        session["something"] = "from before"
        session.save()
        client.cookies["sessionid"] = session.session_key
        thief = Client()
        thief.cookies["sessionid"] = session.session_key
        try_in(client, AEFactory().email, PASSWORD)
        assert is_in(client)
        assert not is_in(thief)

    def test_a_session_ended_elsewhere_is_over_here(self, client):
        ana = AEFactory()
        thief = Client()
        for browser in (client, thief):
            try_in(browser, ana.email, PASSWORD)
        assert UserSession.objects.count() == 2
        client.post("/accounts/sessions/")
        assert is_in(client)
        assert not is_in(thief)

    def test_a_new_password_ends_all_other_sessions(self, client):
        ana = AEFactory()
        thief = Client()
        for browser in (client, thief):
            try_in(browser, ana.email, PASSWORD)
        new = {"password1": "eleven quiet lanterns", "password2": "eleven quiet lanterns"}
        client.post("/accounts/password/change/", {"oldpassword": PASSWORD, **new})
        assert is_in(client)
        assert not is_in(thief)

    def test_who_is_deactivated_is_out_by_every_door(self, client):
        ana, ada = AEFactory(), AdminFactory()
        try_in(client, ana.email, PASSWORD)
        header = {"Authorization": f"Bearer {issue_token(by=ana, name='nightly')[1]}"}
        assert Client().get("/api/v1/", headers=header).status_code == 200
        deactivate(person=ana, by=ada)
        assert not is_in(client)
        assert Client().get("/api/v1/", headers=header).status_code == 401
        again = Client()
        try_in(again, ana.email, PASSWORD)
        assert not is_in(again)
        again.post(RESET, {"email": ana.email})
        assert not any("/password/reset/key/" in letter.body for letter in mail.outbox)

    def test_a_revoked_token_is_no_token(self):
        token, secret = issue_token(by=AEFactory(), name="nightly")
        header = {"Authorization": f"Bearer {secret}"}
        assert Client().get("/api/v1/", headers=header).status_code == 200
        revoke_token(token=token)
        assert Client().get("/api/v1/", headers=header).status_code == 401

    @pytest.mark.parametrize(
        "to", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"]
    )
    def test_signing_in_leads_to_no_other_site(self, client, to):
        answer = client.post(LOGIN, {"login": AEFactory().email, "password": PASSWORD, "next": to})
        assert answer["Location"] == "/"


class TestPasswords:
    LONG = "Ein Faß voll Sterne über dem Fluß 🌉 " * 6

    @pytest.fixture
    def ana(self):
        return UserFactory(name="Ana Kovacevic", email="lighthouse.keeper@fieldstone.example")

    @pytest.mark.parametrize(
        ("password", "said"),
        [
            ("password1", "too common"),
            ("qwertyuiop", "too common"),
            ("8264917305562", "entirely numeric"),
            ("Anakovacevic1", "too similar to the name"),
            ("lighthouse.keeper", "too similar to the e-mail"),
            ("k7#q", "too short"),
        ],
    )
    def test_weak_ones_are_refused(self, ana, password, said):
        with pytest.raises(ValidationError) as refused:
            validate_password(password, ana)
        assert said in " ".join(refused.value.messages)

    def test_long_phrases_with_spaces_and_any_letters_are_welcome(self, client):
        phrase = self.LONG[:200]
        token = make_invitation(person=self.invited(), by=None)
        client.post(
            reverse("accounts:invitation", args=[token]),
            {"name": "Ivo", "password": phrase, "time_zone": "UTC"},
        )
        assert is_in(client)
        again = Client()
        try_in(again, "ivo@fieldstone.example", phrase)
        assert is_in(again)
        other = Client()
        try_in(other, "ivo@fieldstone.example", phrase[:128])
        assert not is_in(other)

    @staticmethod
    def invited():
        ivo = UserFactory(name="Ivo", email="ivo@fieldstone.example")
        ivo.set_unusable_password()
        ivo.save()
        return ivo

    def test_each_place_says_what_is_a_good_one(self, client, ana):
        invited = reverse("accounts:invitation", args=[make_invitation(person=self.invited(), by=None)])
        client.post(RESET, {"email": ana.email})
        link = re.search(r"http://testserver(\S+)", mail.outbox[-1].body)[1]
        reset = client.get(link)["Location"]
        signed_in = Client()
        signed_in.force_login(AEFactory())
        for browser, path in ((client, invited), (client, reset), (signed_in, "/accounts/password/change/")):
            assert "better 15" in browser.get(path).content.decode(), path

    def test_every_place_refuses_a_common_one(self, client, ana):
        bad = {"password1": "password1", "password2": "password1"}
        client.post(RESET, {"email": ana.email})
        link = re.search(r"http://testserver(\S+)", mail.outbox[-1].body)[1]
        client.post(client.get(link)["Location"], bad)
        signed_in = Client()
        signed_in.force_login(ana)
        signed_in.post("/accounts/password/change/", {"oldpassword": PASSWORD, **bad})
        ana.refresh_from_db()
        assert ana.check_password(PASSWORD)
