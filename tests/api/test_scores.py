"""Figures worked out by hand on a tiny organisation: the API says the same."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from accounts.models import Membership
from apr.models import Target
from apr.services.actions import answer_action, void_action
from apr.services.closing import ask_to_close, work_on_closings
from foundation.money import Money
from opportunities.models import InvolvementKind, LostReason
from opportunities.services.details import open_opportunity
from opportunities.services.stages import move_stage
from tests.factories import (
    ActionFactory,
    AdminFactory,
    AEFactory,
    CustomerFactory,
    LeaderFactory,
    PartnerFactory,
    PMFactory,
    TargetFactory,
    TeamFactory,
    action_type,
    stage,
)

# Tuesday 15 September 2026. September has 22 working days, 10 of them before today.
NOW = datetime(2026, 9, 15, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def nora():
    with time_machine.travel(NOW, tick=False):
        yield PMFactory(name="Nora")


@pytest.fixture
def ana(nora):
    ana = AEFactory(name="Ana")
    TeamFactory(name="North", leaders=[LeaderFactory(name="Lea")], members=[nora, ana])
    return ana


def log(actor, key, day, **more):
    when = datetime(2026, 9, day, 9, tzinfo=UTC)
    return ActionFactory(actor=actor, action_type=action_type(key), occurred_at=when, **more)


@pytest.fixture
def september(nora, ana):
    """Nora: two coachings (2 + 2, one confirmed), a meeting (3), a call (1) voided, a call (1) disputed."""
    confirmed = log(nora, "coaching_session", 1, counterpart=ana, capacity="coach", customer=None)
    log(nora, "coaching_session", 2, counterpart=ana, capacity="coach", customer=None)
    log(nora, "face_to_face", 14)
    voided = log(nora, "call_to", 14)
    disputed = log(nora, "call_to", 15, counterpart=ana)
    answer_action(action_id=confirmed.pk, by=ana, answer="confirmed")
    answer_action(action_id=disputed.pk, by=ana, answer="disputed", note="Not me")
    void_action(action_id=voided.pk, by=nora)
    log(nora, "face_to_face", 1, notes="")
    # August does not count in September.
    ActionFactory(actor=nora, occurred_at=datetime(2026, 8, 31, 9, tzinfo=UTC))
    TargetFactory(user=nora, value=44)


def get(api, person, path, subject, period):
    return api(person).get(f"/api/v1/{path}/", {"subject": subject, "period": period})


def test_a_score(api, nora, september):
    answer = get(api, nora, "scores", f"user:{nora.pk}", "2026-09")
    assert answer.status_code == 200
    score = answer.json()
    types = {name: str(action_type(name).pk) for name in ("coaching_session", "face_to_face", "call_to")}
    by_type = {row["action_type"]: row for row in score.pop("by_type")}
    assert by_type == {
        types["coaching_session"]: {
            "action_type": types["coaching_session"],
            "count": 2,
            "raw_points": 4,
            "counted_points": 4,
        },
        types["face_to_face"]: {
            "action_type": types["face_to_face"],
            "count": 2,
            "raw_points": 6,
            "counted_points": 6,
        },
        types["call_to"]: {
            "action_type": types["call_to"],
            "count": 1,
            "raw_points": 1,
            "counted_points": 0,
        },
    }
    score.pop("pending_changes")
    assert score.pop("known") is None
    # 44 in 22 working days are 2 a day: 20 by yesterday. 10 of 20 is half; 10 of 44 is 0.2273.
    assert score == {
        "subject": f"user:{nora.pk}",
        "period": {"key": "2026-09", "start": "2026-09-01", "end": "2026-10-01"},
        "raw_points": 11,
        "counted_points": 10,
        "confirmed_points": 2,
        "target": 44.0,
        "expected_to_date": 20.0,
        "attainment": 0.2273,
        "pace": 0.5,
        "status": "behind",
    }


def test_the_rows_add_up_to_the_score(api, nora, september):
    rows = get(api, nora, "scores/rows", f"user:{nora.pk}", "2026-09").json()["results"]
    assert len(rows) == 5
    assert [sum(row[f"{kind}_points"] for row in rows) for kind in ("raw", "counted", "confirmed")] == [
        11,
        10,
        2,
    ]


def test_a_team_s_score_is_the_sum_of_its_members(api, nora, ana, september):
    log(ana, "call_to", 3)
    lea = ana.memberships.get().team.leaders.get()
    team = ana.memberships.get().team
    score = get(api, lea, "scores", f"team:{team.pk}", "2026-Q3").json()
    # Nora's call of 31 August (1) is in the quarter; Ana adds 1.
    assert (score["raw_points"], score["counted_points"], score["confirmed_points"]) == (13, 12, 2)
    assert score["subject"] == f"team:{team.pk}"
    rows = get(api, lea, "scores/rows", f"team:{team.pk}", "2026-Q3").json()["results"]
    assert sum(row["counted_points"] for row in rows) == 12


def test_without_a_target_there_is_no_verdict(api, ana):
    score = get(api, ana, "scores", f"user:{ana.pk}", "2026-W37").json()
    assert (score["target"], score["attainment"], score["pace"]) == (None, None, None)
    assert (score["status"], score["counted_points"], score["by_type"]) == ("no_target", 0, [])
    assert score["period"] == {"key": "2026-W37", "start": "2026-09-07", "end": "2026-09-14"}


def test_results(api, nora, ana):
    partner = PartnerFactory(managers=[nora])

    def deal(name, amount, partners):
        return open_opportunity(
            name=name,
            stage=stage("Qualify"),
            customer=CustomerFactory(),
            amount=Money(amount, "EUR"),
            opened_at=datetime(2026, 8, 3, 9, tzinfo=UTC),
            owner=ana,
            partner_manager=nora,
            partners=partners,
            by=None,
        )

    def close(made, name, **more):
        to = stage(name)
        by = ana
        move_stage(opportunity_id=made.pk, to_stage=to, by=by, **more)

    close(deal("Sourced", 100_050, [(partner, InvolvementKind.SOURCED)]), "Won")
    close(deal("Influenced", 20_000, [(partner, InvolvementKind.INFLUENCED)]), "Won")
    close(deal("Alone", 5_000, []), "Won")
    close(deal("Gone", 7_000, []), "Lost", lost_reason=LostReason.objects.get(name="Price"))
    deal("Still open", 1_000, [(partner, InvolvementKind.SOURCED)])
    TargetFactory(user=ana, metric="won_amount", period_kind="quarter", value=250_100)
    TargetFactory(user=ana, metric="win_rate", period_kind="quarter", value=6_000)

    results = get(api, ana, "results", f"user:{ana.pk}", "2026-Q3").json()
    # Won: 1,000.50 + 200.00 + 50.00 = 1,250.50, which is half of 2,501.00; three of four closed deals.
    assert results["won"]["amount"] == {"amount": "1250.50", "currency": "EUR"}
    assert results["won"]["count"] == 3
    assert results["won"]["target"] == {"amount": "2501.00", "currency": "EUR"}
    assert results["won"]["attainment"] == 0.5
    assert results["pipeline_created"]["amount"] == {"amount": "1330.50", "currency": "EUR"}
    assert results["sourced_won"]["count"] == 0
    rate = results["win_rate"]
    assert (rate["rate"], rate["wins"], rate["losses"]) == (0.75, 3, 1)
    assert (rate["target"], rate["attainment"]) == (0.6, 1.25)
    assert results["missing_rates"] == []

    of_nora = get(api, nora, "results", f"user:{nora.pk}", "2026-Q3").json()
    assert of_nora["sourced_won"]["amount"] == {"amount": "1000.50", "currency": "EUR"}
    assert of_nora["influenced_won"]["amount"] == {"amount": "200.00", "currency": "EUR"}
    assert of_nora["won"]["count"] == 0


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"subject": "user:1"},
        {"period": "2026"},
        {"subject": "user:x", "period": "2026"},
        {"subject": "role:leader", "period": "2026"},
        {"subject": "user:{me}", "period": "2026-Q5"},
        {"subject": "user:{me}", "period": "2026-13"},
        {"subject": "user:{me}", "period": "2026-W60"},
        {"subject": "user:{me}", "period": "9999"},
        {"subject": "user:{me}", "period": "now"},
        {"subject": "user:{me}", "period": "2026", "team": "1"},
    ],
)
def test_what_cannot_be_asked(api, ana, query):
    query = {name: value.replace("{me}", str(ana.pk)) for name, value in query.items()}
    for path in ("scores", "scores/rows", "results"):
        answer = api(ana).get(f"/api/v1/{path}/", query)
        assert answer.status_code == 400, answer.json()
        assert answer.json()["errors"]


def test_targets_speak_the_unit_of_their_metric(api, ana):
    client = api(AdminFactory())
    base = {
        "subject": f"user:{ana.pk}",
        "period_kind": "quarter",
        "effective_from": "2026-10-01",
        "why": "Grow",
    }
    for metric, value, kept in [
        ("apr_points", 180, 180),
        ("category_points:coaching", 20, 20),
        ("action_count:face_to_face", 12, 12),
        ("won_amount", {"amount": "250000.00", "currency": "EUR"}, 25_000_000),
        ("win_rate", 0.35, 3_500),
    ]:
        made = client.post("/api/v1/targets/", {**base, "metric": metric, "value": value})
        assert made.status_code == 201, made.json()
        assert (made.json()["metric"], made.json()["value"]) == (metric, value)
        assert Target.objects.get(pk=made.json()["id"]).value == kept
    for metric, value in [
        ("apr_points", 1.5),
        ("apr_points", {"amount": "1", "currency": "EUR"}),
        ("won_amount", 5),
        ("won_amount", {"amount": "5.00", "currency": "USD"}),
        ("win_rate", 1.01),
        ("win_rate", "lots"),
    ]:
        refused = client.post("/api/v1/targets/", {**base, "metric": metric, "value": value})
        assert (refused.status_code, set(refused.json()["errors"])) == (400, {"value"}), (metric, value)
    for metric in ("points", "category_points", "category_points:sport", "apr_points:x", 5):
        refused = client.post("/api/v1/targets/", {**base, "metric": metric, "value": 1})
        assert (refused.status_code, set(refused.json()["errors"])) == (400, {"metric"}), metric


def test_a_rule_never_changes_the_past(api, ana):
    client = api(AdminFactory())
    kind = str(action_type("call_to").pk)
    for day, expected in [("2026-09-14", 400), ("2026-09-15", 201), ("2026-10-01", 201)]:
        answer = client.post(
            "/api/v1/point-rules/", {"action_type": kind, "points": 5, "effective_from": day}
        )
        assert answer.status_code == expected
    assert date.fromisoformat(answer.json()["effective_from"]) == date(2026, 10, 1)


def test_a_leader_reads_only_the_days_of_the_team(api, ana, september):
    """Ana leaves on 10 September: her call of the 3rd is her leader's to read, that of the 14th is not."""
    log(ana, "call_to", 3)
    log(ana, "call_to", 14)
    membership = ana.memberships.get()
    Membership.objects.filter(pk=membership.pk).update(ends_on=date(2026, 9, 10))
    lea, subject = membership.team.leaders.get(), f"user:{ana.pk}"
    assert get(api, ana, "scores", subject, "2026-09").json()["counted_points"] == 2
    assert get(api, lea, "scores", subject, "2026-09").json()["counted_points"] == 1
    rows = get(api, lea, "scores/rows", subject, "2026-09").json()["results"]
    assert [row["occurred_on"] for row in rows] == ["2026-09-03"]
    assert get(api, lea, "results", subject, "2026-09").status_code == 200


