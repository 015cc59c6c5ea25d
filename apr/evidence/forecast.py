"""What a quarter will win, by how deals moved in past quarters; and whether to believe it. No database.

Time is counted in steps, thirteen to a quarter. Deals of one quarter rise and fall together, so whole past
quarters are drawn: how fast deals moved through the stages then, and what was added then. Within a quarter
each deal is its own draw. The forecast is the mixture of them all, without dice: the same data, the same
figures.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from statistics import NormalDist

import numpy as np

from apr.evidence.distributions import t_quantile
from apr.evidence.logit import Floats, Ints

STEPS = 13
INTERVAL = 0.8
TAUGHT_BY = 4  # past quarters, at least
MOST = 12  # past quarters that are drawn from
NEEDED = 12  # quarters of the backtest
COVERED = (0.7, 0.9)
SHRINKAGE = 20.0  # deal-weeks of the average quarter that each quarter is mixed with
NONE = -1


@dataclass(frozen=True)
class Steps:
    """Steps of deals, sorted by deal, then by when they took effect.

    `at` and `known` are the time steps in which a step took effect and was recorded. `to` is the place of an
    open stage, or `stages` where the deal was won, `stages` + 1 where it was lost. `chance` is what the stage
    promises, `closes` the quarter in which the close was expected (NONE without one).
    """

    stages: int
    deal: Ints
    at: Ints
    known: Ints
    to: Ints
    amount: Floats
    chance: Floats
    closes: Ints

    @cached_property
    def deals(self) -> int:
        return int(self.deal.max(initial=-1)) + 1

    def as_known(self, now: int) -> "Steps":
        """What had happened and was recorded before the time step `now`: the past as it looked then."""
        seen = (self.at < now) & (self.known < now)
        return replace(
            self,
            deal=self.deal[seen],
            at=self.at[seen],
            known=self.known[seen],
            to=self.to[seen],
            amount=self.amount[seen],
            chance=self.chance[seen],
            closes=self.closes[seen],
        )

    def last(self, now: int) -> Ints:
        """For each deal its last step before `now`, as a place among the steps; NONE before its first."""
        place = np.full(self.deals, NONE)
        before = np.flatnonzero(self.at < now)
        np.maximum.at(place, self.deal[before], before)
        return place

    def won_in(self, quarter: int) -> float:
        """What stands as won in a quarter: a deal that was opened again has left it."""
        ends = self.last(int(self.at.max(initial=0)) + 1)
        ends = ends[ends != NONE]
        won = (self.to[ends] == self.stages) & (self.at[ends] // STEPS == quarter)
        return float(self.amount[ends][won].sum())


@dataclass(frozen=True)
class Quarter:
    """How one past quarter went: moves from place to place in a step, as counts or as chances, and what was
    added in which step, to which place."""

    moves: Floats
    added_in: Ints
    added_to: Ints
    added: Floats

    def chances(self, steps: int) -> Floats:
        """The chance of being won within so many steps, by place; then 1 for won and 0 for lost."""
        chance = np.zeros(self.moves.shape[1])
        chance[-2] = 1.0
        for _step in range(steps):
            chance[:-2] = self.moves @ chance
        return chance


@dataclass(frozen=True)
class Outlook:
    """The forecast of a quarter: its mean, and the interval that should hold four quarters in five.

    `mean_rule` is the mean of the past quarters, `weighted_rule` what is won plus amount × chance of what is
    expected to close: the two rules that a forecast must beat.
    """

    value: float
    low: float
    high: float
    won: float
    taught_by: int
    mean_rule: float
    weighted_rule: float


def forecast(steps: Steps, quarter: int, elapsed: int, *, first: int, part: float = 0.0) -> Outlook | None:
    """The quarter's outlook after `elapsed` whole steps and a `part` of the next; `first` is known whole.

    None where fewer than TAUGHT_BY past quarters are there to learn from.
    """
    now = quarter * STEPS + elapsed + (1 if part else 0)
    known = steps.as_known(now)
    past = range(max(first, quarter - MOST), quarter)
    if len(past) < TAUGHT_BY:
        return None
    taught = _quarters(known, past)
    ends = known.last(now)
    ends = ends[ends != NONE]
    is_open = known.to[ends] < known.stages
    place, amount = known.to[ends][is_open], known.amount[ends][is_open]
    won = known.won_in(quarter)
    draws = [_draw(one, place, amount, elapsed, part) for one in taught]
    means, variances = (np.array(column) for column in zip(*draws, strict=True))
    means = won + _widened(means)
    due = is_open & (known.closes[ends] == quarter)
    return Outlook(
        value=float(means.mean()),
        low=max(_quantile(means, variances, (1 - INTERVAL) / 2), won),
        high=_quantile(means, variances, (1 + INTERVAL) / 2),
        won=won,
        taught_by=len(taught),
        mean_rule=float(np.mean([known.won_in(one) for one in past])),
        weighted_rule=won + float((known.amount[ends] * known.chance[ends])[due].sum()),
    )


def _quarters(known: Steps, past: Sequence[int]) -> list[Quarter]:
    """The past quarters, each mixed with a little of their average: some saw few deals in a stage."""
    counted = [_counted(known, quarter) for quarter in past]
    total = np.sum([one.moves for one in counted], axis=0) + 1e-9
    average = total / total.sum(axis=1, keepdims=True)
    return [
        replace(
            one, moves=(one.moves + SHRINKAGE * average) / (one.moves.sum(axis=1, keepdims=True) + SHRINKAGE)
        )
        for one in counted
    ]


def _counted(known: Steps, quarter: int) -> Quarter:
    """A quarter with its moves counted from place to place, still no chances."""
    moves = np.zeros((known.stages, known.stages + 2))
    added: list[tuple[Ints, Ints, Floats]] = []
    before = known.last(quarter * STEPS)
    for step in range(STEPS):
        after = known.last(quarter * STEPS + step + 1)
        there = before != NONE
        was, became = known.to[before[there]], known.to[after[there]]
        is_open = was < known.stages
        np.add.at(moves, (was[is_open], became[is_open]), 1)
        new = after[~there & (after != NONE)]
        added.append((np.full(len(new), step), known.to[new], known.amount[new]))
        before = after
    when, where, what = zip(*added, strict=True)
    return Quarter(moves, np.concatenate(when), np.concatenate(where), np.concatenate(what))


def _draw(quarter: Quarter, place: Ints, amount: Floats, elapsed: int, part: float) -> tuple[float, float]:
    """Mean and variance of what is still won, were the rest of the quarter like that one."""
    left = STEPS - elapsed
    chances = np.stack([quarter.chances(steps) for steps in range(left + 1)])
    now = (1 - part) * chances[left] + part * chances[max(left - 1, 0)]
    chance = now[place]
    later = quarter.added_in >= elapsed
    when, where = quarter.added_in[later], quarter.added_to[later]
    added, weight = quarter.added[later], np.where(when == elapsed, 1 - part, 1.0)
    new = weight * chances[STEPS - 1 - when, where]
    mean = float(amount @ chance + added @ new)
    # What is added comes by itself (Poisson), what is there is won or not (Bernoulli).
    return mean, float(amount**2 @ (chance * (1 - chance)) + added**2 @ new)


def _widened(means: Floats) -> Floats:
    """Quarters spread as far as a quarter to come may lie, few of them being known (t for normal)."""
    n = len(means)
    upper = (1 + INTERVAL) / 2
    stretch = t_quantile(upper, n - 1) / NormalDist().inv_cdf(upper) * np.sqrt((n + 1) / (n - 1))
    return np.asarray(means.mean() + stretch * (means - means.mean()), dtype=np.float64)


def _quantile(means: Floats, variances: Floats, share: float) -> float:
    """The quantile of an even mixture of normals, by bisection."""
    parts = [
        NormalDist(m, max(v, 1e-12) ** 0.5) for m, v in zip(means.tolist(), variances.tolist(), strict=True)
    ]
    low = min(part.mean - 10 * part.stdev for part in parts)
    high = max(part.mean + 10 * part.stdev for part in parts)
    while high - low > 1e-9 * max(1.0, abs(high)):
        middle = (low + high) / 2
        if sum(part.cdf(middle) for part in parts) / len(parts) < share:
            low = middle
        else:
            high = middle
    return (low + high) / 2


@dataclass(frozen=True)
class PastQuarter:
    """A past quarter, forecast from what was known at the same point of it."""

    quarter: int
    outlook: Outlook
    actual: float

    @property
    def is_covered(self) -> bool:
        return self.outlook.low <= self.actual <= self.outlook.high


@dataclass(frozen=True)
class Backtest:
    """How a forecast would have done in past quarters."""

    tested: Sequence[PastQuarter]

    @property
    def covered(self) -> int:
        return sum(one.is_covered for one in self.tested)

    def _missed_by(self, said: Sequence[float]) -> float:
        return float(np.mean([abs(s - one.actual) for s, one in zip(said, self.tested, strict=True)]))

    @property
    def error(self) -> float:
        """How far off the forecast was, on average."""
        return self._missed_by([one.outlook.value for one in self.tested])

    @property
    def mean_error(self) -> float:
        """How far off the mean of the past quarters was."""
        return self._missed_by([one.outlook.mean_rule for one in self.tested])

    @property
    def weighted_error(self) -> float:
        """How far off the stage-weighted sum was."""
        return self._missed_by([one.outlook.weighted_rule for one in self.tested])

    @property
    def is_long_enough(self) -> bool:
        return len(self.tested) >= NEEDED

    @property
    def is_honest(self) -> bool:
        """Whether the intervals held about as often as they should."""
        return COVERED[0] <= self.covered / max(len(self.tested), 1) <= COVERED[1]

    @property
    def is_better(self) -> bool:
        """Whether it beat both simple rules."""
        return self.error < min(self.mean_error, self.weighted_error)

    @property
    def holds(self) -> bool:
        """Whether the forecast may be shown."""
        return self.is_long_enough and self.is_honest and self.is_better


def backtest(steps: Steps, quarter: int, elapsed: int, *, first: int, part: float = 0.0) -> Backtest:
    """Every quarter before `quarter` that others precede, forecast at the same point as this one is now."""
    tested = []
    for past in range(first + TAUGHT_BY, quarter):
        outlook = forecast(steps, past, elapsed, first=first, part=part)
        if outlook is not None:
            tested.append(PastQuarter(past, outlook, steps.won_in(past)))
    return Backtest(tested)
