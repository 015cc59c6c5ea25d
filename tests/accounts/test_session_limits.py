"""A session ends when it is old or idle, says so, and loses nothing; sensitive acts ask again who it is."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from accounts.models import Role, User
from audit.models import Entry
from exchange.models import ApiToken
from tests.factories import PASSWORD, AdminFactory, AEFactory, LeaderFactory

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 9, 14, 8, tzinfo=UTC)
ENDED = "Your session ended. Sign in again, and you are back where you were."


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(MONDAY, tick=False)

    def later(**distance):
        time_machine.shift(timedelta(**distance))

    return later


@pytest.fixture
def ana(client):
    ana = AEFactory(name="Ana")
    sign_in(client, ana)
    return ana


@pytest.fixture
def ada(client):
    ada = AdminFactory(name="Ada")
    sign_in(client, ada)
    return ada


def sign_in(client, person, **more):
    answer = client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD, **more})
    assert answer.status_code == 302
    return answer


def where(answer):
    """The page to which an answer leads, and the one to which that returns."""
    url = urlsplit(answer.headers.get("HX-Redirect") or answer["Location"])
    return url.path, parse_qs(url.query).get("next", [""])[0]


LOGIN = "/accounts/login/"
CONFIRM = "/accounts/reauthenticate/"


class TestEnds:
    def test_idle_for_a_day(self, client, ana, clock):
        clock(hours=23, minutes=59)
        assert client.get("/profile/").status_code == 200
        clock(hours=23, minutes=59)
        assert client.get("/profile/").status_code == 200
        clock(hours=24)
        assert where(client.get("/profile/?a=1")) == (LOGIN, "/profile/?a=1")

    def test_after_two_weeks_however_busy(self, client, ana, clock):
        for _day in range(27):
            clock(hours=12)
            assert client.get("/profile/").status_code == 200
        clock(hours=12)
        assert where(client.get("/profile/")) == (LOGIN, "/profile/")

    def test_idle_may_be_switched_off(self, client, ana, clock, settings):
        settings.SESSION_IDLE_MINUTES = 0
        clock(days=13)
        assert client.get("/profile/").status_code == 200

    def test_what_has_ended_is_gone_for_who_copied_it(self, client, ana, clock):
        copied = client.cookies["sessionid"].value
        clock(days=2)
        client.get("/profile/")
        clock(days=-2)
        client.cookies["sessionid"] = copied
        assert where(client.get("/profile/")) == (LOGIN, "/profile/")


class TestWords:
    def test_a_page(self, client, ana, clock):
        clock(days=2)
        assert ENDED in client.get("/profile/", follow=True).content.decode()

    def test_nothing_is_said_to_who_was_never_signed_in(self, client):
        assert ENDED not in client.get("/profile/", follow=True).content.decode()

    def test_a_form_that_is_sent_comes_back_to_its_page(self, client, ana, clock):
        clock(days=2)
        sent = client.post(
            "/profile/", {"name": "Ana K."}, headers={"Referer": "http://testserver/profile/?x=1"}
        )
        assert where(sent) == (LOGIN, "/profile/?x=1")
        assert ENDED in client.get(sent["Location"]).content.decode()
        assert sign_in(client, ana, next="/profile/?x=1")["Location"] == "/profile/?x=1"

    @pytest.mark.parametrize("referer", ["https://evil.example/profile/", "", "javascript:alert(1)"])
    def test_and_to_no_other_site(self, client, ana, clock, referer):
        clock(days=2)
        assert where(client.post("/profile/", {}, headers={"Referer": referer})) == (LOGIN, "/")

    def test_a_fragment_takes_the_whole_page_there(self, client, ana, clock):
        clock(days=2)
        here = {"HX-Request": "true", "HX-Current-URL": "http://testserver/opportunities/?page=2"}
        sent = client.post("/log/", {"line": "Called Acme"}, headers={**here, "HX-Target": "dialog-body"})
        assert sent.status_code == 401
        assert where(sent) == (LOGIN, "/opportunities/?page=2")

    def test_a_dialog_comes_back_as_its_page(self, client, ana, clock):
        clock(days=2)
        here = {"HX-Request": "true", "HX-Current-URL": "http://testserver/", "HX-Target": "dialog-body"}
        assert where(client.get("/log/", headers=here)) == (LOGIN, "/log/")

    def test_the_api_says_it_in_its_own_way(self, client, ana, clock):
        clock(days=2)
        assert client.get("/api/v1/users/").status_code == 401


class TestConfirming:
    @pytest.fixture
    def acts(self, ada):
        person = AEFactory(name="Pia")
        people = f"/settings/people/{person.pk}"
        return {
            "get": [f"{people}/{act}/" for act in ("roles", "edit", "invite", "leave")]
            + ["/settings/people/new/", "/settings/teams/new/"],
            "post": [
                f"{people}/roles/",
                f"{people}/return/",
                "/settings/audit/export/",
                "/export/opportunities/",
                "/profile/tokens/",
                "/profile/data/",
                f"{people}/data/",
                f"{people}/anonymise/",
            ],
        }

    def test_within_a_quarter_of_an_hour_nothing_is_asked(self, client, acts, clock):
        clock(minutes=14, seconds=59)
        answers = {path: client.get(path).status_code for path in acts["get"]}
        assert set(answers.values()) == {200}

    def test_later_every_sensitive_act_asks(self, client, acts, clock):
        clock(minutes=15)
        for path in acts["get"]:
            assert where(client.get(path)) == (CONFIRM, path), path
        for path in acts["post"]:
            here = {"Referer": "http://testserver/settings/people/"}
            assert where(client.post(path, {}, headers=here)) == (CONFIRM, "/settings/people/"), path
        assert not ApiToken.objects.exists()
        assert not Entry.objects.filter(act="exported").exists()

    def test_looking_asks_nothing(self, client, acts, clock):
        clock(minutes=15)
        for path in ("/settings/people/", "/profile/tokens/", "/settings/audit/", "/profile/"):
            assert client.get(path).status_code == 200, path

    def test_with_the_password_one_is_back_and_may(self, client, ada, clock):
        pia = AEFactory(name="Pia")
        roles = f"/settings/people/{pia.pk}/roles/"
        clock(hours=1)
        asked = client.get(roles)
        assert "show again that it is you" in client.get(asked["Location"]).content.decode()
        wrong = client.post(CONFIRM, {"password": "not this one", "next": roles})
        assert wrong.status_code == 200
        assert where(client.get(roles)) == (CONFIRM, roles)
        assert client.post(CONFIRM, {"password": PASSWORD, "next": roles})["Location"] == roles
        done = client.post(roles, {"roles": ["leader"], "starts_on": "2026-09-14"})
        assert done["Location"] == f"/settings/people/{pia.pk}/"
        assert User.objects.get(pk=pia.pk).roles == {Role.LEADER}

    def test_confirming_leads_to_no_other_site(self, client, ada, clock):
        clock(hours=1)
        done = client.post(CONFIRM, {"password": PASSWORD, "next": "https://evil.example/"})
        assert done["Location"] == "/"

    def test_in_the_dialog_the_page_goes_there(self, client, ada, clock):
        clock(hours=1)
        here = {"HX-Request": "true", "HX-Target": "dialog-body", "HX-Current-URL": "http://testserver/x/"}
        answer = client.get("/settings/people/new/", headers=here)
        assert (answer.status_code, where(answer)) == (401, (CONFIRM, "/settings/people/new/"))

    def test_who_comes_by_a_provider_only_signs_in_anew(self, client, clock):
        lea = LeaderFactory()
        lea.set_unusable_password()
        lea.save()
        client.force_login(lea)
        clock(hours=1)
        assert where(client.post("/export/opportunities/", headers={"Referer": "http://testserver/x/"})) == (
            LOGIN,
            "/x/",
        )
        assert client.get("/profile/").status_code == 302

    @pytest.mark.parametrize("path", ["/accounts/2fa/totp/activate/", "/accounts/2fa/webauthn/add/"])
    def test_a_second_factor_and_the_address(self, client, ana, clock, path):
        assert client.get(path).status_code == 200
        clock(minutes=15)
        assert where(client.get(path)) == (CONFIRM, path)
        added = client.post("/accounts/email/", {"email": "else@fieldstone.example", "action_add": ""})
        assert where(added) == (CONFIRM, "/accounts/email/")

    def test_the_password_asks_for_the_one_before(self, client, ana):
        new = {"password1": "eleven quiet lanterns", "password2": "eleven quiet lanterns"}
        path = "/accounts/password/change/"
        client.post(path, {"oldpassword": "not this one", **new})
        ana.refresh_from_db()
        assert ana.check_password(PASSWORD)
        client.post(path, {"oldpassword": PASSWORD, **new})
        ana.refresh_from_db()
        assert ana.check_password("eleven quiet lanterns")

    def test_a_session_at_the_api_changes_no_rights_then(self, client, ada, clock):
        pia = AEFactory(name="Pia")
        path, change = f"/api/v1/users/{pia.pk}/", {"roles": ["admin"]}
        clock(minutes=15)
        refused = client.patch(path, change, content_type="application/json")
        assert refused.status_code == 403
        assert client.get(path).status_code == 200
        clock(minutes=-15)
        assert client.patch(path, change, content_type="application/json").status_code == 200
