"""The same POST with the same key acts once, also at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from apr.models import Action
from exchange.api.idempotency import forget_old_answers
from exchange.api.tokens import issue_token
from exchange.models import IdempotencyKey
from opportunities.models import Customer, StageChange
from tests.factories import AEFactory, action_type, stage

KEY = {"Idempotency-Key": "5f2c"}


def test_the_second_gets_the_answer_of_the_first(api, cast):
    client = api(cast.ana)
    first = client.post("/api/v1/customers/", {"name": "Globex"}, headers=KEY)
    second = client.post("/api/v1/customers/", {"name": "Globex"}, headers=KEY)
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.json() == first.json()
    assert second["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first
    assert Customer.objects.filter(name="Globex").count() == 1


def test_the_same_key_for_another_request_is_refused(api, cast):
    client = api(cast.ana)
    client.post("/api/v1/customers/", {"name": "Globex"}, headers=KEY)
    for url, body in [("customers", {"name": "Initech"}), ("partners", {"name": "Globex"})]:
        answer = client.post(f"/api/v1/{url}/", body, headers=KEY)
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert not Customer.objects.filter(name="Initech").exists()


def test_keys_belong_to_a_person(api, cast):
    for person in (cast.ana, cast.nora):
        answer = api(person).post("/api/v1/customers/", {"name": "Globex"}, headers=KEY)
        assert "Idempotency-Replayed" not in answer
    assert Customer.objects.filter(name="Globex").count() == 2


def test_what_was_refused_may_be_tried_again(api, cast):
    client = api(cast.ana)
    assert client.post("/api/v1/customers/", {"name": ""}, headers=KEY).status_code == 400
    assert not IdempotencyKey.objects.exists()
    assert client.post("/api/v1/customers/", {"name": "Globex"}, headers=KEY).status_code == 201


def test_a_move_that_is_sent_again_moves_once(api, cast):
    client = api(cast.ana)
    body = {"stage": str(stage("Discovery").pk), "version": cast.deal.version}
    url = f"/api/v1/opportunities/{cast.deal.pk}/move/"
    first, second = (client.post(url, body, headers=KEY) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 200)
    assert (second.json(), second["ETag"]) == (first.json(), first["ETag"])
    assert StageChange.objects.filter(opportunity=cast.deal).count() == 2
    assert client.post(url, body).status_code == 409


@pytest.mark.parametrize("key", ["", "x" * 201, "kéy", "a\tb"])
def test_a_key_that_is_none_is_refused(api, cast, key):
    answer = api(cast.ana).post("/api/v1/customers/", {"name": "Globex"}, headers={"Idempotency-Key": key})
    assert (answer.status_code, set(answer.json()["errors"])) == (400, {"Idempotency-Key"})


def test_answers_are_not_given_to_who_lost_access(api, cast):
    client = api(cast.ana)
    client.post("/api/v1/customers/", {"name": "Globex"}, headers=KEY)
    cast.ana.api_tokens.update(revoked_at=timezone.now())
    assert client.post("/api/v1/customers/", {"name": "Globex"}, headers=KEY).status_code == 401


def test_old_answers_are_forgotten(api, cast):
    client = api(cast.ana)
    client.post("/api/v1/customers/", {"name": "Globex"}, headers=KEY)
    assert forget_old_answers() == 0
    IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(days=3))
    assert forget_old_answers() == 1


@pytest.mark.django_db(transaction=True)
def test_eight_at_the_same_moment_act_once():
    ana = AEFactory()
    secret = issue_token(by=ana, name="sync")[1]
    customer = Customer.objects.create(name="Acme")
    body = {
        "action_type": str(action_type("call_to").pk),
        "occurred_at": "2026-09-15T10:00:00Z",
        "customer": str(customer.pk),
    }
    ready = Barrier(8)

    def send(_number: int) -> tuple[int, object]:
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
        try:
            ready.wait()
            answer = client.post("/api/v1/actions/", body, format="json", headers=KEY)
            return answer.status_code, answer.json()
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(8)))
    assert {status for status, _body in answers} == {201}
    assert len({str(body) for _status, body in answers}) == 1
    assert Action.objects.count() == 1
