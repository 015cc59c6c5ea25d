"""Pages that hold still while rows are made, and lists that cost the same however long they are."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.api.test_contract import KEYS
from tests.factories import (
    ActionFactory,
    AEFactory,
    CommitmentFactory,
    CustomerFactory,
    ObstacleFactory,
    OpportunityFactory,
    PartnerFactory,
    TargetFactory,
    TeamFactory,
)


def walk(client, url):
    """Every row of a list, by following next; and the pages again, by following previous."""
    forward, backward = [], []
    while url:
        page = client.get(url).json()
        forward.append([row["id"] for row in page["results"]])
        last, url = url, page["next"]
    while last:
        page = client.get(last).json()
        backward.append([row["id"] for row in page["results"]])
        last = page["previous"]
    return forward, backward


def test_pages_have_every_row_once_both_ways(api, cast):
    for _ in range(7):
        CustomerFactory()
    forward, backward = walk(api(cast.ana), "/api/v1/customers/?page_size=3")
    ids = [pk for page in forward for pk in page]
    assert [len(page) for page in forward] == [3, 3, 2]
    assert ids == sorted(set(ids), key=int)
    assert backward == forward[::-1]


def test_rows_that_are_made_meanwhile_move_nothing(api, cast):
    before = [str(CustomerFactory().pk) for _ in range(5)]
    client = api(cast.ana)
    page = client.get("/api/v1/customers/?page_size=2").json()
    seen = [row["id"] for row in page["results"]]
    while page["next"]:
        made = str(CustomerFactory().pk) if len(seen) < 6 else None
        page = client.get(page["next"]).json()
        seen += [row["id"] for row in page["results"]]
        before += [made] if made else []
    assert len(seen) == len(set(seen))
    assert set(before) <= set(seen)


def test_page_sizes(api, cast):
    for _ in range(60):
        CustomerFactory()
    client = api(cast.ana)
    sizes = {
        size: len(client.get("/api/v1/customers/", {"page_size": size} if size else {}).json()["results"])
        for size in ("", "1", "61", "200", "1000")
    }
    assert sizes == {"": 50, "1": 1, "61": 61, "200": 61, "1000": 61}


def test_updated_since_finds_what_was_made_and_what_was_changed(api, cast):
    client = api(cast.ana)

    def new(name, since):
        answer = client.get(f"/api/v1/{name}/", {"updated_since": since})
        assert answer.status_code == 200, answer.json()
        return [row["id"] for row in answer.json()["results"]]

    rows = {"actions": cast.action, "commitments": cast.commitment, "obstacles": cast.obstacle}
    since = timezone.now().isoformat()
    assert [new(name, since) for name in rows] == [[], [], []]
    client.post(f"/api/v1/actions/{cast.action.pk}/void/")
    client.post(f"/api/v1/commitments/{cast.commitment.pk}/settle/", {"outcome": "kept"})
    client.post(f"/api/v1/obstacles/{cast.obstacle.pk}/clear/")
    assert [new(name, since) for name in rows] == [[str(row.pk)] for row in rows.values()]
    since = timezone.now().isoformat()
    client.patch(
        f"/api/v1/opportunities/{cast.deal.pk}/", {"owner": str(cast.sam.pk)}, headers={"If-Match": "*"}
    )
    assert new("opportunities", since) == [str(cast.deal.pk)]
    assert len(new("assignments", since)) == 2  # one ended, one began
    for name in ("customers", "partners", "partner-contacts", "memberships", "stage-changes"):
        assert new(name, since) == []


def grow(cast):
    """More of everything, on more people and deals."""
    for _ in range(4):
        person = AEFactory()
        TeamFactory(leaders=[person], members=[AEFactory()])
        partner = PartnerFactory(managers=[cast.nora, person])
        deal = OpportunityFactory(owner=cast.ana, partner_manager=cast.nora, partners=[(partner, "co_sell")])
        ActionFactory(actor=cast.ana, opportunity=deal, counterpart=cast.nora, partner=partner)
        ObstacleFactory(opportunity=deal, raised_by=person)
        CommitmentFactory(opportunity=deal, made_by=cast.ana)
        TargetFactory(user=person)


def queries(client, url):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        answer = client.get(url)
    assert answer.status_code == 200, answer.content
    return len(captured), len(answer.json()["results"])


@pytest.mark.parametrize("person", ["ada", "lea"])
@pytest.mark.parametrize("name", [*KEYS, "scores/rows"])
def test_a_list_costs_the_same_however_long(api, cast, name, person):
    client = api(getattr(cast, person))
    query = f"?subject=user:{cast.ana.pk}&period=2026" if name == "scores/rows" else ""
    client.get(f"/api/v1/{name}/{query}")  # the day of the token's last use is written
    few, rows_before = queries(client, f"/api/v1/{name}/{query}")
    grow(cast)
    many, rows_after = queries(client, f"/api/v1/{name}/{query}")
    assert rows_after >= rows_before
    assert many <= few + (2 if name == "scores/rows" and not rows_before else 0)
    assert many <= 15
