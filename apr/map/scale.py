"""Where a day stands: one linear calendar scale, weekends kept, nothing compressed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Scale:
    """The days [start, end) over `length` units from `origin`; backwards where later days come first."""

    start: date
    end: date
    length: float
    origin: float = 0
    backwards: bool = False

    @property
    def unit(self) -> float:
        """How much room a day has."""
        return self.length / max((self.end - self.start).days, 1)

    def at(self, day: date) -> float:
        """Where a day begins; days beyond the scale stand at its end."""
        return self._place((min(max(day, self.start), self.end) - self.start).days)

    def middle(self, day: date) -> float:
        """Where what happened on a day stands."""
        return self._place((min(max(day, self.start), self.end) - self.start).days + 0.5)

    def _place(self, days: float) -> float:
        run = days * self.unit
        return self.origin + (self.length - run if self.backwards else run)

    def months(self) -> Iterator[date]:
        """The first day of the scale, and the first of every later month."""
        yield self.start
        month = (self.start.replace(day=1) + timedelta(days=32)).replace(day=1)
        while month < self.end:
            yield month
            month = (month + timedelta(days=32)).replace(day=1)
