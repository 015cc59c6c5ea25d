"""Whether the site holds exactly what it acknowledged, and counts it right."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta

from accounts.models import Organisation, Team, User
from apr.models import Action
from apr.periods import PeriodKind, period_containing
from apr.rollup.audit import audit
from apr.rollup.state import rollup_state
from opportunities.models import Opportunity
from tests.chaos.ledger import Ledger, Logged
from tests.chaos.organisation import Deal, Setting
from tests.chaos.writers import BACK_DATED
from tests.oracle.compare import reckoned, shown
from tests.oracle.dump import dump
from tests.oracle.scores import Oracle


@dataclass
class Verdict:
    """What is missing, there twice, or not as it was acknowledged; each with words to look it up by."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    figures_compared: int = 0


def judge(ledger: Ledger, place: Setting, today: date) -> Verdict:
    """Compares every row with its acknowledgement, and every figure with the oracle and the audit."""
    verdict = Verdict(wrong=[f"refused: {one}" for one in ledger.refused])
    if ledger.given_up:
        verdict.wrong.append(f"{ledger.given_up} requests had no answer at the end")
    _judge_actions(ledger.rows, verdict)
    for person in place.people:
        for deal in person.deals:
            _judge_deal(deal, verdict)
    _judge_figures(today, verdict)
    state, last = rollup_state(), audit()
    if state.marks or state.missing_triggers:
        verdict.wrong.append(f"{state.marks} marks left, triggers missing: {state.missing_triggers}")
    if last.differences:
        verdict.wrong.append(f"the last audit: {last.differences} differences, {last.examples}")
    return verdict


def _judge_actions(rows: list[Logged], verdict: Verdict) -> None:
    found: dict[str, list[Action]] = defaultdict(list)
    for action in Action.objects.all():
        found[action.notes].append(action)
    for row in rows:
        present = found.pop(row.marker, [])
        if len(present) > 1:
            verdict.doubled.append(row.marker)
        elif present:
            verdict.wrong += _differences(row, present[0])
        elif row.acknowledged:
            verdict.lost.append(row.marker)
    verdict.wrong += [f"nobody logged {marker!r}" for marker in found]


def _differences(row: Logged, action: Action) -> list[str]:
    there = {
        "pk": action.pk if row.pk is not None else None,
        "actor": action.actor_id,
        "action_type": action.action_type_id,
        "day": action.occurred_on,
        "counterpart": action.counterpart_id,
        "voided": action.is_voided,
        "confirmation": action.confirmation,
    }
    return [
        f"{row.marker}: {name} is {value}, acknowledged {getattr(row, name)}"
        for name, value in there.items()
        if value != getattr(row, name)
    ]


def _judge_deal(deal: Deal, verdict: Verdict) -> None:
    row = Opportunity.objects.get(pk=deal.pk)
    there = (row.stage_id, row.version, row.stage_changes.count())
    if there != (deal.stage, deal.version, deal.steps):
        verdict.wrong.append(f"{deal}: stage, version and steps are {there}")


def _judge_figures(today: date, verdict: Verdict) -> None:
    """Every week, month and quarter that was written in, of people, teams and the organisation."""
    oracle = Oracle(dump())
    if misdated := oracle.misdated():
        verdict.wrong.append(f"misdated actions: {misdated}")
    subjects: list[User | Team | Organisation] = [*User.objects.all(), *Team.objects.all()]
    days = [today - timedelta(days=n) for n in range(BACK_DATED + 2)]
    for kind in (PeriodKind.WEEK, PeriodKind.MONTH, PeriodKind.QUARTER):
        for period in dict.fromkeys(period_containing(day, kind, 1) for day in days):
            for subject in (*subjects, Organisation.current()):
                verdict.figures_compared += 1
                said, right = shown(subject, period, today), reckoned(oracle, subject, period, today)
                if said != right:
                    verdict.wrong.append(f"{subject} {period}: shown {said}, right {right}")
