"""Evidence through the task that computes it and the page that leaders read, on Wednesday 15 July 2026."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
import time_machine

from apr.evidence import loading, recording
from apr.evidence.recording import study_due
from apr.evidence.study import answer
from apr.models import Action, ActionType, EvidenceReport
from apr.tasks import study
from benchmarks.worlds import EVERYTHING, WORLDS, simulate
from opportunities.models import LostReason, Obstacle, Opportunity
from opportunities.services.stages import move_stage
from tests.apr.pages import cells, words
from tests.evidence.history import write_history
from tests.factories import (
    ActionFactory,
    AdminFactory,
    AEFactory,
    LeaderFactory,
    OpportunityFactory,
    PMFactory,
    TeamFactory,
    action_type,
    stage,
)

pytestmark = pytest.mark.django_db
PAGE = "/apr/evidence/"
ROWS = "/apr/evidence/rows/"
HOT, TRUE = WORLDS[3], WORLDS[4]


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(datetime(2026, 7, 15, 12, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def admin():
    return AdminFactory()


def _at(day: int, month: int = 6) -> datetime:
    return datetime(2026, month, day, 12, tzinfo=UTC)


def _move(deal: Opportunity, to: str, at: datetime) -> None:
    move_stage(opportunity_id=deal.pk, to_stage=stage(to), by=deal.owner, effective_at=at)


def test_rows_are_the_weeks_at_whose_beginning_a_deal_was_open():
    """Opened Tuesday 2 June, Discovery on Wednesday 17, back on Monday 22, won on Friday 3 July."""
    ana, nora = AEFactory(), PMFactory()
    deal = OpportunityFactory(owner=ana, partner_manager=nora, opened_at=_at(2))
    _move(deal, "Discovery", _at(17))
    _move(deal, "Qualify", _at(22))
    _move(deal, "Won", _at(3, month=7))
    for day, month in [(4, 6), (10, 6), (10, 6), (30, 6)]:
        ActionFactory(actor=ana, opportunity=deal, occurred_at=_at(day, month))
    loaded = loading.load()

    rows = loaded.panel.rows
    mondays = [loaded.dates.start + timedelta(weeks=int(week)) for week in rows.week]
    assert mondays == [date(2026, 6, day) for day in (8, 15, 22, 29)]
    assert [loaded.people[number] for number in rows.owner] == [ana.pk] * 4
    assert [loaded.people[number] for number in rows.manager] == [nora.pk] * 4
    assert rows.stage.tolist() == [stage(name).pk for name in ("Qualify", "Qualify", "Discovery", "Qualify")]
    assert rows.advanced.tolist() == [False, True, False, True]
    assert rows.weeks_in_stage.tolist() == [0, 1, 0, 1]
    assert rows.weeks_open.tolist() == [0, 1, 2, 3]
    assert loaded.panel.counts([0], (1, 2)).tolist() == [1, 3, 2, 0]
    assert loaded.panel.counts([0], (-1,)).tolist() == [0, 0, 1, 0]


def test_what_was_taken_back_or_names_no_deal_is_not_counted():
    ana = AEFactory()
    deal = OpportunityFactory(owner=ana, opened_at=_at(2))
    ActionFactory(actor=ana, occurred_at=_at(10))
    voided = ActionFactory(actor=ana, opportunity=deal, occurred_at=_at(10))
    voided.voided_at, voided.voided_by = _at(11), ana
    voided.save()
    assert len(loading.load().panel.deeds.deal) == 0


def test_an_organisation_without_anything_is_told_that_nobody_can_tell(client, admin):
    study()
    client.force_login(admin)
    said = words(client.get(PAGE))
    assert "Not enough data to tell whether actions precede results." in said
    assert "There are 0 people, 0 weeks and 0 advances." in said


def test_before_the_first_look_the_page_says_when_it_comes(client, admin):
    client.force_login(admin)
    assert "The first look is taken within a day" in words(client.get(PAGE))


@pytest.fixture
def world(monkeypatch):
    """A year in which actions do come first, with 30 people for 30 weeks, in the database."""
    monkeypatch.setattr(loading, "LONGEST", 30)
    panel = simulate(TRUE, 11, people=30, weeks=30)
    people = [AEFactory() for _ in range(30)]
    write_history(panel, people, date(2026, 7, 13) - timedelta(weeks=30))
    return panel, people


def test_what_is_stored_is_what_was_simulated_and_the_page_says_it(client, admin, world):
    panel, _people = world
    expected = answer(panel, EVERYTHING)
    assert study_due() == 1

    found = EvidenceReport.objects.get().findings["headline"]
    assert (found["people"], found["weeks"], found["rows"]) == (30, 30, len(panel.rows))
    assert found["advances"] == expected.advances
    assert found["effect"]["value"] == pytest.approx(expected.effect.value, abs=1e-8)
    assert found["effect"]["error"] == pytest.approx(expected.effect.error, abs=1e-8)
    assert found["placebo"]["value"] == pytest.approx(expected.placebo.value, abs=1e-8)
    assert found["recent"] == pytest.approx(expected.recent, abs=1e-8)

    client.force_login(admin)
    said = words(client.get(PAGE))
    assert "Actions come first: deals that saw recent actions move on more often." in said
    assert "The placebo is clean" in said
    assert "cause" not in said
    table = next(rows for rows in (cells(client.get(PAGE), n) for n in (1,)) if rows)
    assert table[0][:2] == ["Partner manager", "Not enough data"]
    assert table[1][:2] == ["Account executive", "Actions come first"]


def test_a_pipeline_without_actions_is_told_that_there_is_nothing_to_compare(client, admin, world):
    """As after an import of deals alone."""
    Action.objects.all().delete()
    study_due()
    client.force_login(admin)
    said = words(client.get(PAGE))
    assert "Not enough data to tell whether actions precede results." in said
    assert "No action is logged on any of these deals, so there is nothing to compare." in said
    assert "Week by week" not in said
    assert "Looked at more closely" not in said


def test_hot_deals_get_no_interval_anywhere(client, admin, monkeypatch):
    """A clear effect, and a placebo that is as clear: nothing on the page says how sure it is."""
    monkeypatch.setattr(loading, "LONGEST", 30)
    panel = simulate(HOT, 3, people=20, weeks=30)
    write_history(panel, [AEFactory() for _ in range(20)], date(2026, 7, 13) - timedelta(weeks=30))
    study_due()
    headline = EvidenceReport.objects.get().findings["headline"]
    assert (headline["verdict"], headline["recent"] > headline["without"]) == ("both_ways", True)

    client.force_login(admin)
    page = client.get(PAGE)
    said = words(page)
    assert "It goes both ways, or some deals are hot" in said
    assert "The placebo is not clean: how far off this may be cannot be told, so no interval" in said
    assert "anything between" not in said
    assert "This much data shows" not in said
    told = [row for row in cells(page, 1) if row[1] != "Not enough data"]
    assert {row[1] for row in told} == {"Goes both ways or hot deals"}
    assert {row[4] for row in told} == {"–"}


def test_the_figures_of_the_page_open_the_deals_they_count(client, admin, world):
    panel, _people = world
    study_due()
    client.force_login(admin)
    assert len(cells(client.get(ROWS, {"team": 0, "of": "advanced.all"}))) == 100
    count = len(np.unique(panel.rows.deal[panel.rows.advanced]))
    assert words(client.get(ROWS, {"team": 0, "of": "advanced.all"})).count(f"{count:,} deals") == 1
    last = client.get(ROWS, {"team": 0, "of": "advanced.all", "page": 99})
    assert len(cells(last)) == (count - 1) % 100 + 1


def test_a_team_is_judged_by_its_own_people_in_their_days(world):
    _panel, people = world
    lead = LeaderFactory()
    TeamFactory(leaders=[lead], members=people[:16])
    assert study_due() == 2
    whole, part = (report.findings["headline"] for report in EvidenceReport.objects.order_by("team_id"))
    assert (whole["people"], part["people"]) == (30, 16)


def test_nothing_is_computed_again_while_nothing_changed(world):
    study_due()
    first = EvidenceReport.objects.get()
    assert study_due() == 0

    with time_machine.travel(datetime(2026, 7, 16, 12, tzinfo=UTC), tick=False):
        assert study_due() == 1
        same = EvidenceReport.objects.get()
        assert (same.computed_at, same.digest) == (first.computed_at, first.digest)
        assert same.checked_on == date(2026, 7, 16)

    deal = Opportunity.objects.first()
    ActionFactory(actor=deal.owner, opportunity=deal, occurred_at=_at(10))
    with time_machine.travel(datetime(2026, 7, 17, 12, tzinfo=UTC), tick=False):
        study_due()
        assert EvidenceReport.objects.get().digest != first.digest


def test_the_same_data_give_the_same_report(world):
    study_due()
    first = EvidenceReport.objects.get()
    EvidenceReport.objects.all().delete()
    study_due()
    again = EvidenceReport.objects.get()
    assert (again.findings, again.rows, again.digest) == (first.findings, first.rows, first.digest)


def test_what_other_code_found_is_looked_at_again_and_not_shown(client, admin, monkeypatch):
    monkeypatch.setattr(recording, "VERSION", "other")
    assert study_due() == 1
    assert EvidenceReport.objects.get().version == "other"
    client.force_login(admin)
    assert "The first look is taken within a day" in words(client.get(PAGE))
    assert client.get(ROWS, {"team": 0, "of": "deals.all"}).status_code == 404
    monkeypatch.undo()
    assert study_due() == 1
    assert "Not enough data to tell" in words(client.get(PAGE))


@pytest.fixture
def closed():
    """Forty-five deals closed in June: 21 won and 4 lost with a partner manager, 10 of each without; of
    those with one, 20 saw them at the ink. Every deal with one had an obstacle, cleared in 21 of them."""
    ana, nora = AEFactory(), PMFactory()
    for number in range(45):
        deal = OpportunityFactory(owner=ana, partner_manager=nora, opened_at=_at(1))
        if number < 25:
            ActionFactory(
                actor=nora,
                capacity="partner_manager",
                opportunity=deal,
                occurred_at=_at(20 if number < 20 else 4),
            )
            cleared = _at(10) if number < 21 else None
            Obstacle.objects.create(
                opportunity=deal, description="Security", raised_by=ana, raised_at=_at(3),
                cleared_at=cleared, cleared_by=ana if cleared else None,
            )  # fmt: skip
        won = number < 21 or number >= 35
        _close(deal, won=won)
    return ana, nora


def _close(deal: Opportunity, *, won: bool) -> None:
    reason = None if won else LostReason.objects.first()
    move_stage(
        opportunity_id=deal.pk, to_stage=stage("Won" if won else "Lost"), by=deal.owner,
        effective_at=_at(25), lost_reason=reason,
    )  # fmt: skip


def test_win_rates_stand_beside_it_with_their_intervals_and_rows(client, admin, closed):
    study_due()
    client.force_login(admin)
    said = words(client.get(PAGE))
    # 21 of 25 against 10 of 20: Wilson 65 to 94 and 30 to 70; Newcombe for the difference of 34 points
    assert "84% 21 of 25 won · 65% to 94%" in said
    assert "50% 10 of 20 won · 30% to 70%" in said
    assert "A difference of 34 points, between 7 and 56." in said
    # at the ink: 20 of 20 against 11 of 25
    assert "100% 20 of 20 won" in said
    assert "44% 11 of 25 won" in said
    # obstacles: 21 cleared, 4 not: too few to show
    assert "One of the groups has fewer than 20 deals" in said

    with_manager = words(client.get(ROWS, {"team": 0, "of": "involved.with"}))
    assert "25 deals" in with_manager
    assert len(cells(client.get(ROWS, {"team": 0, "of": "involved.without.won"}))) == 10
    assert len(cells(client.get(ROWS, {"team": 0, "of": "cleared.without"}))) == 4


def test_days_in_stage_are_compared_from_the_end_of_the_first_week_on(client, admin):
    """Twenty coached deals leave Qualify after 10 days, twenty others after 24; one of 5 says nothing."""
    ana, nora = AEFactory(), PMFactory()
    for number in range(41):
        deal = OpportunityFactory(owner=ana, partner_manager=nora, opened_at=_at(1))
        if number < 20:
            ActionFactory(
                actor=nora, action_type=action_type("coaching_session"), capacity="coach", counterpart=ana,
                opportunity=deal, occurred_at=_at(4),
            )  # fmt: skip
        _move(deal, "Discovery", _at(11 if number < 20 else 25 if number < 40 else 6))
    study_due()
    kept = EvidenceReport.objects.get().findings["beside"][3]
    # Discovery still runs for all: entered on 11 and 25 June, none coached there within a week
    assert kept["with"] == {**kept["with"], "whole": 20, "moved": 20, "median": 10}
    assert kept["without"]["whole"] == 20 + 41
    assert kept["without"]["moved"] == 20
    assert kept["p"] < 0.001
    client.force_login(admin)
    assert "The two curves differ by more than chance makes" in words(client.get(PAGE))


def test_leaders_read_their_own_teams_only(client):
    mine, other = LeaderFactory(), LeaderFactory()
    top = TeamFactory(name="Sales", leaders=[mine])
    below = TeamFactory(name="Sales North", parent=top, leaders=[LeaderFactory()])
    foreign = TeamFactory(name="Alliances", leaders=[other])
    study_due()
    client.force_login(mine)
    assert "Sales ·" in words(client.get(PAGE))
    assert client.get(PAGE, {"team": below.pk}).status_code == 200
    for team in (foreign.pk, 0, "x", 99_999):
        assert client.get(PAGE, {"team": team}).status_code == 404
        assert client.get(ROWS, {"team": team, "of": "deals.all"}).status_code == 404
    assert client.get(ROWS, {"team": top.pk, "of": "deals.all"}).status_code == 200
    assert client.get(ROWS, {"team": top.pk, "of": "nonsense"}).status_code == 404


def test_others_are_refused_and_who_leads_nobody_is_told(client):
    for person in (AEFactory(), PMFactory()):
        client.force_login(person)
        assert client.get(PAGE).status_code == 403
        assert client.get(ROWS, {"of": "deals.all"}).status_code == 403
    client.force_login(LeaderFactory())
    assert "You lead no team" in words(client.get(PAGE))


def test_deals_that_one_may_not_see_are_counted_and_not_named(client):
    """A leader of partner managers reads of a deal whose partner manager has left it."""
    lead, nora = LeaderFactory(), PMFactory()
    team = TeamFactory(kind="partner", leaders=[lead], members=[nora])
    deal = OpportunityFactory(name="Acme", owner=AEFactory(), partner_manager=nora, opened_at=_at(1))
    study_due()
    client.force_login(lead)
    assert "Acme" in words(client.get(ROWS, {"team": team.pk, "of": "deals.all"}))
    deal.assignments.filter(user=nora).delete()
    said = words(client.get(ROWS, {"team": team.pk, "of": "deals.all"}))
    assert "Acme" not in said
    assert "1 deal of this page is one that you may not see." in said


def test_pages_are_made_with_few_queries(client, admin, closed, django_assert_max_num_queries):
    study_due()
    client.force_login(admin)
    client.get(PAGE)
    with django_assert_max_num_queries(10):
        client.get(PAGE)
    with django_assert_max_num_queries(10):
        client.get(ROWS, {"team": 0, "of": "deals.all"})


def test_retired_kinds_are_not_asked_about(client, admin):
    ActionType.objects.filter(key="webinar").update(is_active=False)
    study_due()
    asked = {one["key"] for one in EvidenceReport.objects.get().findings["family"]}
    assert f"type:{action_type('webinar').pk}" not in asked
    assert f"type:{action_type('email').pk}" in asked
