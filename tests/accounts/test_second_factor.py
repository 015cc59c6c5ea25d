"""The second factor: owed by administrators where the operator says so, and not got round by anything."""

import re
import time
from datetime import UTC, datetime, timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from accounts.services.invitations import make_invitation
from audit.models import Entry
from exchange.api.tokens import issue_token
from tests.factories import PASSWORD, AdminFactory, AEFactory

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
LOGIN, CODE = "/accounts/login/", "/accounts/2fa/authenticate/"


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(datetime(2026, 9, 14, 8, tzinfo=UTC), tick=False)
    return time_machine


def code_now(secret=SECRET):
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def with_totp(person):
    TOTP.activate(person, SECRET)
    return person


def sign_in(client, person, password=PASSWORD):
    return client.post(LOGIN, {"login": person.email, "password": password})


def is_in(client):
    return client.get("/profile/").status_code == 200


class TestSigningIn:
    def test_the_password_alone_opens_nothing(self, client):
        ana = with_totp(AEFactory())
        assert sign_in(client, ana)["Location"] == CODE
        assert not is_in(client)
        assert client.post(CODE, {"code": code_now()})["Location"] == "/"
        assert is_in(client)

    def test_a_code_works_once(self, client):
        ana = with_totp(AEFactory())
        sign_in(client, ana)
        client.post(CODE, {"code": code_now()})
        thief = Client()
        sign_in(thief, ana)
        again = thief.post(CODE, {"code": code_now()})
        assert "Incorrect code." in again.content.decode()
        assert not is_in(thief)
        assert Entry.objects.filter(act="second_factor_failed", person_id=ana.pk).count() == 1

    def test_an_older_code_is_refused(self, client, clock):
        ana = with_totp(AEFactory())
        old = code_now()
        clock.shift(timedelta(minutes=2))
        sign_in(client, ana)
        client.post(CODE, {"code": old})
        assert not is_in(client)

    def test_a_recovery_code_works_once(self, client):
        ana = with_totp(AEFactory())
        first = RecoveryCodes.activate(ana).get_unused_codes()[0]
        for expected in (True, False):
            browser = Client()
            sign_in(browser, ana)
            browser.post(CODE, {"code": first})
            assert is_in(browser) is expected

    def test_guessing_codes_is_stopped(self, client):
        ana = with_totp(AEFactory())
        sign_in(client, ana)
        answers = [client.post(CODE, {"code": f"{n:06}"}) for n in range(6)]
        assert "Too many failed login attempts" in answers[-1].content.decode()
        client.post(CODE, {"code": code_now()})
        assert not is_in(client)

    def test_an_invitation_does_not_get_round_it(self, client):
        ana = with_totp(AEFactory())
        ana.set_unusable_password()
        ana.save()
        link = reverse("accounts:invitation", args=[make_invitation(person=ana, by=None)])
        taken = client.post(link, {"name": "Ana", "password": "eleven quiet lanterns", "time_zone": "UTC"})
        assert taken["Location"] == CODE
        assert not is_in(client)

    def test_choosing_a_new_password_does_not_get_round_it(self, client):
        ana = with_totp(AEFactory())
        client.post("/accounts/password/reset/", {"email": ana.email})
        link = re.search(r"http://testserver(\S+)", mail.outbox[-1].body)[1]
        form = client.get(link)["Location"]
        new = "eleven quiet lanterns"
        client.post(form, {"password1": new, "password2": new})
        ana.refresh_from_db()
        assert ana.check_password(new)
        assert not is_in(client)
        assert sign_in(client, ana, new)["Location"] == CODE
        assert not is_in(client)


