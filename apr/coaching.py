"""What followed a coaching session on its deal: what the colleague did next, and where the deal moved."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter

from django.utils.translation import gettext as _

from accounts.calendar import WorkingCalendar
from accounts.models import User
from apr.models import Action
from foundation.wording import day
from opportunities.models import StageChange

WITHIN = 5  # working days in which what happens on the deal stands under the session


@dataclass(frozen=True)
class Step:
    """One thing that followed: when, and in words."""

    at: datetime
    on: date
    words: str


@dataclass(frozen=True)
class Followed:
    """What followed a session until its last day; `is_over` once that has passed."""

    steps: tuple[Step, ...]
    until: date
    is_over: bool

    @property
    def words(self) -> str:
        """`Followed within 5 working days: Wed 16 Sep Call to; Fri 18 Sep moved to Proposal`."""
        if self.steps:
            told = "; ".join(f"{day(step.on)} {step.words}" for step in self.steps)
            return _("Followed within %(n)s working days: %(told)s") % {"n": WITHIN, "told": told}
        if self.is_over:
            return _("Nothing followed on the deal within %(n)s working days") % {"n": WITHIN}
        return _("Nothing has followed on the deal yet; it shows here until %(day)s") % {
            "day": day(self.until)
        }


def what_followed(
    sessions: Iterable[Action], reader: User, calendar: WorkingCalendar, today: date
) -> dict[int, Followed]:
    """What `reader` sees of what followed, by the id of the session: coaching actions that stand, with a
    colleague, on a deal. Two queries for all of them."""
    asked = [one for one in sessions if one.opportunity_id and one.counterpart_id and not one.is_voided]
    if not asked:
        return {}
    deals = {one.opportunity_id for one in asked}
    since = min(one.occurred_at for one in asked)
    deeds = (
        Action.objects.visible_to(reader)
        .standing()
        .filter(opportunity__in=deals, actor__in={one.counterpart_id for one in asked}, occurred_at__gt=since)
        .select_related("action_type")
    )
    moves = StageChange.objects.visible_to(reader).filter(opportunity__in=deals, effective_at__gt=since)
    done, moved = list(deeds), list(moves)
    return {one.pk: _after(one, done, moved, calendar, today) for one in asked}


def _after(
    session: Action, done: list[Action], moved: list[StageChange], calendar: WorkingCalendar, today: date
) -> Followed:
    until = calendar.nth_working_day_after(session.occurred_on, WITHIN)
    steps = [
        Step(row.occurred_at, row.occurred_on, row.action_type.name)
        for row in done
        if row.opportunity_id == session.opportunity_id
        and row.actor_id == session.counterpart_id
        and row.occurred_at > session.occurred_at
        and row.occurred_on <= until
    ]
    steps += [
        Step(row.effective_at, row.effective_on, _("moved to %(stage)s") % {"stage": row.to_stage_name})
        for row in moved
        if row.opportunity_id == session.opportunity_id
        and row.effective_at > session.occurred_at
        and row.effective_on <= until
    ]
    return Followed(tuple(sorted(steps, key=attrgetter("at"))), until, until < today)
