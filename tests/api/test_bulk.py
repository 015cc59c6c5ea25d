"""Up to a thousand actions at once, with a result per row."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apr.models import Action
from tests.factories import action_type

URL = "/api/v1/actions/bulk/"


@pytest.fixture
def row(cast):
    return {
        "action_type": str(action_type("call_to").pk),
        "occurred_at": "2026-09-15T10:00:00+02:00",
        "opportunity": str(cast.deal.pk),
        "notes": "Asked for the signatory",
        "source": "dialler",
    }


def test_every_row_gets_its_result(api, cast, row):
    rows = [
        {**row, "external_id": "1"},
        {**row, "external_id": "1"},
        {**row, "occurred_at": "2026-09-15"},
        {**row, "actor": str(cast.sam.pk)},
        {**row, "opportunity": "999999999"},
        {**row, "color": "red"},
        "not an action",
        None,
        {**row, "external_id": "2", "duration_minutes": 30},
    ]
    answer = api(cast.ana).post(URL, {"actions": rows})
    assert answer.status_code == 200
    results = answer.json()["results"]
    assert [one["index"] for one in results] == list(range(9))
    assert [one["status"] for one in results] == [201, 409, 400, 403, 400, 400, 400, 400, 201]
    assert set(results[2]["problem"]["errors"]) == {"occurred_at"}
    assert set(results[4]["problem"]["errors"]) == {"opportunity"}
    assert set(results[5]["problem"]["errors"]) == {"color"}
    first, last = results[0]["action"], results[8]["action"]
    assert first["occurred_at"] == "2026-09-15T08:00:00Z"
    assert (first["source"], first["external_id"], first["actor"]) == ("dialler", "1", str(cast.ana.pk))
    assert last["duration_minutes"] == 30
    assert api(cast.ana).get(f"/api/v1/actions/{first['id']}/").json() == first
    assert Action.objects.filter(source="dialler").count() == 2


def test_a_thousand_and_no_more(api, cast, row):
    client = api(cast.ana)
    answer = client.post(URL, {"actions": [row] * 1000})
    assert {one["status"] for one in answer.json()["results"]} == {201}
    assert Action.objects.filter(source="dialler").count() == 1000
    refused = client.post(URL, {"actions": [{}] * 1001})
    assert (refused.status_code, set(refused.json()["errors"])) == (400, {"actions"})
    assert client.post(URL, {"actions": []}).status_code == 400
    assert client.post(URL, {"actions": {"0": row}}).status_code == 400
    assert Action.objects.filter(source="dialler").count() == 1000


def test_rows_share_their_lookups(api, cast, row):
    client = api(cast.ana)
    client.get("/api/v1/")
    with CaptureQueriesContext(connection) as captured:
        client.post(URL, {"actions": [row] * 20})
    reads = [query for query in captured if query["sql"].startswith("SELECT")]
    assert len(reads) <= 16


def test_many_sent_again_are_made_once(api, cast, row):
    client = api(cast.ana)
    key = {"Idempotency-Key": "batch 7"}
    first = client.post(URL, {"actions": [row, row]}, headers=key)
    second = client.post(URL, {"actions": [row, row]}, headers=key)
    assert second.json() == first.json()
    assert Action.objects.filter(source="dialler").count() == 2
