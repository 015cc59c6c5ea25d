"""Shares and their differences with honest intervals, for few cases and for many."""

from dataclasses import dataclass
from math import sqrt

from apr.evidence.distributions import normal_quantile

SHOWN_FROM = 20  # a group smaller than this is counted and not shown
Z = normal_quantile(0.975)


@dataclass(frozen=True)
class Share:
    """`part` of `whole`."""

    part: int
    whole: int

    @property
    def value(self) -> float:
        return self.part / self.whole if self.whole else 0.0

    @property
    def is_shown(self) -> bool:
        """Whether the group is large enough to say anything of it."""
        return self.whole >= SHOWN_FROM

    @property
    def interval(self) -> tuple[float, float]:
        """95 % by Wilson's score."""
        if not self.whole:
            return 0.0, 1.0
        n, p = self.whole, self.value
        middle, reach = p + Z * Z / (2 * n), Z * sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
        stretch = 1 + Z * Z / n
        return max((middle - reach) / stretch, 0.0), min((middle + reach) / stretch, 1.0)


def difference(one: Share, other: Share) -> tuple[float, float, float]:
    """How much larger the one is, with 95 % by Newcombe (1998, method 10): value, low, high."""
    (low_1, high_1), (low_2, high_2) = one.interval, other.interval
    gap = one.value - other.value
    down = sqrt((one.value - low_1) ** 2 + (high_2 - other.value) ** 2)
    up = sqrt((high_1 - one.value) ** 2 + (other.value - low_2) ** 2)
    return gap, gap - down, gap + up
