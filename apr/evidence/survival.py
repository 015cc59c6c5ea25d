"""How long things last when some have not ended yet: Kaplan and Meier's curve, and the log-rank test."""

from dataclasses import dataclass

import numpy as np

from apr.evidence.distributions import chi_squared_tail
from apr.evidence.logit import Floats
from apr.evidence.panel import Flags


@dataclass(frozen=True)
class Curve:
    """The share that still lasts after each of `times` (ascending, only where something ended); 1 before."""

    times: Floats
    lasting: Floats
    n: int
    ended: int

    def at(self, time: float) -> float:
        """The share that lasts longer than `time`."""
        place = int(np.searchsorted(self.times, time, side="right"))
        return 1.0 if place == 0 else float(self.lasting[place - 1])

    @property
    def median(self) -> float | None:
        """When half have ended; None where that was not seen."""
        below = np.flatnonzero(self.lasting <= 0.5)
        return float(self.times[below[0]]) if len(below) else None


def kaplan_meier(durations: Floats, ended: Flags) -> Curve:
    """The curve of durations of which some (`ended` false) were still running when last seen."""
    times = np.unique(durations[ended])
    at_risk = len(durations) - np.searchsorted(np.sort(durations), times, side="left")
    ends = _count(durations[ended], times)
    lasting = np.asarray(np.cumprod(1 - ends / np.maximum(at_risk, 1)), dtype=np.float64)
    return Curve(times, lasting, len(durations), int(ended.sum()))


def log_rank(one: Floats, one_ended: Flags, other: Floats, other_ended: Flags) -> float:
    """The p of two groups lasting equally long (chi-squared with one degree); 1 where nothing ended."""
    times = np.unique(np.concatenate([one[one_ended], other[other_ended]]))
    n_one = len(one) - np.searchsorted(np.sort(one), times, side="left")
    n = n_one + len(other) - np.searchsorted(np.sort(other), times, side="left")
    ends_one = _count(one[one_ended], times)
    ends = ends_one + _count(other[other_ended], times)
    surplus = float(np.sum(ends_one - ends * n_one / n))
    several = n > 1
    n, n_one, ends = n[several], n_one[several], ends[several]
    variance = float(np.sum(ends * (n_one / n) * (1 - n_one / n) * (n - ends) / (n - 1)))
    return chi_squared_tail(surplus**2 / variance) if variance > 0 else 1.0


def _count(values: Floats, times: Floats) -> Floats:
    return np.bincount(np.searchsorted(times, values), minlength=len(times)).astype(float)
