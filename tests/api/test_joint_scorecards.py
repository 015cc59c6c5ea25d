"""The joint scorecard in the API: the same figures as by hand, and the rows that add up to them."""

from datetime import date

import pytest
import time_machine

from accounts.models import Membership
from tests.apr.joint.world import act, at, coach, deal, move, promise, stages
from tests.factories import AEFactory, LeaderFactory, PMFactory, TargetFactory, TeamFactory


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel(at(9, 15), tick=False):
        yield


@pytest.fixture
def pair(db):
    """PM: 0 of 1 visits, 1 of 2 promises, 1 of 1 session. AE: 1 of 1 documented, 0 of 1 in time, 0 of 1."""
    nora, ana = PMFactory(name="Nora"), AEFactory(name="Ana")
    stages(Qualify=5)
    TargetFactory(
        user=nora, metric="action_count", metric_key="coaching_session", value=1, period_kind="quarter"
    )
    one = deal(nora, ana, at(7, 1))
    act(ana, "account_executive", at(9, 14), one)
    coach(nora, ana, at(8, 1))
    promise(nora, ana, date(2026, 8, 1), one, "kept")
    promise(nora, ana, date(2026, 8, 2), one, "broken")
    return nora, ana, one


def get(api, who, pair, path="", **more):
    query = {"partner_manager": pair[0].pk, "account_executive": pair[1].pk, "period": "2026-Q3", **more}
    return api(who).get(f"/api/v1/joint-scorecards/{path}", query)


def test_the_scorecard_of_a_pair(api, pair):
    nora, ana, _one = pair
    card = get(api, ana, pair).json()
    assert card["sides"]["partner_manager"]["score"] == 50
    assert card["sides"]["account_executive"]["score"] == 33.3333
    assert card["joint_score"] == 40.8248  # √(5000/3)
    found = {c["key"]: (c["numerator"], c["denominator"], c["ratio"])
             for side in card["sides"].values() for c in side["components"]}  # fmt: skip
    assert found == {
        "involvement": (0, 1, 0),
        "at_the_ink": (0, 0, None),
        "obstacles": (0, 0, None),
        "coaching": (1, 1, 1),
        "pm_commitments": (1, 2, 0.5),
        "documented": (1, 1, 1),
        "moving": (0, 1, 0),
        "obstacles_raised_in_time": (0, 1, 0),
        "follow_through": (0, 0, None),
        "ae_commitments": (0, 0, None),
    }
    assert card["shared_opportunities"] == 1
    assert card["outcomes"]["pipeline"] == {
        "count": 1, "amount": {"amount": "1000.00", "currency": "EUR"}, "missing_rates": [],
    }  # fmt: skip
    assert (card["outcomes"]["won"]["count"], card["outcomes"]["win_rate"]) == (0, None)
    assert card["period"] == {"key": "2026-Q3", "start": "2026-07-01", "end": "2026-10-01"}
    assert (card["partner_manager"], card["account_executive"]) == (str(nora.pk), str(ana.pk))


def test_both_leaders_read_the_same_figures(api, pair):
    nora, ana, _one = pair
    priya, lars = LeaderFactory(name="Priya"), LeaderFactory(name="Lars")
    TeamFactory(leaders=[priya], members=[nora], kind="partner")
    TeamFactory(leaders=[lars], members=[ana])
    cards = [get(api, who, pair).json() for who in (nora, ana, priya, lars)]
    assert all(card == cards[0] for card in cards)
    Membership.objects.filter(user=nora).update(ends_on=date(2026, 7, 1))
    assert get(api, priya, pair).status_code == 404
    assert get(api, priya, pair, period="2026-Q2").status_code == 200


def test_the_rows_add_up_to_the_component(api, pair):
    nora, ana, one = pair
    rows = get(api, ana, pair, "rows/", component="pm_commitments").json()
    assert (rows["next"], rows["previous"]) == (None, None)
    assert [(row["state"], row["day"], row["opportunity"]) for row in rows["results"]] == [
        ("done", "2026-08-01", str(one.pk)),
        ("missed", "2026-08-02", str(one.pk)),
    ]
    (visit,) = get(api, ana, pair, "rows/", component="involvement").json()["results"]
    assert (visit["state"], visit["stage"], visit["starts_on"], visit["ends_on"]) == (
        "open", "Qualify", "2026-07-01", None,
    )  # fmt: skip
    (session,) = get(api, nora, pair, "rows/", component="coaching").json()["results"]
    assert session["action"] is not None


def test_rows_come_in_pages(api, pair):
    nora, ana, _one = pair
    for _ in range(3):
        move(deal(nora, ana, at(7, 1)), "Won", at(8, 1))
    first = get(api, ana, pair, "rows/", component="documented", page_size=3).json()
    assert (len(first["results"]), first["previous"]) == (3, None)
    second = api(ana).get(first["next"]).json()
    assert (len(second["results"]), second["next"]) == (1, None)
    assert api(ana).get(second["previous"]).json() == first
    for wrong in (
        {"cursor": "x"},
        {"cursor": "99"},
        {"page_size": "0"},
        {"component": "luck"},
        {"color": "red"},
    ):
        query = {"component": "documented", **wrong}
        assert get(api, ana, pair, "rows/", **query).status_code == 400


def test_a_leader_sees_states_of_what_is_not_theirs_to_see(api, pair):
    """A promise on a deal of others: Lars counts it, but reads nothing of it."""
    nora, ana, _one = pair
    lars = LeaderFactory(name="Lars")
    TeamFactory(leaders=[lars], members=[ana])
    promise(nora, ana, date(2026, 8, 3), deal(nora, None, at(7, 1)), "kept")
    mine = get(api, ana, pair, "rows/", component="pm_commitments").json()["results"]
    his = get(api, lars, pair, "rows/", component="pm_commitments").json()["results"]
    assert [row["state"] for row in his] == [row["state"] for row in mine] == ["done", "missed", "done"]
    assert [row["commitment"] is None for row in his] == [False, False, True]
    assert mine[2]["commitment"] is not None
