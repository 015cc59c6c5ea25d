"""Working days: which days count as work, and how many of them lie between two dates. No database here."""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, lru_cache
from itertools import accumulate

from foundation.dated import EARLIEST, LATEST, DateRange

FIRST, LAST = EARLIEST.toordinal(), LATEST.toordinal()


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
        days = self._office_days(start, end)
        for away in self.away:
            if away.start < end and (away.end is None or away.end > start):
                days -= self._office_days(max(away.start, start), min(away.end or end, end))
        return days

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
    def _counted(self) -> "array[int]":
        return _days_before(self.weekdays, self.holidays)

    def _office_days(self, start: date, end: date) -> int:
        """Working days in [start, end) of somebody never away."""
        first, last = start.toordinal() - FIRST, end.toordinal() - FIRST
        if first >= 0 and last <= LAST - FIRST:
            return self._counted[last] - self._counted[first]
        return self._far_days(start, end)

    def _far_days(self, start: date, end: date) -> int:
        """The same for days that nobody means: whole weeks, the rest, less holidays."""
        weeks, rest = divmod((end - start).days, 7)
        days = weeks * len(self.weekdays)
        days += sum((start.weekday() + n) % 7 in self.weekdays for n in range(rest))
        return days - sum(start <= day < end for day in self.holidays if day.weekday() in self.weekdays)

    @staticmethod
    def _nth(ordinals: range, n: int, days_up_to: Callable[[int], int]) -> date:
        """The first of the ordinals by which `n` working days have been counted, by bisection."""
        if n < 1:
            raise ValueError("days are counted from 1")
        at = bisect_left(ordinals, n, key=days_up_to)
        if at == len(ordinals):
            raise ValueError(f"there are not {n} working days in that direction")
        return date.fromordinal(ordinals[at])


@lru_cache(maxsize=16)
def _days_before(weekdays: frozenset[int], holidays: frozenset[date]) -> "array[int]":
    """How many working days lie before each day from EARLIEST to LATEST: all counting is a subtraction then.

    It follows from the arguments alone, so that it can be kept.
    """
    free = {day.toordinal() for day in holidays}
    works = ((n + 6) % 7 in weekdays and n not in free for n in range(FIRST, LAST))
    return array("i", accumulate(works, initial=0))


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