class TestOwedByAdministrators:
    @pytest.fixture(autouse=True)
    def _owed(self, settings):
        settings.ADMINS_NEED_SECOND_FACTOR = True

    def test_without_it_nothing_else_is_reached(self, client):
        sign_in(client, AdminFactory())
        for path in ("/", "/settings/", "/profile/", "/opportunities/", "/admin/", "/accounts/sessions/"):
            assert client.get(path)["Location"].startswith("/accounts/2fa/?next="), path
        assert client.post("/settings/people/new/", {"name": "Eve"})["Location"].startswith("/accounts/2fa/")
        answer = client.get("/api/v1/users/")
        assert (answer.status_code, answer.json()["code"]) == (403, "second_factor_needed")
        page = client.get("/", follow=True).content.decode()
        assert "Administrators need a second step here. Set one up to go on" in page

    @pytest.mark.django_db(transaction=True)
    def test_it_is_set_up_there_and_then(self, client):
        ada = AdminFactory()
        sign_in(client, ada)
        form = client.get("/accounts/2fa/totp/activate/")
        secret = re.search(r'value="([A-Z2-7]{32})"', form.content.decode())[1]
        done = client.post("/accounts/2fa/totp/activate/", {"code": code_now(secret)})
        assert done["Location"] == "/accounts/2fa/recovery-codes/"
        assert client.get(done["Location"]).status_code == 200
        assert client.get("/settings/").status_code == 200
        assert Entry.objects.filter(act="second_factor_added", person_id=ada.pk).exists()

    def test_taking_it_away_closes_all_again(self, client):
        ada = with_totp(AdminFactory())
        client.force_login(ada)
        assert client.get("/settings/").status_code == 200
        client.post("/accounts/2fa/totp/deactivate/")
        assert not Authenticator.objects.exists()
        assert client.get("/settings/")["Location"].startswith("/accounts/2fa/")

    def test_tokens_wait_for_it_too(self, client):
        ada = AdminFactory()
        header = {"Authorization": f"Bearer {issue_token(by=ada, name='nightly')[1]}"}
        refused = client.get("/api/v1/users/", headers=header)
        assert (refused.status_code, refused.json()["code"]) == (403, "second_factor_needed")
        with_totp(ada)
        assert client.get("/api/v1/users/", headers=header).status_code == 200

    def test_others_do_not_owe_it(self, client):
        ana = AEFactory()
        sign_in(client, ana)
        assert is_in(client)
        header = {"Authorization": f"Bearer {issue_token(by=ana, name='nightly')[1]}"}
        assert Client().get("/api/v1/users/", headers=header).status_code == 200

    def test_signing_out_is_possible(self, client):
        sign_in(client, AdminFactory())
        assert client.post(reverse("account_logout"))["Location"] == LOGIN


def test_administrators_owe_nothing_unless_the_operator_says_so(client):
    sign_in(client, AdminFactory())
    assert client.get("/settings/").status_code == 200


class TestLost:
    """The way back for the last administrator, too."""

    def test_the_command_takes_it_away_on_record(self, client, settings, capsys):
        settings.ADMINS_NEED_SECOND_FACTOR = True
        ada = with_totp(AdminFactory(name="Ada"))
        sign_in(client, ada)
        client.post(CODE, {"code": code_now()})
        assert is_in(client)
        call_command("remove_second_factor", ada.email.upper())
        assert "Ada signs in with the password alone now." in capsys.readouterr().out
        assert not is_in(client)
        entry = Entry.objects.get(act="second_factor_removed")
        assert (entry.person_id, entry.via, entry.before) == (ada.pk, "system", {"kinds": ["totp"]})
        sign_in(client, ada)
        assert client.get("/settings/")["Location"].startswith("/accounts/2fa/")

    def test_it_says_whom_it_does_not_know_or_need(self):
        with pytest.raises(CommandError, match="Nobody has the address"):
            call_command("remove_second_factor", "nobody@fieldstone.example")
        with pytest.raises(CommandError, match="has no second factor"):
            call_command("remove_second_factor", AdminFactory().email)


@pytest.mark.parametrize(
    "model",
    ["mfa/authenticator", "account/emailaddress", "socialaccount/socialaccount", "usersessions/usersession"],
)
def test_nobody_reads_other_peoples_keys_in_djangos_admin(client, model):
    client.force_login(AdminFactory())
    assert client.get(f"/admin/{model}/").status_code == 404
