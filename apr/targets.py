"""Which target holds on which day, where several could: the most specific one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from apr.periods import PeriodKind
from apr.scoring import Segment
from foundation.dated import DateRange


@dataclass(frozen=True)
class TargetCandidate:
    """A target that could hold for a person.

    `level` tells how near its subject is: 0 the person, then teams from the nearest upward (only those whose
    target is for *each* member), last the role. `valid` are the days on which that subject applies to
    the person, such as those of a membership.
    """

    level: int
    period_kind: PeriodKind
    value: int
    effective_from: date
    valid: DateRange
    id: int

    def holds_on(self, day: date) -> bool:
        """Whether it has begun and its subject applies."""
        return self.effective_from <= day and self.valid.contains(day)


def resolve_targets(
    candidates: Sequence[TargetCandidate], view_kind: PeriodKind, start: date, end: date
) -> list[Segment]:
    """The targets that hold in [start, end), in order; days without any are left out.

    Each day takes the most specific level that has one. Within it a target of the kind of period that is
    looked at goes first, then the shortest longer kind, then the longest shorter one; among those the latest
    `effective_from`, and of two from one day the higher id.
    """
    segments: list[Segment] = []
    for first, last in pairwise(_cuts(candidates, start, end)):
        best = _best_on(candidates, view_kind, first)
        if best is None:
            continue
        previous = segments[-1] if segments else None
        if previous and previous.target_id == best.id and previous.end == first:
            segments[-1] = replace(previous, end=last)
        else:
            segments.append(Segment(first, last, best.value, best.period_kind, best.id))
    return segments


def _cuts(candidates: Sequence[TargetCandidate], start: date, end: date) -> list[date]:
    """The days in [start, end] at which the answer can change, both ends included."""
    days = {start, end}
    for one in candidates:
        days |= {one.effective_from, one.valid.start, one.valid.end or end}
    return sorted(day for day in days if start <= day <= end)


def _best_on(
    candidates: Sequence[TargetCandidate], view_kind: PeriodKind, day: date
) -> TargetCandidate | None:
    in_force = [one for one in candidates if one.holds_on(day)]
    return min(
        in_force,
        key=lambda one: (
            one.level,
            _distance(one.period_kind, view_kind),
            -one.effective_from.toordinal(),
            -one.id,
        ),
        default=None,
    )


def _distance(kind: PeriodKind, wanted: PeriodKind) -> tuple[bool, int]:
    """How far a kind is from the wanted one; longer kinds come before shorter ones."""
    lengths = list(PeriodKind)
    steps = lengths.index(kind) - lengths.index(wanted)
    return steps < 0, abs(steps)
