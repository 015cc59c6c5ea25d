"""What goes to and fro with a partner: actions both ways, and how long it was silent between them.

Figures and their rows come from one query. Only actions that the reader sees are counted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from django.db.models import Min, QuerySet

from accounts.calendar import WorkingCalendar
from accounts.calendars import organisation_calendar
from accounts.models import Organisation, User
from apr.models import Action
from apr.periods import Period

FROM_PARTNER = "call_from"  # the key of the action type by which a partner comes to us
WAYS = ("both", "ours", "theirs")
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Silence:
    """The longest run of working days without an action; `until` is the action that ended it, None while it
    runs. It is looked for from the partner's first action on, within the period."""

    days: int
    since: date
    until: date | None


@dataclass(frozen=True)
class Exchange:
    """Actions with a partner in a period (None: ever)."""

    ours: int
    theirs: int
    silence: Silence | None

    @property
    def both(self) -> int:
        """All of them."""
        return self.ours + self.theirs


def exchange(partner_id: int, user: User, period: Period | None, organisation: Organisation) -> Exchange:
    """The figures. Three queries."""
    rows = list(
        actions_with(partner_id, user, period)
        .order_by("occurred_on")
        .values_list("occurred_on", "action_type__key")
    )
    theirs = sum(key == FROM_PARTNER for _day, key in rows)
    first = actions_with(partner_id, user, None).aggregate(first=Min("occurred_on"))["first"]
    silence = None
    if first is not None:
        start, end = first, organisation.today()
        if period is not None:
            start, end = max(first, period.start), min(end, period.end)
        calendar = organisation_calendar(organisation)
        silence = longest_silence([day for day, _key in rows], start, end, calendar)
    return Exchange(len(rows) - theirs, theirs, silence)


def longest_silence(
    days: Sequence[date], start: date, end: date, calendar: WorkingCalendar
) -> Silence | None:
    """The longest run of working days of [start, end) without one of the days; the last of the longest.

    `end` is today while the period runs: the day is not over, so it is not silent yet.
    """
    if end <= start:
        return None
    marks = [start - DAY, *sorted({day for day in days if start <= day < end}), None]
    runs = [_run(before, after, end, calendar) for before, after in pairwise(marks) if before is not None]
    return max(reversed(runs), key=lambda run: run.days)


def _run(before: date, after: date | None, end: date, calendar: WorkingCalendar) -> Silence:
    return Silence(calendar.working_days(before + DAY, after or end), before + DAY, after)


def actions_with(partner_id: int, user: User, period: Period | None, way: str = "both") -> QuerySet[Action]:
    """The standing actions with a partner that `user` sees: both ways, `ours` or `theirs`."""
    actions = Action.objects.visible_to(user).standing().filter(partner=partner_id)
    if period is not None:
        actions = actions.filter(occurred_on__gte=period.start, occurred_on__lt=period.end)
    if way == "theirs":
        return actions.filter(action_type__key=FROM_PARTNER)
    return actions.exclude(action_type__key=FROM_PARTNER) if way == "ours" else actions


def is_from_partner(action: Action) -> bool:
    """Whether the partner came to us."""
    return action.action_type.key == FROM_PARTNER
