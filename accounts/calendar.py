"""Working days: which days count as work, and how many of them lie between two dates. No database here."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from foundation.dated import DateRange, clip


@dataclass(frozen=True)
class WorkingCalendar:
    """The days on which somebody works.

    A day is a working day when its weekday (0 is Monday, 6 is Sunday) is in `weekdays`, it is no holiday,
    and it lies in none of the ranges `away`. Ranges of dates are half-open: the start is in, the end is out.
    """

    weekdays: frozenset[int]
    holidays: frozenset[date]
    away: tuple[DateRange, ...] = ()

    def is_working(self, day: date) -> bool:
        """Whether this is a working day."""
        return (
            day.weekday() in self.weekdays
            and day not in self.holidays
            and not any(absence.contains(day) for absence in self.away)
        )

    def working_days(self, start: date, end: date) -> int:
        """How many working days lie in [start, end); none when the end is not after the start."""
        if end <= start:
            return 0
        missed = clip(self.away, DateRange(start, end))
        return self._office_days(start, end) - sum(self._office_days(a.start, a.end or end) for a in missed)

    def nth_working_day_after(self, day: date, n: int) -> date:
        """The n-th working day after `day`, which itself is not counted; n is 1 or more.

        Raises ValueError where there are not so many (somebody away for good, a week without work).
        """
        first = day.toordinal() + 1
        ordinals = range(first, date.max.toordinal())
        return self._nth(
            ordinals, n, lambda last: self.working_days(date.fromordinal(first), date.fromordinal(last + 1))
        )

    def nth_working_day_before(self, day: date, n: int) -> date:
        """The n-th working day before `day`, which itself is not counted; else the same."""
        ordinals = range(day.toordinal() - 1, 0, -1)
        return self._nth(ordinals, n, lambda first: self.working_days(date.fromordinal(first), day))

    def minus(self, absences: Sequence[DateRange]) -> "WorkingCalendar":
        """The calendar of a person: this one without the days of their absences, which may overlap."""
        return replace(self, away=_merged([*self.away, *absences]))

    @cached_property
    def _free_days(self) -> list[date]:
        """The holidays that cost a working day, in order."""
        return sorted(day for day in self.holidays if day.weekday() in self.weekdays)

    def _office_days(self, start: date, end: date) -> int:
        """Working days in [start, end) of somebody never away: whole weeks, the rest, less holidays."""
        weeks, rest = divmod((end - start).days, 7)
        days = weeks * len(self.weekdays)
        days += sum((start.weekday() + n) % 7 in self.weekdays for n in range(rest))
        return days - (bisect_left(self._free_days, end) - bisect_left(self._free_days, start))

    @staticmethod
    def _nth(ordinals: range, n: int, days_up_to: Callable[[int], int]) -> date:
        """The first of the ordinals by which `n` working days have been counted, by bisection."""
        if n < 1:
            raise ValueError("days are counted from 1")
        at = bisect_left(ordinals, n, key=days_up_to)
        if at == len(ordinals):
            raise ValueError(f"there are not {n} working days in that direction")
        return date.fromordinal(ordinals[at])


def _merged(ranges: Sequence[DateRange]) -> tuple[DateRange, ...]:
    """The same days as disjoint ranges in order, so that no day is counted twice."""
    merged: list[DateRange] = []
    for one in sorted(ranges, key=lambda r: r.start):
        last = merged[-1] if merged else None
        if last is None or (last.end is not None and last.end < one.start):
            merged.append(one)
        elif last.end is not None and (one.end is None or one.end > last.end):
            merged[-1] = DateRange(last.start, one.end)
    return tuple(merged)
