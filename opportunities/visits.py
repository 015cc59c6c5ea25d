"""Stage visits: the stretches of time that a deal spent in one stage after the other. No database here.

A visit lasts from the step that led into the stage up to, and not including, the step that led out of it. A
return to a stage is another visit. Days are those of the organisation; while a visit lasts, today is not over
and not counted.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Protocol

from accounts.calendar import WorkingCalendar

OPEN = "open"


class Step(Protocol):
    """A step into a stage, as `StageChange` keeps it."""

    to_stage_name: str
    to_kind: str
    effective_at: datetime
    effective_on: date
    expected_days: int | None
    allowed_silence_days: int | None


@dataclass(frozen=True)
class Visit:
    """One stay in an open stage; `ends_at` and `ends_on` are None while it lasts.

    `expected_days` and `allowed_silence_days` are those that the stage had when the visit began.
    """

    stage: str
    starts_at: datetime
    starts_on: date
    ends_at: datetime | None
    ends_on: date | None
    expected_days: int | None
    allowed_silence_days: int | None

    @property
    def is_running(self) -> bool:
        """Whether the deal is still in it."""
        return self.ends_at is None

    def contains(self, instant: datetime) -> bool:
        """Whether the instant lies in it."""
        return self.starts_at <= instant and (self.ends_at is None or instant < self.ends_at)

    def working_days(self, calendar: WorkingCalendar, today: date) -> int:
        """How many working days it lasted, through yesterday where it still does."""
        return calendar.working_days(self.starts_on, self.ends_on or today)

    def days_over(self, calendar: WorkingCalendar, today: date) -> int:
        """Working days beyond the expected ones; 0 where nothing is expected."""
        if self.expected_days is None:
            return 0
        return max(self.working_days(calendar, today) - self.expected_days, 0)


def visits_of(steps: Iterable[Step]) -> list[Visit]:
    """The visits of one deal from its steps in order. A step into a closing stage ends the visit before."""
    following: list[Step | None] = [*steps, None]
    return [
        Visit(
            stage=step.to_stage_name,
            starts_at=step.effective_at,
            starts_on=step.effective_on,
            ends_at=after.effective_at if after else None,
            ends_on=after.effective_on if after else None,
            expected_days=step.expected_days,
            allowed_silence_days=step.allowed_silence_days,
        )
        for step, after in pairwise(following)
        if step is not None and step.to_kind == OPEN
    ]


def open_spans(visits: Iterable[Visit]) -> list[tuple[date, date | None]]:
    """The stretches of days on which the deal was open: visits that follow one another, joined."""
    spans: list[tuple[date, date | None]] = []
    last: Visit | None = None
    for visit in visits:
        if last is not None and last.ends_at == visit.starts_at:
            spans[-1] = (spans[-1][0], visit.ends_on)
        else:
            spans.append((visit.starts_on, visit.ends_on))
        last = visit
    return spans
