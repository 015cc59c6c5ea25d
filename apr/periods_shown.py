"""The period that a page shows: chosen by its key, with the way to others, and its days as an axis."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.http import urlencode

from apr.periods import Period, PeriodKind, parse_period, period_containing
from foundation.errors import InvalidInput
from foundation.wording import reader_locale, short_day


@dataclass(frozen=True)
class Shown:
    """A period as chosen in the query `?period=2026-09`; `refused` says why what was asked for is none."""

    period: Period
    today: date
    query: QueryDict
    refused: str = ""

    @property
    def label(self) -> str:
        """Its name for the reader."""
        return label_of(self.period)

    @property
    def is_running(self) -> bool:
        """Whether today is one of its days."""
        return self.period.contains(self.today)

    @property
    def is_over(self) -> bool:
        """Whether all of it lies behind."""
        return self.period.end <= self.today

    @property
    def last_day(self) -> date:
        """Its last day."""
        return self.period.end - timedelta(days=1)

    @cached_property
    def kinds(self) -> list[tuple[str, str, bool]]:
        """The same days by week, month, quarter and year: word, url, whether it is the one shown."""
        anchor = self.today if self.is_running else self.period.start
        same = ((kind, period_containing(anchor, kind, self._first_month)) for kind in PeriodKind)
        return [(str(kind.label), self.url(period), kind == self.period.kind) for kind, period in same]

    @cached_property
    def previous_url(self) -> str:
        """The page for the period before."""
        return self.url(self.period.previous())

    @cached_property
    def next_url(self) -> str:
        """The page for the period after, until the one that runs."""
        following = self.period.next()
        return self.url(following) if following.start <= self.today else ""

    @property
    def results(self) -> Period:
        """The period of the results beside it: the quarter, or the year where that is looked at."""
        if self.period.kind in (PeriodKind.QUARTER, PeriodKind.YEAR):
            return self.period
        day = min(self.last_day, max(self.today, self.period.start))
        return period_containing(day, PeriodKind.QUARTER, self._first_month)

    def url(self, period: Period) -> str:
        """This page for another period; what else was asked for stays."""
        query = self.query.copy()
        query["period"] = period.key
        return f"?{query.urlencode()}"

    def url_of(self, name: str, *args: object) -> str:
        """Another page for the same period."""
        return f"{reverse(name, args=args)}?{urlencode({'period': self.period.key})}"

    def results_url_of(self, name: str, *args: object) -> str:
        """Another page for the period of the results."""
        return f"{reverse(name, args=args)}?{urlencode({'period': self.results.key})}"

    def page_url(self, number: int) -> str:
        """Another page of this list."""
        query = self.query.copy()
        query["page"] = str(number)
        return f"?{query.urlencode()}"

    @property
    def axis(self) -> list[tuple[int, str]]:
        """The days that a chart of the period names."""
        return axis_of(self.period, self.today)

    @property
    def _first_month(self) -> int:
        return self.period.fiscal_first_month


def label_of(period: Period) -> str:
    """The name of a period in the reader's language."""
    return period.label(str(reader_locale()))


def axis_of(period: Period, today: date) -> list[tuple[int, str]]:
    """First day, today and last day as steps; without today where its words would touch the others."""
    last = (period.end - period.start).days
    step = (today - period.start).days + 1
    between = [(step, short_day(today))] if last / 5 < step < last * 3 / 4 else []
    return [(0, short_day(period.start)), *between, (last, short_day(period.end - timedelta(days=1)))]


def shown_period(
    query: QueryDict, today: date, fiscal_first_month: int, usual: PeriodKind = PeriodKind.MONTH
) -> Shown:
    """The period asked for; the usual one of today where none is, or none by that name exists."""
    now = period_containing(today, usual, fiscal_first_month)
    key = query.get("period", "")
    try:
        return Shown(parse_period(key, fiscal_first_month) if key else now, today, query)
    except InvalidInput as refusal:
        return Shown(now, today, query, refusal.message)
