"""What happened on a deal, as the map tells it. No database here.

Definitions are those of `apr.involvement`: an action is the partner manager's when it was done in that
capacity, or as coach by somebody who is or was partner manager of the deal. So work counts for the partner
side also after the deal went to another partner manager, and whoever did it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise

from accounts.calendar import WorkingCalendar
from apr.involvement import AT_THE_INK, Involvement, Silence, silence


class Lane(StrEnum):
    """The rows of the map that marks stand in, from top to bottom."""

    STAGE = "stage"
    PARTNER = "partner"
    PM = "pm"
    AE = "ae"
    OBSTACLE = "obstacle"
    PROMISE_PM = "promise-pm"
    PROMISE_AE = "promise-ae"


@dataclass(frozen=True)
class Act:
    """An action as a mark. `points` are those of the rule in force on its day; `lane` is where it is drawn.

    Work with a partner at which nobody of the partner side was present stands in the partner's lane. `is_pm`
    and `is_ae` say for whom it counts, wherever it is drawn. `ties` are the lanes it was done together with.
    """

    pk: int
    day: date
    lane: Lane
    is_pm: bool
    is_ae: bool
    category: str
    title: str
    points: int
    actor: str
    partner: str = ""
    counterpart: str = ""
    is_confirmed: bool = False
    is_disputed: bool = False
    is_shared: bool = False

    @property
    def ties(self) -> tuple[Lane, ...]:
        """The lanes that a thin line leads to: those whom a partner manager did it with."""
        if self.lane != Lane.PM:
            return ()
        return ((Lane.PARTNER,) if self.partner else ()) + ((Lane.AE,) if self.counterpart else ())


@dataclass(frozen=True)
class Block:
    """An obstacle, from the day it was raised to the day it was cleared."""

    pk: int
    name: str
    raised_on: date
    due_on: date | None = None
    cleared_on: date | None = None
    raised_by: str = ""
    cleared_by: str = ""

    def is_late(self, today: date) -> bool:
        """Whether it stood, or still stands, past its due date."""
        return self.due_on is not None and self.due_on < (self.cleared_on or today)


@dataclass(frozen=True)
class Word:
    """A promise, at its due date; `outcome` is one of `CommitmentOutcome`."""

    pk: int
    text: str
    by: str
    to: str
    due_on: date
    outcome: str
    is_pm: bool

    @property
    def lane(self) -> Lane:
        """The upper row is the partner manager's."""
        return Lane.PROMISE_PM if self.is_pm else Lane.PROMISE_AE


@dataclass(frozen=True)
class Names:
    """Who stands beside the lanes; empty where nobody does. `partner_kind` as it is said: sourced."""

    partner: str = ""
    partner_kind: str = ""
    pm: str = ""
    ae: str = ""


@dataclass(frozen=True)
class Story:
    """A deal from its opening to the ink. `status` is open, won or lost; `allowed` the working days that a
    lane may be silent before its rail breaks; `places` how far on a stage is, 1 to 5."""

    opened_on: date
    today: date
    status: str
    involvement: Involvement
    calendar: WorkingCalendar
    allowed: int
    names: Names
    places: dict[str, int]
    acts: list[Act]
    blocks: list[Block]
    words: list[Word]

    @property
    def is_open(self) -> bool:
        """Whether the deal is neither won nor lost."""
        return self.status == "open"

    @property
    def ink_on(self) -> date | None:
        """The close, expected while the deal is open; None where nobody expects one."""
        return self.involvement.ink_on

    @property
    def start(self) -> date:
        """The first day of the map."""
        return min([self.opened_on, *(act.day for act in self.acts)])

    @property
    def end(self) -> date:
        """The day after the last one: two days after the ink, or after today where that is later."""
        last = [day for day in (self.ink_on, self.today if self.is_open else None) if day]
        known = [act.day for act in self.acts] + [
            word.due_on for word in self.words if word.outcome == "open"
        ]
        return max([*last, *known, self.opened_on]) + timedelta(days=2)

    @property
    def last_weeks(self) -> date | None:
        """The first of the 14 days up to and including the ink."""
        return self.ink_on - AT_THE_INK + timedelta(days=1) if self.ink_on else None

    @property
    def is_near_the_ink(self) -> bool:
        """Whether the last 14 days have begun, or are over."""
        return self.last_weeks is not None and (not self.is_open or self.last_weeks <= self.today)

    @property
    def gaps(self) -> list[Silence]:
        """The silences of the partner manager that are longer than allowed."""
        return gaps_among(self.involvement.silences, self.allowed)

    @property
    def is_silent(self) -> bool:
        """Whether the longest silence is longer than allowed."""
        return self.involvement.longest_silence > self.allowed

    def lane(self, lane: Lane) -> list[Act]:
        """The actions drawn in a lane, in order."""
        return [act for act in self.acts if act.lane == lane]

    def rails(self, lane: Lane) -> list[tuple[date, date]]:
        """The stretches of days that a lane's rail runs along: neighbours no further apart than allowed."""
        days = sorted({act.day for act in self.acts if act.lane == lane and not act.is_shared})
        joined = (
            (one, other)
            for one, other in pairwise(days)
            if silence(one, one, other, self.calendar) <= self.allowed
        )
        return merged(joined)


def gaps_among(silences: Iterable[Silence], allowed: int) -> list[Silence]:
    """The silences that are longer than allowed: those are drawn in red."""
    return [one for one in silences if one.days > allowed]


def merged(stretches: Iterable[tuple[date, date]]) -> list[tuple[date, date]]:
    """Stretches in order, those that touch made one."""
    found: list[tuple[date, date]] = []
    for start, end in stretches:
        if found and found[-1][1] == start:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found