def test_a_closed_period_also_says_what_was_known(api, nora, september):
    with time_machine.travel(datetime(2026, 10, 3, 9, tzinfo=UTC), tick=False):
        closing = ask_to_close(key="2026-09", by=AdminFactory())
        work_on_closings()
        log(nora, "webinar", 21)
        score = get(api, nora, "scores", f"user:{nora.pk}", "2026-09").json()
        results = get(api, nora, "results", f"user:{nora.pk}", "2026-09").json()
    assert (score["counted_points"], score["attainment"]) == (12, 0.2727)
    known = score["known"]
    call = str(action_type("call_to").pk)
    by_type = {row["action_type"]: row for row in known.pop("by_type")}
    assert by_type[call] == {"action_type": call, "count": 1, "raw_points": 1, "counted_points": 0}
    assert known == {
        "closed_at": "2026-10-03T09:00:00Z",
        "closed_by": str(closing.closed_by_id),
        "raw_points": 11,
        "counted_points": 10,
        "confirmed_points": 2,
        "target": 44.0,
        "expected_to_date": 44.0,
        "attainment": 0.2273,
        "status": "behind",
    }
    assert results["known"]["won"] == {
        "amount": {"amount": "0.00", "currency": "EUR"},
        "count": 0,
        "target": None,
        "attainment": None,
    }
    assert results["known"]["win_rate"] == {"rate": None, "wins": 0, "losses": 0, "target": None}
