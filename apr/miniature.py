"""The involvement map of a deal in miniature: six weeks to today, as plain numbers to draw. No database here.

Places are percent of the width, so that it fits any card. The scale is the calendar's, linear.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from accounts.calendar import WorkingCalendar
from apr.involvement import silence

WEEKS = 6
SPAN = timedelta(weeks=WEEKS)


@dataclass(frozen=True)
class Miniature:
    """Where the line begins, where the ticks stand, and from where on the partner manager was silent."""

    begins: float
    pm: tuple[float, ...]
    ae: tuple[float, ...]
    silent_from: float | None
    silence: int
    last_pm: date | None
    has_pm: bool

    @property
    def is_silent(self) -> bool:
        """Whether the silence of the partner manager is longer than the organisation allows."""
        return self.silent_from is not None


def place(day: date, today: date) -> float:
    """Percent of the width at which a day stands: 0 is six weeks ago, 100 is today."""
    part = (day - (today - SPAN)).days / SPAN.days * 100
    return round(min(max(part, 0.0), 100.0), 1)


def draw(
    *,
    opened_on: date,
    has_pm: bool,
    pm: Iterable[date],
    ae: Iterable[date],
    today: date,
    calendar: WorkingCalendar,
    allowed: int,
) -> Miniature:
    """The miniature of an open deal. Without a partner manager nobody is silent."""
    done = [day for day in pm if day <= today]
    last = max(done, default=None)
    silent = silence(last, opened_on, today, calendar)
    since = last if last is not None else opened_on
    return Miniature(
        begins=place(opened_on, today),
        pm=_ticks(done, today),
        ae=_ticks(ae, today),
        silent_from=place(since, today) if has_pm and silent > allowed else None,
        silence=silent,
        last_pm=last,
        has_pm=has_pm,
    )


def _ticks(days: Iterable[date], today: date) -> tuple[float, ...]:
    return tuple(place(day, today) for day in sorted(set(days)) if today - SPAN <= day <= today)
