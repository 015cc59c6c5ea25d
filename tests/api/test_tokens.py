"""Signing in: tokens that are used, expired, revoked, read-only or foreign, and sessions of our own pages."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.services.people import deactivate
from exchange.api.tokens import issue_token, revoke_token
from exchange.models import ApiToken, TokenScope
from tests.factories import AdminFactory, AEFactory

pytestmark = pytest.mark.django_db
URL = "/api/v1/users/"


def bearer(secret: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


def test_a_token_signs_its_person_in_and_remembers_the_day():
    ana = AEFactory()
    token, secret = issue_token(by=ana, name="sync", expires_in=timedelta(days=1))
    assert bearer(secret).get(URL).status_code == 200
    token.refresh_from_db()
    assert token.last_used_on == timezone.now().date()


def test_a_revoked_token_is_refused_from_then_on():
    token, secret = issue_token(by=AEFactory(), name="sync")
    client = bearer(secret)
    assert client.get(URL).status_code == 200
    revoke_token(token=token)
    assert client.get(URL).status_code == 401


def test_an_expired_token_is_refused():
    token, secret = issue_token(by=AEFactory(), name="sync", expires_in=timedelta(days=1))
    ApiToken.objects.filter(pk=token.pk).update(expires_at=timezone.now())
    assert bearer(secret).get(URL).status_code == 401


def test_the_tokens_of_people_who_left_are_refused():
    ana = AEFactory()
    secret = issue_token(by=ana, name="sync")[1]
    deactivate(person=ana, by=AdminFactory())
    assert bearer(secret).get(URL).status_code == 401


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer ph_wrong", "Token x", "Basic YTpi", "ph_x"])
def test_every_wrong_header_gets_the_same_answer(header):
    answer = APIClient().get(URL, headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == 'Bearer realm="PartnerHub"'
    assert answer.json()["detail"] == "This token is unknown, expired or revoked."


def test_the_hash_is_no_token():
    token = issue_token(by=AEFactory(), name="sync")[0]
    assert bearer(token.token_hash).get(URL).status_code == 401


def test_a_token_for_reading_only_reads():
    ada = AdminFactory()
    client = bearer(issue_token(by=ada, name="report", scope=TokenScope.READ)[1])
    assert client.get(URL).status_code == 200
    for answer in (
        client.post("/api/v1/teams/", {"name": "North", "kind": "sales"}, format="json"),
        client.patch(f"{URL}{ada.pk}/", {"name": "X"}, format="json"),
        client.delete("/api/v1/holidays/1/"),
    ):
        assert (answer.status_code, answer.json()["detail"]) == (403, "This token may only read.")


def test_our_own_pages_use_the_session_with_a_csrf_token():
    ana = AEFactory()
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ana)
    assert browser.get(URL).status_code == 200
    body = '{"name": "Acme"}'
    bare = browser.post("/api/v1/customers/", body, content_type="application/json")
    assert (bare.status_code, bare["Content-Type"]) == (403, "application/problem+json")
    browser.get("/profile/tokens/")
    headers = {"X-CSRFToken": browser.cookies["csrftoken"].value}
    made = browser.post("/api/v1/customers/", body, content_type="application/json", headers=headers)
    assert made.status_code == 201


def test_a_token_needs_no_csrf_token():
    client = Client(enforce_csrf_checks=True)
    headers = {"Authorization": f"Bearer {issue_token(by=AEFactory(), name='sync')[1]}"}
    made = client.post(
        "/api/v1/customers/", '{"name": "Acme"}', content_type="application/json", headers=headers
    )
    assert made.status_code == 201
