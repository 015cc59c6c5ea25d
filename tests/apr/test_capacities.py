"""Points by the hat worn, on the page of a person: by hand, under a cap, and adding up to the score."""

from datetime import UTC, datetime

import pytest
import time_machine

from apr.models import PointRule
from tests.apr.pages import cells, words
from tests.factories import ActionFactory, AEFactory, LeaderFactory, PMFactory, TeamFactory, action_type

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(datetime(2026, 9, 15, 18, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def nora():
    """On the 14th three calls, of which the cap of the day takes two: the confirmed one first, then the
    earliest; and a coaching session. On the 10th a call as partner manager."""
    nora, ana = PMFactory(name="Nora Lindqvist"), AEFactory(name="Ana Kovač")
    PointRule.objects.filter(action_type=action_type("call_to")).update(daily_cap=2)

    def call(day, hour, capacity, **fields):
        at = datetime(2026, 9, day, hour, tzinfo=UTC)
        ActionFactory(actor=nora, capacity=capacity, occurred_at=at, **fields)

    call(14, 9, "partner_manager")
    call(14, 10, "account_executive")
    confirmed = {"confirmation": "confirmed", "confirmed_at": datetime(2026, 9, 14, 15, tzinfo=UTC)}
    call(14, 11, "partner_manager", counterpart=ana, **confirmed)
    call(14, 12, "coach", action_type=action_type("coaching_session"), counterpart=ana, customer=None)
    call(10, 9, "partner_manager")
    return nora


def by_capacity(client, path):
    response = client.get(path)
    table = 2  # after those of the chart and by type
    return cells(response, table)


def test_points_by_capacity_by_hand(client, nora):
    client.force_login(nora)
    assert by_capacity(client, "/apr/?period=2026-09") == [
        ["Partner manager", "3", "3", "3", "1"],
        ["Account executive", "1", "1", "0", "0"],
        ["Coach", "1", "2", "2", "0"],
        ["Together", "5", "6", "5", "1"],
    ]


@pytest.mark.parametrize(
    ("capacity", "said"),
    [
        ("partner_manager", "3 actions in September 2026, 3 points."),
        ("account_executive", "1 action in September 2026, 0 points."),
        ("coach", "1 action in September 2026, 2 points."),
    ],
)
def test_each_opens_its_rows_and_they_add_up(client, nora, capacity, said):
    client.force_login(nora)
    assert f"capacity={capacity}" in client.get("/apr/?period=2026-09").text
    page = client.get(f"/apr/people/{nora.pk}/rows/?period=2026-09&capacity={capacity}")
    assert said in words(page)
    rows = cells(page)
    assert sum(int(row[-2]) for row in rows[:-1]) == int(rows[-1][-2])
    assert client.get(f"/apr/people/{nora.pk}/rows/?capacity=nonsense").status_code == 404


def test_who_leads_reads_the_same_within_their_days(client, nora):
    priya, stella = LeaderFactory(), LeaderFactory()
    TeamFactory(leaders=[priya], members=[nora])
    client.force_login(nora)
    own = by_capacity(client, f"/apr/people/{nora.pk}/?period=2026-09")
    client.force_login(priya)
    assert by_capacity(client, f"/apr/people/{nora.pk}/?period=2026-09") == own
    client.force_login(stella)
    assert client.get(f"/apr/people/{nora.pk}/rows/?period=2026-09&capacity=coach").status_code == 404
