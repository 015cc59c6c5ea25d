"""What the marks say is out of date at this moment, for those who are about to read."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import BigIntegerField, CharField, DateField, F, Q, QuerySet, Value
from django.db.models.functions import Cast

from apr.models import StaleDay, StaleDeal, StaleScore, StaleWide, WideReason
from foundation.dated import DateRange

DAYS, DEALS, SCORES = "days", "deals", "scores"
EVERY_DAY = {WideReason.CATEGORY, WideReason.EVERYTHING}
EVERY_JOINT = {WideReason.CALENDAR, WideReason.ABSENCE, WideReason.EVERYTHING}
ONLY_JOINT = {WideReason.CALENDAR, WideReason.ABSENCE}
EVERY_DEAL = {WideReason.RATE, WideReason.CURRENCY, WideReason.EVERYTHING}


@dataclass
class Pending:
    """Days whose tallies are stale, spans whose scores are, deals whose credits are; or all of a sort.

    Of joint scorecards it says only whether all are: single deals are asked for in `apr.joint.store`.
    """

    days: dict[int, set[date]] = field(default_factory=lambda: defaultdict(set))
    spans: dict[int, list[DateRange]] = field(default_factory=lambda: defaultdict(list))
    deals: set[int] = field(default_factory=set)
    every_day: bool = False
    every_deal: bool = False
    every_joint: bool = False
    every_score_from: date | None = None
    wide: int = 0

    def concerns_every_score(self, dates: DateRange) -> bool:
        """Whether no stored score of these dates can be trusted."""
        since = self.every_score_from
        return self.every_day or (since is not None and (dates.end is None or since < dates.end))

    @property
    def day_count(self) -> int:
        """How many days are to be counted again."""
        return sum(len(days) for days in self.days.values())

    @property
    def work_changes(self) -> int:
        """Changes not digested yet that concern points."""
        return self.day_count + sum(len(spans) for spans in self.spans.values()) + self.wide

    @property
    def deal_changes(self) -> int:
        """Changes not digested yet that concern deals (anybody's: whose, only the digest can tell)."""
        return len(self.deals) + self.wide


def pending(people: Collection[int] | None, dates: DateRange) -> Pending:
    """The marks that concern these people (None: everybody) on these days. One query, one snapshot."""
    mine = Q() if people is None else Q(user_id__in=people)
    on_days, overlapping = Q(day__gte=dates.start), Q(ends_on__isnull=True) | Q(ends_on__gt=dates.start)
    if dates.end is not None:
        on_days &= Q(day__lt=dates.end)
        overlapping &= Q(starts_on__lt=dates.end)
    rows = _as_rows(StaleWide.objects.all(), F("reason"), Value(0), F("starts_on")).union(
        _as_rows(StaleDay.objects.filter(mine & on_days), Value(DAYS), F("user_id"), F("day")),
        _as_rows(
            StaleScore.objects.filter(mine & overlapping),
            Value(SCORES),
            F("user_id"),
            F("starts_on"),
            F("ends_on"),
        ),
        _as_rows(StaleDeal.objects.all(), Value(DEALS), F("opportunity_id")),
    )
    found = Pending()
    for what, number, starts_on, ends_on in rows:
        _note(found, what, number, starts_on, ends_on)
    return found


def _note(found: Pending, what: str, number: int, starts_on: date | None, ends_on: date | None) -> None:
    if what == DAYS and starts_on:
        found.days[number].add(starts_on)
    elif what == SCORES and starts_on:
        found.spans[number].append(DateRange(starts_on, ends_on))
    elif what == DEALS:
        found.deals.add(number)
    else:
        found.wide += what not in ONLY_JOINT
        found.every_joint |= what in EVERY_JOINT
        found.every_day |= what in EVERY_DAY
        found.every_deal |= what in EVERY_DEAL
        if what == WideReason.POINTS and starts_on:
            found.every_score_from = min(found.every_score_from or starts_on, starts_on)


def _as_rows(
    marks: QuerySet[Any], what: Any, number: Any, starts_on: Any = None, ends_on: Any = None
) -> QuerySet[Any, Any]:
    """Marks of any sort in the same four columns; equal ones are one change."""
    return marks.order_by().values_list(
        Cast(what, CharField(max_length=20)),
        Cast(number, BigIntegerField()),
        Cast(starts_on if starts_on is not None else Value(None), DateField()),
        Cast(ends_on if ends_on is not None else Value(None), DateField()),
    )
