"""Is it more than chance? The halves are drawn again, ten thousand times, and compared each time.

Nothing is assumed about how the values are distributed. All draws respect the strata: as many in each get the
nudge as did. The interval holds every effect that the same test would not refuse (Fisher; Edgington and
Onghena, Randomization Tests, ch. 3 and 4).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from apr.evidence.distributions import normal_quantile

DRAWS = 10_000
LEVEL = 0.05  # two-sided
POWER = 0.80
BATCH = 500  # draws at a time, so that memory stays small
TIE = 1e-9

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Compared:
    """How much more the people with the nudge have, on average; `low` and `high` are 95 %.

    `smallest` is the difference that such values show four times in five; None where all are the same.
    """

    effect: float
    low: float
    high: float
    p: float
    smallest: float | None
    draws: int

    @property
    def is_told(self) -> bool:
        """Whether the rule that was stated beforehand calls it an effect."""
        return self.p <= LEVEL


def compare(values: Floats, treated: Flags, stratum: Ints, *, seed: int, draws: int = DRAWS) -> Compared:
    """The difference of the two halves within strata, with its permutation test and interval."""
    halves = Halves.of(treated, stratum)
    effect = halves.difference(values, treated)
    again = np.concatenate(list(halves.draw_again(values, treated, seed, draws)), axis=1)
    others, shares = again
    as_large = np.abs(others) >= abs(effect) - TIE
    low, high = _interval(effect, others, shares)
    return Compared(
        effect=effect,
        low=low,
        high=high,
        p=float((1 + as_large.sum()) / (1 + draws)),
        smallest=smallest_effect(values, treated, stratum),
        draws=draws,
    )


def smallest_effect(values: Floats, treated: Flags, stratum: Ints) -> float | None:
    """The difference that would be told four times in five, were the values spread as these are.

    The spread of the difference over all draws is known without drawing (Neyman): in each stratum the
    variance of the values, times one over each half.
    """
    variance = 0.0
    for one in np.unique(stratum):
        inside = stratum == one
        with_it, all_of_it = int(treated[inside].sum()), int(inside.sum())
        spread = float(np.var(values[inside], ddof=1)) * (1 / with_it + 1 / (all_of_it - with_it))
        variance += (all_of_it / len(values)) ** 2 * spread
    reach = normal_quantile(1 - LEVEL / 2) + normal_quantile(POWER)
    return reach * variance**0.5 if variance > 0 else None


@dataclass(frozen=True)
class Halves:
    """The people of each stratum, and what each adds to the mean of a half: the stratum's share of all people
    over the size of its half."""

    strata: list[Ints]
    sizes: list[int]
    with_it: list[float]
    without: list[float]

    @classmethod
    def of(cls, treated: Flags, stratum: Ints) -> "Halves":
        """Refuses (ValueError) a stratum in which one half is empty: it compares nothing."""
        strata = [np.flatnonzero(stratum == one) for one in np.unique(stratum)]
        sizes = [int(treated[inside].sum()) for inside in strata]
        if not all(0 < size < len(inside) for size, inside in zip(sizes, strata, strict=True)):
            raise ValueError("a stratum has only one half")
        shares = [len(inside) / len(treated) for inside in strata]
        others = [len(inside) - size for size, inside in zip(sizes, strata, strict=True)]
        return cls(
            strata,
            sizes,
            [share / size for share, size in zip(shares, sizes, strict=True)],
            [share / size for share, size in zip(shares, others, strict=True)],
        )

    def means(self, values: Floats, treated: Flags) -> tuple[float, float]:
        """The mean of those with the nudge and of those without, as if both had all strata's people alike."""
        parts = list(zip(self.strata, self.with_it, self.without, strict=True))
        return (
            float(sum(one * values[inside][treated[inside]].sum() for inside, one, _other in parts)),
            float(sum(other * values[inside][~treated[inside]].sum() for inside, _one, other in parts)),
        )

    def difference(self, values: Floats, treated: Flags) -> float:
        """How much more those with the nudge have."""
        with_it, without = self.means(values, treated)
        return with_it - without

    def draw_again(self, values: Floats, treated: Flags, seed: int, draws: int) -> Iterator[Floats]:
        """For other draws of the halves the difference of the values, and that of having got the nudge."""
        dice = np.random.default_rng(seed)
        both = np.stack([values, treated.astype(float)])
        for first in range(0, draws, BATCH):
            count = min(BATCH, draws - first)
            found = np.zeros((2, count))
            for inside, size, one, other in zip(
                self.strata, self.sizes, self.with_it, self.without, strict=True
            ):
                order = np.argsort(dice.random((count, len(inside))), axis=1)
                drawn = both[:, inside[order]]
                found += one * drawn[:, :, :size].sum(axis=2) - other * drawn[:, :, size:].sum(axis=2)
            yield found


def _interval(effect: float, others: Floats, shares: Floats) -> tuple[float, float]:
    """All effects that the test would not refuse at 5 %.

    Were the effect t, the values without it would differ by `effect - t` as drawn and by `other - t·share` as
    drawn again. For each draw the t at which the latter is as large lie between two crossings, and the
    observed effect among them: so the interval ends where too few draws are left.
    """
    near, far = 1 - shares, 1 + shares
    with np.errstate(divide="ignore", invalid="ignore"):
        ends = np.stack([(effect - others) / near, (effect + others) / far])
    ends[:, (near < TIE) | (far < TIE)] = np.array([[-np.inf], [np.inf]])
    low, high = np.sort(ends.min(axis=0)), np.sort(ends.max(axis=0))
    fewest = int(np.floor(LEVEL * (1 + len(others))))  # so many draws, with the one observed, still refuse
    return float(low[fewest - 1]), float(high[-fewest])
