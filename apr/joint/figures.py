"""What a joint scorecard consists of. Ratios and side scores are exact fractions."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import ceil

from accounts.models import User
from apr.joint.rows import Row, Shared, State
from apr.periods import Period
from apr.scorecards import Results
from apr.scoring import Component, joint_score, side_score
from foundation.money import Money
from opportunities.models import Capacity, Opportunity


class Key(StrEnum):
    """The components of a joint scorecard: five that the partner manager owes, five of the other side."""

    INVOLVEMENT = "involvement"
    AT_THE_INK = "at_the_ink"
    OBSTACLES = "obstacles"
    COACHING = "coaching"
    PM_COMMITMENTS = "pm_commitments"
    DOCUMENTED = "documented"
    MOVING = "moving"
    RAISED_IN_TIME = "obstacles_raised_in_time"
    FOLLOW_THROUGH = "follow_through"
    AE_COMMITMENTS = "ae_commitments"


SIDES: dict[Capacity, tuple[Key, ...]] = {
    Capacity.PARTNER_MANAGER: tuple(Key)[:5],
    Capacity.ACCOUNT_EXECUTIVE: tuple(Key)[5:],
}


@dataclass(frozen=True)
class Measure:
    """One component: its rows, and the ratio that follows from them.

    `expected` stands for the number of rows where a target says how many there ought to be (coaching); 0 is
    without a target. `owed` is what can be done now about it, soonest first: only while the period runs.
    """

    key: Key
    rows: tuple[Row, ...]
    weight: int = 1
    expected: Fraction | None = None
    owed: tuple[Row, ...] = ()
    still_open: bool = False

    @property
    def numerator(self) -> int:
        """How many rows are done."""
        return sum(row.state == State.DONE for row in self.rows)

    @property
    def denominator(self) -> int | Fraction:
        """How many there are, or ought to be."""
        return len(self.rows) if self.expected is None else self.expected

    @property
    def ratio(self) -> Fraction | None:
        """Done of all, at most 1; None where there is nothing to count, so that it is left out."""
        return self.component.ratio

    @property
    def component(self) -> Component:
        """The same as the side's score takes it."""
        return Component(self.key, self.numerator, self.denominator, self.weight)

    @property
    def lacking(self) -> tuple[Row, ...]:
        """Rows that ought to be there besides: sessions expected and not held, without a deal or a day of
        their own. They can still be held while the period runs."""
        if self.expected is None:
            return ()
        state = State.OPEN if self.still_open else State.MISSED
        return (Row(state, date.max),) * max(ceil(self.expected) - len(self.rows), 0)


@dataclass(frozen=True)
class Side:
    """What one of the two owes the other."""

    capacity: Capacity
    user: User
    measures: tuple[Measure, ...]

    @property
    def score(self) -> Fraction | None:
        """0 to 100; None is "too little to judge"."""
        return side_score(measure.component for measure in self.measures)

    @property
    def owed(self) -> int:
        """How many things are owed now."""
        return sum(len(measure.owed) for measure in self.measures)


@dataclass(frozen=True)
class Amount:
    """Deals and their money in the reporting currency; `left_out` is what has no rate, by currency."""

    count: int
    money: Money
    left_out: tuple[Money, ...] = ()


@dataclass(frozen=True)
class Outcomes:
    """What came of it together: the shared deals that were open at the end of the period (or are now), and
    those that closed in it, at the rate of the close. `won` stands in both numbers, once in any total above.

    `alone_won` and `alone_lost` count the account executive's deals that closed in the period without any
    partner manager. `pm_results` and `ae_results` are both numbers, all their deals, against their targets.
    """

    pipeline: Amount
    won: Amount
    lost: Amount
    alone_won: int
    alone_lost: int
    pm_results: Results
    ae_results: Results

    @property
    def win_rate(self) -> Fraction | None:
        """Won of the shared deals that closed."""
        return _rate(self.won.count, self.lost.count)

    @property
    def alone_win_rate(self) -> Fraction | None:
        """The same of the deals without a partner manager."""
        return _rate(self.alone_won, self.alone_lost)


@dataclass(frozen=True)
class Standing:
    """Both sides of a pair in a period; the score is √(PM side × AE side), None where a side has none."""

    period: Period
    pm_side: Side
    ae_side: Side

    @property
    def score(self) -> Decimal | None:
        """Joint accountability, 0 to 100, to four decimals."""
        return joint_score(self.pm_side.score, self.ae_side.score)

    @property
    def measures(self) -> tuple[Measure, ...]:
        """All ten, the partner manager's first."""
        return (*self.pm_side.measures, *self.ae_side.measures)

    def measure(self, key: Key) -> Measure:
        """One of the ten."""
        return next(measure for measure in self.measures if measure.key == key)


@dataclass(frozen=True)
class JointScorecard:
    """A pair in a period, and what came of it.

    `shared` are the deals of the pair, `deals` these and all others that a row names, by id. `shared_count`
    counts those too that the viewer may not see by themselves.
    """

    pm: User
    ae: User
    period: Period
    today: date
    standing: Standing
    shared: tuple[Shared, ...]
    shared_count: int
    deals: dict[int, Opportunity]
    outcomes: Outcomes


def _rate(won: int, lost: int) -> Fraction | None:
    return Fraction(won, won + lost) if won + lost else None
