"""The drain, the rebuild and the audit as operators and workers run them."""

from datetime import UTC, date, datetime
from io import StringIO

import pytest
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection

from apr import tasks
from apr.models import Audit, DayTally, DealCredit, PeriodScore, StaleDay, StaleMark
from apr.periods import parse_period
from apr.rollup import drain as drain_module
from apr.rollup.drain import MARKS, drain
from apr.rollup.state import rollup_state
from apr.rollup.triggers import triggers
from apr.scorecards import person_score, results
from opportunities.models import Opportunity
from partnerhub.schedule import SCHEDULE
from tests.factories import ActionFactory, AEFactory, OpportunityFactory

pytestmark = pytest.mark.django_db
SEPTEMBER, TODAY = parse_period("2026-09"), date(2026, 9, 15)


@pytest.fixture
def ana():
    """Somebody with two calls, worth a point each, and a deal of EUR 1,000 won on the 10th."""
    drain()
    ana = AEFactory()
    ActionFactory.create_batch(2, actor=ana, occurred_at=datetime(2026, 9, 14, 12, tzinfo=UTC))
    deal = OpportunityFactory(owner=ana)
    Opportunity.objects.filter(pk=deal.pk).update(status="won", closed_on=date(2026, 9, 10))
    return ana


def marks() -> list[StaleMark]:
    return [mark for model in MARKS for mark in model._default_manager.all()]


def stored_points(person) -> int:
    return sum(PeriodScore.objects.filter(user=person, unit="month").values_list("counted", flat=True))


def run(command: str) -> str:
    out = StringIO()
    call_command(command, stdout=out)
    return out.getvalue()


def test_the_tick_brings_scores_up_to_date(ana):
    assert stored_points(ana) == 0
    tasks.drain()
    assert (stored_points(ana), marks()) == (2, [])
    assert DealCredit.objects.get(user=ana, kind="won").reporting_minor == 100_000


def test_the_ticks_are_in_the_timetable():
    queues = {entry["task"]: entry["options"]["queue"] for entry in SCHEDULE.values()}
    assert (queues[tasks.drain.name], queues[tasks.audit.name]) == ("rollup", "analysis")


def test_a_shard_that_fails_does_not_keep_the_others_waiting(ana, monkeypatch):
    original, broken = drain_module.drain_shard, ana.pk % 16

    def failing(number):
        if number == broken:
            raise IntegrityError("broken")
        return original(number)

    bob = AEFactory()
    ActionFactory(actor=bob, occurred_at=datetime(2026, 9, 14, 12, tzinfo=UTC))
    monkeypatch.setattr(drain_module, "drain_shard", failing)
    with pytest.raises(ExceptionGroup, match="shard"):
        tasks.drain()
    assert (stored_points(bob), stored_points(ana)) == (1, 0)
    assert {mark.shard for mark in marks()} == {broken}


def test_the_command_says_how_much_it_did(ana):
    waiting = len(marks())
    assert run("drain") == f"{waiting} marks digested\n"
    assert run("drain") == "0 marks digested\n"


def test_a_wrong_figure_is_found_marked_and_mended(ana):
    drain()
    DayTally.objects.filter(user=ana).update(count=7)
    PeriodScore.objects.filter(user=ana, unit="week").update(counted=70)
    DealCredit.objects.filter(user=ana, kind="won").delete()
    with pytest.raises(CommandError, match="figures differ"):
        run("audit_scores")
    assert Audit.objects.get().differences == 3 + PeriodScore.objects.filter(user=ana, unit="month").count()
    run("drain")
    assert "are right" in run("audit_scores")
    assert person_score(ana, SEPTEMBER, today=TODAY).counted_points == 2


def test_the_audit_says_nothing_of_what_is_marked(ana):
    assert "are right" in run("audit_scores")
    drain()
    ActionFactory(actor=ana, occurred_at=datetime(2026, 9, 14, 13, tzinfo=UTC))
    assert "are right" in run("audit_scores")


def test_a_rebuild_needs_no_marks(ana):
    for model in MARKS:
        model._default_manager.all().delete()
    assert person_score(ana, SEPTEMBER, today=TODAY).counted_points == 0
    assert run("rebuild_scores").startswith("Rebuilt in ")
    assert person_score(ana, SEPTEMBER, today=TODAY).counted_points == 2
    assert results(ana, SEPTEMBER, today=TODAY).won.amount.minor == 100_000
    assert "are right" in run("audit_scores")


def test_operators_see_how_it_is(ana):
    state = rollup_state()
    assert state.marks == len(marks())
    assert state.oldest_mark_at == min(mark.marked_at for mark in marks())
    drain()
    run("audit_scores")
    state = rollup_state()
    assert (state.marks, state.oldest_mark_at, state.differences, state.missing_triggers) == (0, None, 0, [])


def test_a_missing_trigger_is_told_by_the_system_check():
    assert run_checks(databases=["default"], tags=["database"]) == []
    trigger = triggers()[0]
    on = f" ON {trigger.table}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {trigger.name}{on}")
    (warning,) = run_checks(databases=["default"], tags=["database"])
    assert trigger.name in warning.msg
    assert rollup_state().missing_triggers == [trigger.name]
    assert StaleDay.objects.count() == 0
