"""The page of the forecast, and what changed in the pipeline, on Wednesday 15 July 2026."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine

from apr.evidence.forecast import STEPS, forecast
from apr.evidence.recording import quarter_outlook, study_due
from apr.models import EvidenceReport
from apr.periods import PeriodKind, period_containing
from benchmarks.quarters import PROMISED, STAGES, simulate
from opportunities.models import LostReason, Opportunity, Stage, StageChange
from opportunities.services.details import edit_opportunity
from opportunities.services.stages import move_stage
from tests.apr.pages import cells, words
from tests.factories import AdminFactory, AEFactory, LeaderFactory, OpportunityFactory, TeamFactory, stage

pytestmark = pytest.mark.django_db
PAGE = "/apr/evidence/forecast/"


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(datetime(2026, 7, 15, 12, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def admin():
    return AdminFactory()


def _write(quarters: int) -> None:
    """A simulated history whose last quarter is the one that began on 1 July 2026, up to its second week."""
    steps = simulate(7, quarters=quarters)
    starts = [period_containing(date(2026, 7, 15), PeriodKind.QUARTER)]
    while len(starts) < quarters:
        starts.insert(0, starts[0].previous())
    stages = list(Stage.objects.filter(funnel__is_default=True, kind="open").order_by("position"))[:STAGES]
    places = [*stages, stage("Won"), stage("Lost")]
    deals: dict[int, Opportunity] = {}
    changes = []
    columns = (steps.deal, steps.at, steps.to, steps.amount, steps.closes)
    for number, at, to, amount, closes in zip(*(column.tolist() for column in columns), strict=True):
        day = starts[at // STEPS].start + timedelta(days=7 * (at % STEPS))
        if day > date(2026, 7, 14):
            continue
        noon, place = datetime.combine(day, time(12), UTC), places[to]
        deal = deals.setdefault(
            number, Opportunity(name=f"Deal {number}", funnel=place.funnel, currency="EUR", opened_on=day)
        )
        deal.stage, deal.status, deal.stage_entered_at = place, place.kind, noon
        deal.amount_minor, deal.closed_on = int(amount), day if place.kind != "open" else None
        close = starts[closes].start + timedelta(days=40) if closes < quarters else None
        changes.append(
            StageChange(
                opportunity=deal,
                to_stage=place,
                to_stage_name=place.name,
                to_kind=place.kind,
                probability=round(100 * PROMISED[to]) if to < STAGES else 100,
                amount_minor=int(amount),
                currency="EUR",
                expected_close_on=close,
                effective_at=noon,
                effective_on=day,
                recorded_at=noon,
            )
        )
    Opportunity.objects.bulk_create(deals.values())
    StageChange.objects.bulk_create(changes, 500)


def test_what_is_kept_is_the_forecast_of_what_was_simulated():
    """On 15 July two weeks of the quarter are over, and what they brought is known."""
    _write(12)
    kept = quarter_outlook(None, date(2026, 7, 15))
    steps = simulate(7, quarters=12)
    expected = forecast(steps, 11, 2, first=1)
    assert kept["quarter"] == "2026-Q3"
    assert kept["outlook"]["won"] == expected.won
    assert kept["outlook"]["mean_rule"] == pytest.approx(expected.mean_rule)
    assert kept["outlook"]["weighted_rule"] == pytest.approx(expected.weighted_rule)
    assert kept["outlook"]["value"] == pytest.approx(expected.value)
    assert (kept["outlook"]["low"], kept["outlook"]["high"]) == pytest.approx((expected.low, expected.high))
    assert [one["key"] for one in kept["tested"]] == [
        "2025-Q1",
        "2025-Q2",
        "2025-Q3",
        "2025-Q4",
        "2026-Q1",
        "2026-Q2",
    ]


def test_with_too_short_a_past_the_page_says_why_there_is_none(client, admin):
    _write(8)
    study_due()
    client.force_login(admin)
    said = words(client.get(PAGE))
    assert "No forecast for Q3 2026." in said
    assert "It takes 12 past quarters" in said
    assert "there are 2." in said


def test_a_history_brought_in_today_teaches_nothing(client, admin):
    """What was recorded today was not known then: no past quarter can be tested."""
    _write(24)
    StageChange.objects.update(recorded_at=datetime(2026, 7, 14, 12, tzinfo=UTC))
    study_due()
    client.force_login(admin)
    assert "there are 0." in words(client.get(PAGE))


@pytest.mark.parametrize("is_held", [True, False])
def test_a_forecast_is_said_only_where_the_backtest_holds(client, admin, is_held):
    study_due()
    outlook = {"value": 1.2e8, "low": 0.9e8, "high": 1.5e8, "won": 2e7, "taught_by": 12, "mean_rule": 9e7,
               "weighted_rule": 2e8}  # fmt: skip
    actual = [1.1e8] * 10 + [1.6e8] * 2 if is_held else [1.1e8] * 3 + [9e8] * 9
    tested = [
        {"quarter": n, "key": "2026-Q2", "outlook": outlook, "actual": won} for n, won in enumerate(actual)
    ]
    kept = {"quarter": "2026-Q3", "currency": "EUR", "unpriced": 0, "outlook": outlook, "tested": tested}
    EvidenceReport.objects.update(forecast=kept)
    client.force_login(admin)
    said = words(client.get(PAGE))
    if is_held:
        assert "Q3 2026 should win €1,200k, between €900k and €1,500k." in said
        assert "the interval held 10 times" in said
    else:
        assert "No forecast for Q3 2026." in said
        assert "In 12 past quarters the interval held 3 times, where 80% would be honest." in said
    kept["quarter"] = "2026-Q2"
    EvidenceReport.objects.update(forecast=kept)
    said = words(client.get(PAGE))
    assert "No forecast for Q3 2026." in said
    assert "No look was taken at it yet." in said


def _deal(name: str, owner, to: str = "Qualify", opened: datetime = datetime(2026, 6, 1, 12, tzinfo=UTC)):
    with time_machine.travel(opened, tick=False):
        return OpportunityFactory(
            name=name, owner=owner, stage=stage(to), opened_at=opened, expected_close_on=date(2026, 8, 1)
        )


@pytest.fixture
def changed(admin):
    """One deal for each change since 1 July, one with three, one with none."""
    ana = AEFactory(name="Ana")
    at = datetime(2026, 7, 10, 12, tzinfo=UTC)
    _deal("Still", ana)
    _deal("New", ana, opened=datetime(2026, 7, 3, 12, tzinfo=UTC))
    for name, to in [("Gained", "Won"), ("Gone", "Lost"), ("Ahead", "Discovery"), ("Thrice", "Discovery")]:
        reason = LostReason.objects.first() if to == "Lost" else None
        move_stage(
            opportunity_id=_deal(name, ana).pk,
            to_stage=stage(to),
            by=ana,
            effective_at=at,
            lost_reason=reason,
        )
    thrice = Opportunity.objects.get(name="Thrice")
    edit_opportunity(
        opportunity_id=thrice.pk, by=ana, version=None, amount_minor=60_000,
        expected_close_on=date(2026, 9, 30),
    )  # fmt: skip
    return ana


def _names(response) -> list[str]:
    return [row[0] for row in cells(response, 1)]


def test_changes_since_a_day_open_their_deals(client, admin, changed):
    client.force_login(admin)
    page = client.get(PAGE, {"since": "2026-07-01"})
    found = {row[0].split()[0]: row[1:] for row in cells(page)}
    assert found == {
        "Won": ["1", "€1,000"],
        "Lost": ["1", "€1,000"],
        "Added": ["1", "€1,000"],
        "Progressed": ["2", "€1,600"],
        "Pushed": ["1", "€600"],
        "Shrunk": ["1", "€600"],
    }
    opened = {
        kind: _names(client.get(PAGE, {"since": "2026-07-01", "of": f"change.{kind}"}))
        for kind in ("won", "lost", "added", "progressed", "pushed", "shrunk")
    }
    assert opened == {
        "won": ["Gained"], "lost": ["Gone"], "added": ["New"], "progressed": ["Ahead", "Thrice"],
        "pushed": ["Thrice"], "shrunk": ["Thrice"],
    }  # fmt: skip


def test_what_was_recorded_after_the_day_was_not_there_before_it(client, admin):
    """A deal said on 10 July to have been open since June was added to the pipeline on 10 July."""
    ana = AEFactory()
    deal = _deal("Late", ana)
    StageChange.objects.filter(opportunity=deal).update(recorded_at=datetime(2026, 7, 10, 12, tzinfo=UTC))
    client.force_login(admin)
    assert _names(client.get(PAGE, {"since": "2026-07-01", "of": "change.added"})) == ["Late"]


def test_commit_best_case_and_pipeline_stand_beside_it_and_open(client, admin):
    ana = AEFactory()
    for name in ("Qualify", "Proposal", "Negotiation"):
        _deal(name, ana, to=name)
    later = _deal("Next quarter", ana, to="Negotiation")
    Opportunity.objects.filter(pk=later.pk).update(expected_close_on=date(2026, 10, 1))
    client.force_login(admin)
    opened = {
        category: _names(client.get(PAGE, {"of": category}))
        for category in ("commit", "best_case", "pipeline")
    }
    by_category = {"commit": [], "best_case": [], "pipeline": []}
    for name in ("Qualify", "Proposal", "Negotiation"):
        by_category[stage(name).forecast_category].append(name)
    assert opened == by_category
    assert "€1,000 1 deal" in words(client.get(PAGE))


@pytest.mark.parametrize("typed", ["yesterday", "2026-02-30", "2999-01-01", "0001-01-01"])
def test_a_day_that_cannot_be_is_said(client, admin, typed):
    client.force_login(admin)
    page = client.get(PAGE, {"since": typed})
    assert page.status_code == 200
    assert 'role="alert"' in page.content.decode()
    assert "What changed since 17 Jun 2026" in words(page)


def test_leaders_see_their_own_and_others_nothing(client, changed):
    client.force_login(changed)
    assert client.get(PAGE).status_code == 403
    lead = LeaderFactory()
    team = TeamFactory(leaders=[lead], members=[AEFactory()])
    client.force_login(lead)
    assert {row[1] for row in cells(client.get(PAGE))} == {"0"}
    assert client.get(PAGE, {"team": 0}).status_code == 404
    assert client.get(PAGE, {"team": team.pk, "of": "everything"}).status_code == 404
    own = TeamFactory(leaders=[lead], members=[changed])
    assert len(_names(client.get(PAGE, {"team": own.pk, "since": "2026-07-01", "of": "change.won"}))) == 1


def test_the_page_is_made_with_few_queries(client, admin, changed, django_assert_max_num_queries):
    client.force_login(admin)
    client.get(PAGE)
    with django_assert_max_num_queries(16):
        client.get(PAGE, {"since": "2026-07-01", "of": "change.progressed"})
