"""Signing in is remembered as a session that its owner can see; reading pages writes nothing."""

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories import PASSWORD, PMFactory

pytestmark = pytest.mark.django_db


def test_a_sign_in_stands_in_the_list_of_sessions(client):
    nora = PMFactory()
    client.post("/accounts/login/", {"login": nora.email, "password": PASSWORD})
    assert UserSession.objects.filter(user=nora).count() == 1
    assert client.get("/accounts/sessions/").status_code == 200


@pytest.mark.parametrize("path", ["/profile/", "/opportunities/", "/partners/"])
def test_reading_a_page_writes_nothing(client, path):
    nora = PMFactory()
    client.post("/accounts/login/", {"login": nora.email, "password": PASSWORD})
    client.get(path)  # what is made once per sign-in (a message shown) is gone after this
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(path).status_code == 200
    writes = [q["sql"] for q in queries if q["sql"].split(" ", 1)[0] in ("INSERT", "UPDATE", "DELETE")]
    assert writes == []


def test_a_session_ends_by_the_clock_of_its_sign_in(client, settings):
    ana = PMFactory()
    client.post("/accounts/login/", {"login": ana.email, "password": PASSWORD})
    assert client.cookies["sessionid"]["max-age"] == settings.SESSION_COOKIE_AGE == 14 * 24 * 3600
    Session.objects.update(expire_date=timezone.now())
    assert client.get("/profile/").status_code == 302
