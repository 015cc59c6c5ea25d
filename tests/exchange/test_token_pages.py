import re

import pytest
from django.test import Client

from exchange.api.tokens import issue_token
from exchange.models import ApiToken
from tests.factories import AEFactory

pytestmark = pytest.mark.django_db
URL = "/profile/tokens/"


def test_a_new_token_is_shown_once(client):
    client.force_login(AEFactory())
    assert client.get(URL).status_code == 200
    made = client.post(URL, {"name": "Nightly sync", "scope": "read", "expires_in": "30"})
    assert made.status_code == 201
    assert "no-store" in made["Cache-Control"]
    secret = re.search(r"ph_[\w-]{43}", made.content.decode())[0]
    token = ApiToken.objects.get()
    assert (token.name, token.scope, (token.expires_at - token.created_at).days) == (
        "Nightly sync",
        "read",
        30,
    )
    assert Client().get("/api/v1/", headers={"Authorization": f"Bearer {secret}"}).status_code == 200
    assert secret not in client.get(URL).content.decode()


def test_what_cannot_be_made_is_said_under_its_field(client):
    client.force_login(AEFactory())
    answer = client.post(URL, {"name": "", "scope": "all", "expires_in": "9999"})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"name", "scope", "expires_in"}
    assert not ApiToken.objects.exists()


def test_revoking(client):
    ana = AEFactory()
    token = issue_token(by=ana, name="sync")[0]
    client.force_login(ana)
    answer = client.post(f"{URL}{token.pk}/revoke/", follow=True)
    assert "sync is revoked." in answer.content.decode()
    token.refresh_from_db()
    assert token.revoked_at is not None


def test_tokens_of_others_are_not_there(client):
    token = issue_token(by=AEFactory(), name="Ledger sync")[0]
    client.force_login(AEFactory())
    assert client.post(f"{URL}{token.pk}/revoke/").status_code == 404
    assert "Ledger" not in client.get(URL).content.decode()
    assert client.get(f"{URL}{token.pk}/revoke/").status_code == 405


def test_people_sign_in_first(client):
    assert client.get(URL)["Location"].startswith("/accounts/login/")
