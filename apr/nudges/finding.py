"""What needs a person at this moment, for everybody at once: so many queries, however many deals there are.

Whoever is told is on the deal, made or got the promise, was asked to clear the obstacle, or is the person
whose pace or word it is; both sides of a deal are told from the same facts.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import groupby

from django.db.models import Exists, OuterRef, Q

from accounts.models import User
from apr.involvement import NEVER, last_actions, seen_since
from apr.models import Action, NudgeKind, NudgeRules
from apr.periods import PeriodKind, period_containing
from apr.scorecards import Score, people_scores
from apr.scoring import Status
from opportunities.measures import Measures
from opportunities.models import Assignment, Commitment, HandOver, Obstacle, Opportunity, StageChange
from opportunities.querysets import open_by

Facts = dict[str, str | int | list[str] | None]

ASKED_FOR = timedelta(days=14)  # a colleague's entry is asked about for so long after it happened
CHUNK = 1_000  # people whose scores are read together
BEGINNING = 3  # working days of a month that must be gone before anybody's pace is judged


@dataclass(frozen=True)
class Found:
    """One reason, and those who are told of it. `outsiders` are told without a way to the deal, which they
    do not see."""

    kind: NudgeKind
    subject: str
    facts: Facts
    people: tuple[User, ...]
    deal_id: int | None = None
    outsiders: tuple[User, ...] = ()


class Desk:
    """What the search goes by: the rules, today, and the measures of deals."""

    def __init__(self, rules: NudgeRules) -> None:
        self.rules = rules
        self.measures = Measures.now()
        self.today: date = self.measures.today

    @property
    def soon(self) -> date:
        """The last day of which people are reminded."""
        return self.today + timedelta(days=self.rules.ahead_days)

    @cached_property
    def near(self) -> Q:
        """Open deals that should close within days, or should have."""
        last = self.today + timedelta(days=self.rules.close_days)
        return Q(status="open", expected_close_on__lte=last)


def find(rules: NudgeRules) -> Iterator[Found]:
    """Everything of the kinds that are switched on."""
    desk = Desk(rules)
    for kinds, search in SEARCHES.items():
        if not kinds <= set(rules.kinds_off):
            yield from (found for found in search(desk) if found.kind not in rules.kinds_off)


# --- hand-overs ---------------------------------------------------------------------------------------


def _hand_overs(desk: Desk) -> Iterator[Found]:
    rows = HandOver.objects.open().filter(opportunity__status="open")
    for row in rows.select_related("opportunity", "partner", "offered_by", "offered_to"):
        people = tuple(one for one in (row.offered_by, row.offered_to) if one.is_active)
        facts: Facts = {
            "who": row.offered_by.name,
            "to": row.offered_to.name,
            "partner": row.partner.name,
            "due_on": _iso(row.due_on),
        }
        kind = NudgeKind.HAND_OVER_OVERDUE if row.due_on < desk.today else NudgeKind.HAND_OVER
        said = _said(row.opportunity, people, facts)
        yield Found(kind, f"offer:{row.pk}", said, people, row.opportunity_id)


# --- deals ----------------------------------------------------------------------------------------


def _near_the_close(desk: Desk) -> Iterator[Found]:
    deals = Opportunity.objects.filter(desk.near).select_related("owner", "partner_manager")
    for deal in deals.filter(partner_manager__isnull=True, owner__isnull=False):
        yield _of_deal(NudgeKind.CLOSE_ALONE, deal, closes_on=_iso(deal.expected_close_on))
    since = desk.measures.days_ago(desk.rules.silence_days)
    silent = list(deals.filter(~seen_since(since), open_by(since), partner_manager__isnull=False))
    last = last_actions([deal.pk for deal in silent])
    for deal in silent:
        seen = last.get(deal.pk, NEVER).by_partner_manager
        yield _of_deal(
            NudgeKind.CLOSE_SILENT,
            deal,
            closes_on=_iso(deal.expected_close_on),
            manager=str(deal.partner_manager),
            seen_on=_iso(seen),
        )


def _over_their_stage(desk: Desk) -> Iterator[Found]:
    steps = StageChange.objects.filter(opportunity__status="open", expected_days__isnull=False)
    known = {days for days in steps.order_by().values_list("expected_days", flat=True).distinct() if days}
    deals = Opportunity.objects.with_visit().filter(desk.measures.is_over(known))
    for deal in deals.select_related("owner", "partner_manager", "stage"):
        entered = deal.stage_entered_at.astimezone(desk.measures.organisation.tzinfo)
        yield _of_deal(
            NudgeKind.STAGE_OVERDUE,
            deal,
            stage=deal.stage.name,
            entered_on=_iso(entered.date()),
            expected=getattr(deal, "expected_days", None),
        )


def _of_deal(kind: NudgeKind, deal: Opportunity, **facts: str | int | None) -> Found:
    people = _both(deal)
    return Found(kind, f"deal:{deal.pk}", _said(deal, people, facts), people, deal.pk)


def _both(deal: Opportunity) -> tuple[User, ...]:
    """The two on a deal who still work here, the partner manager first."""
    people = dict.fromkeys(one for one in (deal.partner_manager, deal.owner) if one is not None)
    return tuple(one for one in people if one.is_active)


def _said(
    deal: Opportunity | None, people: Iterable[User], facts: Facts | dict[str, str | int | None]
) -> Facts:
    return {"deal": deal.name if deal else None, "told": [one.name for one in people], **facts}


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


# --- promises and obstacles -----------------------------------------------------------------------

WITH_DEAL = ("opportunity__owner", "opportunity__partner_manager")


def _promises(desk: Desk) -> Iterator[Found]:
    # A day more on both sides: whether it is overdue goes by the date of who made it.
    rows = Commitment.objects.open().filter(
        due_on__lte=desk.soon + timedelta(days=1), opportunity__status="open"
    )
    for row in rows.select_related("made_by", "made_to", *WITH_DEAL):
        today = row.made_by.today()
        if row.due_on > today + timedelta(days=desk.rules.ahead_days):
            continue
        kind = NudgeKind.PROMISE_OVERDUE if row.is_overdue(today) else NudgeKind.PROMISE_DUE
        on_deal = _both(row.opportunity)
        others = [one for one in (row.made_by, row.made_to) if one is not None and one.is_active]
        outsiders = tuple(one for one in others if one not in on_deal)
        facts: Facts = {
            "who": row.made_by.name,
            "to": row.made_to.name if row.made_to else None,
            "what": row.text,
            "due_on": _iso(row.due_on),
        }
        said = _said(row.opportunity, [*on_deal, *outsiders], facts)
        yield Found(kind, f"promise:{row.pk}", said, on_deal, row.opportunity_id, outsiders)


def _obstacles(desk: Desk) -> Iterator[Found]:
    seen = Assignment.objects.filter(opportunity=OuterRef("opportunity"), user=OuterRef("assigned_to"))
    rows = (
        Obstacle.objects.open()
        .filter(due_on__lte=desk.soon, opportunity__status="open")
        .annotate(is_seen=Exists(seen))
        .select_related("assigned_to", *WITH_DEAL)
    )
    for row in rows:
        people = _both(row.opportunity)
        asked = row.assigned_to
        # Somebody who never was on the deal does not see it, nor what stands in its way.
        if asked is not None and asked.is_active and row.is_seen and asked not in people:
            people = (*people, asked)
        overdue = row.due_on is not None and row.due_on < desk.today
        facts: Facts = {
            "what": row.description,
            "whom": asked.name if asked else None,
            "due_on": _iso(row.due_on),
        }
        kind = NudgeKind.OBSTACLE_OVERDUE if overdue else NudgeKind.OBSTACLE_DUE
        said = _said(row.opportunity, people, facts)
        yield Found(kind, f"obstacle:{row.pk}", said, people, row.opportunity_id)


# --- one's own word and pace ----------------------------------------------------------------------


def _confirmations(desk: Desk) -> Iterator[Found]:
    rows = Action.objects.standing().filter(
        confirmation="none",
        counterpart__is_active=True,
        occurred_on__gte=desk.today - ASKED_FOR,
    )
    about = ("actor", "counterpart", "action_type", "opportunity", "partner", "customer")
    for row in rows.select_related(*about):
        if row.counterpart is None:
            continue
        subject = row.opportunity or row.partner or row.customer
        facts: Facts = {
            "who": row.actor.name,
            "what": row.action_type.name,
            "about": str(subject) if subject else None,
            "on": _iso(row.occurred_on),
        }
        yield Found(NudgeKind.CONFIRM, f"action:{row.pk}", facts, (row.counterpart,))


def _targets(desk: Desk) -> Iterator[Found]:
    people = sorted(User.objects.active(), key=lambda one: (one.today(), one.pk))
    for today, group in groupby(people, key=User.today):
        month, together = period_containing(today, PeriodKind.MONTH), list(group)
        for first in range(0, len(together), CHUNK):
            scores = people_scores(together[first : first + CHUNK], month, today=today)
            for person, score in scores.items():
                if is_late(score):
                    yield Found(NudgeKind.TARGET, f"score:{month.key}", _of_score(score), (person,))


def is_late(score: Score) -> bool:
    """Whether a person's pace asks for a word: not on the first days of a month."""
    late = score.status in (Status.AT_RISK, Status.BEHIND)
    return late and score.working_days_gone >= BEGINNING


def _of_score(score: Score) -> Facts:
    return {
        "status": str(score.status),
        "points": score.counted_points,
        "target": str(score.target),
        "expected": str(score.expected_to_date),
        "left": score.working_days_left,
        "month": score.period.key,
    }


SEARCHES: dict[frozenset[NudgeKind], Callable[[Desk], Iterator[Found]]] = {
    frozenset({NudgeKind.HAND_OVER, NudgeKind.HAND_OVER_OVERDUE}): _hand_overs,
    frozenset({NudgeKind.CLOSE_SILENT, NudgeKind.CLOSE_ALONE}): _near_the_close,
    frozenset({NudgeKind.STAGE_OVERDUE}): _over_their_stage,
    frozenset({NudgeKind.PROMISE_DUE, NudgeKind.PROMISE_OVERDUE}): _promises,
    frozenset({NudgeKind.OBSTACLE_DUE, NudgeKind.OBSTACLE_OVERDUE}): _obstacles,
    frozenset({NudgeKind.CONFIRM}): _confirmations,
    frozenset({NudgeKind.TARGET}): _targets,
}
