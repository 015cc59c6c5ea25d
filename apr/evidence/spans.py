"""Stretches of days as the weeks at whose beginning they held. Plain arrays of day numbers, no database."""

from dataclasses import dataclass

import numpy as np

from apr.evidence.logit import Ints

FOREVER = 10**6  # days: later than any


@dataclass(frozen=True)
class Weeks:
    """The weeks [0, count), of which week 0 begins on Monday `first` (a day number)."""

    first: int
    count: int

    def of(self, days: Ints) -> Ints:
        """The week in which each day lies; outside the history too."""
        return (days - self.first) // 7

    def spread(self, starts: Ints, ends: Ints) -> tuple[Ints, Ints]:
        """Each stretch once for each week at whose beginning it held: (places of the stretches, weeks).

        What starts on a Monday did not hold when that Monday began; what ends on one did.
        """
        begin = np.clip(self.of(starts) + 1, 0, self.count)
        end = np.clip(self.of(np.minimum(ends, FOREVER)) + 1, begin, self.count)
        length = end - begin
        place = np.repeat(np.arange(len(starts)), length)
        within = np.arange(len(place)) - np.repeat(np.cumsum(length) - length, length)
        return place, begin[place] + within
