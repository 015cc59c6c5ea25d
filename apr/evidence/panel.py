"""Open deals week by week, with the actions before and after each week. Plain arrays, no database.

A row is a deal that was open when a week began (Monday) and the week is over. It advanced when it took a step
forward, or was won, in that week. Actions of the week itself are not before it: nobody can tell whether
they led to the step or followed from it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from apr.evidence.logit import Floats, Ints

Flags = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int16]
LAGS = range(-4, 5)
BEFORE = (1, 2)  # an action lies so many weeks before the row
AFTER = (-1,)
NOBODY = -1


@dataclass(frozen=True)
class Rows:
    """Deal-weeks, one place in each array; sorted by deal, then week, each pair once.

    `week` counts from the first week. `owner` and `manager` are numbers of people, NOBODY without one.
    `stage` numbers stages, `weeks_in_stage` and `weeks_open` count whole weeks before this one. `stays` says
    that the deal is open through the whole next week: of a deal that closes then, little is done then.
    """

    deal: Ints
    week: Ints
    owner: Ints
    manager: Ints
    stage: Ints
    weeks_in_stage: Ints
    weeks_open: Ints
    advanced: Flags
    stays: Flags

    def __len__(self) -> int:
        return len(self.deal)

    def only(self, which: Flags) -> "Rows":
        """Some of the rows."""
        return Rows(**{name: getattr(self, name)[which] for name in self.__dataclass_fields__})


def staying(deal: Ints, week: Ints) -> Flags:
    """Which rows, sorted by deal and week, are followed by the two next weeks of the same deal."""
    follows = np.zeros(len(deal), dtype=bool)
    follows[:-2] = (deal[2:] == deal[:-2]) & (week[2:] == week[:-2] + 2)
    return follows


@dataclass(frozen=True)
class Deeds:
    """Actions on deals: deal and week as in the rows (also weeks without a row), and the kind's number."""

    deal: Ints
    week: Ints
    kind: Ints


@dataclass(frozen=True)
class Panel:
    """Rows with what was done round them. `weeks` is how many weeks the history has."""

    rows: Rows
    deeds: Deeds
    weeks: int
    _cache: dict[tuple[int, tuple[int, ...]], Counts] = field(default_factory=dict, compare=False)

    @cached_property
    def _keys(self) -> Ints:
        return self.rows.deal * self._span + self.rows.week

    @cached_property
    def _span(self) -> int:
        """More weeks than any deed or row lies apart."""
        return self.weeks + 2 * max(map(abs, LAGS)) + 2

    def counts(self, kinds: Iterable[int], lags: tuple[int, ...]) -> Floats:
        """Actions of these kinds at these lags of each row (1: the week before, −1: the week after)."""
        total = np.zeros(len(self.rows))
        for kind in kinds:
            total += self._of_kind(kind, lags)
        return total

    def _of_kind(self, kind: int, lags: tuple[int, ...]) -> Counts:
        if (kind, lags) not in self._cache:
            near = (self.deeds.week >= LAGS.start) & (self.deeds.week < self.weeks - LAGS.start)
            chosen = near & (self.deeds.kind == kind)
            keys = self.deeds.deal[chosen] * self._span + self.deeds.week[chosen]
            total = np.zeros(len(self.rows), dtype=np.int16)
            for lag in lags:
                place = np.searchsorted(self._keys, keys + lag)
                place[place == len(self.rows)] = 0
                hit = place[self._keys[place] == keys + lag] if len(self.rows) else place[:0]
                np.add.at(total, hit, 1)
            self._cache[kind, lags] = total
        return self._cache[kind, lags]

    def only(self, which: Flags) -> "Panel":
        """The panel of some of its rows; every deed is kept."""
        if which.all():
            return self
        return Panel(self.rows.only(which), self.deeds, self.weeks)


@dataclass(frozen=True)
class Lag:
    """Mean actions of a deal-week so many weeks before (positive) or after (negative) the week looked at."""

    lag: int
    advanced: float
    stayed: float
    n_advanced: int
    n_stayed: int


def lead_lag(panel: Panel, kinds: Iterable[int]) -> list[Lag]:
    """What was done each week from four before to four after, where deals advanced and where they did not.

    Only weeks count in which the deal has a row, so that a deal that closed is not taken for a silent one.
    The rows that did not advance are weighted to the stages of those that did.
    """
    listed = list(kinds)
    picture = []
    weight = _weights(panel.rows)
    keys = panel._keys
    for lag in reversed(LAGS):
        place = np.minimum(np.searchsorted(keys, keys - lag), max(len(keys) - 1, 0))
        there = keys[place] == keys - lag
        done = panel.counts(listed, (lag,))
        yes, no = there & panel.rows.advanced, there & ~panel.rows.advanced
        picture.append(
            Lag(lag, _mean(done, weight, yes), _mean(done, weight, no), int(yes.sum()), int(no.sum()))
        )
    return picture


def _weights(rows: Rows) -> Floats:
    """1 for rows that advanced; for the others what makes their stages as frequent as those."""
    highest = int(rows.stage.max(initial=0)) + 1
    yes = np.bincount(rows.stage, rows.advanced, highest)
    no = np.bincount(rows.stage, ~rows.advanced, highest)
    return np.where(rows.advanced, 1.0, (yes / np.maximum(no, 1))[rows.stage])


def _mean(values: Floats, weight: Floats, which: Flags) -> float:
    total = float(weight[which].sum())
    return float((values[which] * weight[which]).sum() / total) if total else 0.0
