"""Weeks, months, quarters and years of the organisation's fiscal calendar, as half-open ranges of dates.

Weeks are ISO weeks: they start on Monday and belong to the ISO year that has their Thursday. Months are
those of the calendar. A fiscal year is named after the calendar year in which it ends, as most companies
do: with April as first month, fiscal 2027 runs from 1 April 2026 to 31 March 2027, and its first quarter,
2027-Q1, is April to June 2026. With January as first month fiscal and calendar years are the same.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from babel.dates import format_skeleton
from django.db.models import TextChoices
from django.utils import translation
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from foundation.dated import DateRange
from foundation.errors import InvalidInput
from foundation.locales import babel_locale

# Years that a key may name: far enough for anybody, and dates on both sides of them still exist.
YEARS = range(1900, 2200)


class PeriodKind(TextChoices):
    """The lengths of a period, shortest first."""

    WEEK = "week", _("Week")
    MONTH = "month", _("Month")
    QUARTER = "quarter", _("Quarter")
    YEAR = "year", _("Year")


@dataclass(frozen=True)
class Period:
    """The days from `start` up to and not including `end`, under the name `key` (2026-Q3)."""

    kind: PeriodKind
    start: date
    end: date
    key: str
    fiscal_first_month: int = 1

    @property
    def dates(self) -> DateRange:
        """Its days as a range."""
        return DateRange(self.start, self.end)

    def contains(self, day: date) -> bool:
        """Whether the day is one of its days."""
        return self.start <= day < self.end

    def previous(self) -> "Period":
        """The period of the same kind that ends where this one starts."""
        return period_containing(self.start - timedelta(days=1), self.kind, self.fiscal_first_month)

    def next(self) -> "Period":
        """The period of the same kind that starts where this one ends."""
        return period_containing(self.end, self.kind, self.fiscal_first_month)

    def label(self, locale: str) -> str:
        """Its name for a reader: `September 2026`, `Q3 2026`, `week 37, 2026`, `2026`."""
        if self.kind == PeriodKind.MONTH:
            return format_skeleton("yMMMM", self.start, locale=babel_locale(locale))
        year = int(self.key[:4])
        if self.kind == PeriodKind.QUARTER:
            # Any day of that calendar quarter carries the number; the fiscal quarter may lie elsewhere.
            return format_skeleton("yQQQ", date(year, 3 * int(self.key[-1]), 1), locale=babel_locale(locale))
        if self.kind == PeriodKind.WEEK:
            with translation.override(locale.replace("_", "-").lower()):
                return _t("week %(week)d, %(year)d") % {"week": int(self.key[-2:]), "year": year}
        return str(year)


def period_containing(day: date, kind: PeriodKind, fiscal_first_month: int = 1) -> Period:
    """The period of that kind in which the day lies."""
    start, end = _bounds(day, kind, fiscal_first_month)
    return Period(kind, start, end, _key(start, kind, fiscal_first_month), fiscal_first_month)


def parse_period(key: str, fiscal_first_month: int = 1) -> Period:
    """The period named `2026`, `2026-Q3`, `2026-09` or `2026-W37`; raises InvalidInput for anything else."""
    try:
        day, kind = _day_and_kind(key, fiscal_first_month)
    except ValueError:
        words = _("“%(key)s” is not a period. Write it like 2026, 2026-Q3, 2026-09 or 2026-W37.")
        raise InvalidInput(words % {"key": key}, code="invalid_period", field="period") from None
    return period_containing(day, kind, fiscal_first_month)


@lru_cache(maxsize=1_000)
def periods_between(
    start: date, end: date, kind: PeriodKind, fiscal_first_month: int = 1
) -> tuple[Period, ...]:
    """The periods of that kind with at least one day in [start, end), in order; the outer ones are whole."""
    periods: list[Period] = []
    while start < end:
        periods.append(period_containing(start, kind, fiscal_first_month))
        start = periods[-1].end
    return tuple(periods)


def _bounds(day: date, kind: PeriodKind, fiscal_first_month: int) -> tuple[date, date]:
    if kind == PeriodKind.WEEK:
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=7)
    months = {PeriodKind.MONTH: 1, PeriodKind.QUARTER: 3, PeriodKind.YEAR: 12}[kind]
    start = _add_months(day, -((day.month - fiscal_first_month) % months))
    return start, _add_months(start, months)


def _key(start: date, kind: PeriodKind, fiscal_first_month: int) -> str:
    if kind == PeriodKind.WEEK:
        year, week, _weekday = start.isocalendar()
        return f"{year}-W{week:02}"
    if kind == PeriodKind.MONTH:
        return f"{start.year}-{start.month:02}"
    first_day, next_year = _bounds(start, PeriodKind.YEAR, fiscal_first_month)
    fiscal_year = (next_year - timedelta(days=1)).year
    if kind == PeriodKind.YEAR:
        return str(fiscal_year)
    return f"{fiscal_year}-Q{(start.month - first_day.month) % 12 // 3 + 1}"


def _day_and_kind(key: str, fiscal_first_month: int) -> tuple[date, PeriodKind]:
    """A day in the period that the key names, and its kind; raises ValueError if it names none."""
    match = re.fullmatch(r"([0-9]{4})(?:-(?:Q([1-4])|W([0-9]{2})|([0-9]{2})))?", key)
    if match is None or int(match[1]) not in YEARS:
        raise ValueError(key)
    year, (quarter, week, month) = int(match[1]), match.groups()[1:]
    if week:
        return date.fromisocalendar(year, int(week), 1), PeriodKind.WEEK
    if month:
        return date(year, int(month), 1), PeriodKind.MONTH
    first_year = year if fiscal_first_month == 1 else year - 1
    first_day = date(first_year, fiscal_first_month, 1)
    if quarter:
        return _add_months(first_day, 3 * int(quarter) - 3), PeriodKind.QUARTER
    return first_day, PeriodKind.YEAR


def _add_months(day: date, months: int) -> date:
    """The first day of the month that lies so many months from the day's."""
    years, month = divmod(day.month - 1 + months, 12)
    return date(day.year + years, month + 1, 1)
