"""The formulas behind every figure, on plain numbers.

Points and counts are integers; rates, expectations and ratios are exact fractions, rounded once, at the
edge, with `round4`.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import isqrt

from accounts.calendar import WorkingCalendar
from apr.periods import PeriodKind, periods_between

# --- points ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rule:
    """What one action of a type is worth from a day on, and the most points of it that a day can count."""

    effective_from: date
    points: int
    daily_cap: int | None = None


NO_RULE = Rule(effective_from=date.min, points=0)


@dataclass(frozen=True)
class DayCounts:
    """One person's actions of one type on one day.

    `count` holds all that are not voided, `disputed` and `confirmed` the parts of it that the counterpart
    disputed or confirmed.
    """

    count: int
    disputed: int = 0
    confirmed: int = 0


@dataclass(frozen=True)
class DayPoints:
    """The three figures that stand side by side: done, counted, and confirmed by a colleague."""

    raw: int
    counted: int
    confirmed: int


def points_for(count: int, points: int) -> int:
    """Points of `count` actions worth `points` each, before any cap."""
    return count * points


def rule_on(rules: Iterable[Rule], day: date) -> Rule:
    """The rule in force on a day: the latest that has begun. Before the first one nothing has points."""
    begun = (rule for rule in rules if rule.effective_from <= day)
    return max(begun, key=lambda rule: rule.effective_from, default=NO_RULE)


def day_points(counts: DayCounts, rule: Rule) -> DayPoints:
    """Points of a day by the rule in force on it. The cap holds per person, day and action type."""

    def capped(count: int) -> int:
        points = points_for(count, rule.points)
        return points if rule.daily_cap is None else min(rule.daily_cap, points)

    return DayPoints(
        raw=points_for(counts.count, rule.points),
        counted=capped(counts.count - counts.disputed),
        confirmed=capped(counts.confirmed),
    )


# --- targets and expectations ---------------------------------------------------------------------


@dataclass(frozen=True)
class Segment:
    """The days [start, end) on which one target holds: `value` for each period of `period_kind`."""

    start: date
    end: date
    value: int
    period_kind: PeriodKind
    target_id: int | None = None


def daily_rate(value: int, working_days: int) -> Fraction:
    """What one working day owes to a target; nothing where there are no working days."""
    return Fraction(value, working_days) if working_days else Fraction(0)


def expected(
    segments: Sequence[Segment],
    calendar: WorkingCalendar,
    fiscal_first_month: int,
    start: date,
    end: date,
) -> Fraction:
    """What is expected in [start, end): the sum of the daily rates of its working days.

    The calendar is the person's own, absences out, both for the days that owe and for the days among which
    a target's period divides its value. Over a whole period this is the target itself: exactly its value
    in its own period, three times a monthly value in a quarter. Not meant for rates such as the win rate.
    """
    owed: dict[int, int] = defaultdict(int)  # by the working days of the period: few fractions to add up
    for segment in segments:
        first, last = max(segment.start, start), min(segment.end, end)
        for period in periods_between(first, last, segment.period_kind, fiscal_first_month):
            days = calendar.working_days(max(first, period.start), min(last, period.end))
            owed[calendar.working_days(period.start, period.end)] += days * segment.value
    return sum((daily_rate(value, days) for days, value in owed.items()), Fraction(0))


def attainment(achieved: int | Fraction, target: Fraction | None) -> Fraction | None:
    """Achieved / target for the whole period; None without a target."""
    return Fraction(achieved) / target if target else None


def pace(achieved: int | Fraction, expected_to_date: Fraction | None) -> Fraction | None:
    """Achieved to date / expected through yesterday; None where nothing is expected yet."""
    return Fraction(achieved) / expected_to_date if expected_to_date else None


class Status(StrEnum):
    """The verdict on a figure against its target."""

    ON_TRACK = "on_track"
    AT_RISK = "at_risk"
    BEHIND = "behind"
    NO_TARGET = "no_target"


@dataclass(frozen=True)
class Thresholds:
    """The least ratio that is on track, and the least that is at risk; anything lower is behind."""

    on_track: Fraction = Fraction(1)
    at_risk: Fraction = Fraction(4, 5)


DEFAULT_THRESHOLDS = Thresholds()


def status(
    *,
    pace: Fraction | None,
    attainment: Fraction | None,
    is_over: bool,
    thresholds: Thresholds = DEFAULT_THRESHOLDS,
) -> Status:
    """The verdict by pace while the period runs, by attainment once it is over.

    Without an attainment there is no target. Where nothing is expected yet, one is on track.
    """
    if attainment is None:
        return Status.NO_TARGET
    ratio = attainment if is_over else pace
    if ratio is None or ratio >= thresholds.on_track:
        return Status.ON_TRACK
    return Status.AT_RISK if ratio >= thresholds.at_risk else Status.BEHIND


# --- the joint scorecard --------------------------------------------------------------------------


@dataclass(frozen=True)
class Component:
    """One ratio of a side, such as covered visits of counted visits. A side needs two that have something
    to count."""

    key: str
    numerator: int | Fraction
    denominator: int | Fraction
    weight: int = 1

    @property
    def ratio(self) -> Fraction | None:
        """The share done, at most 1; None where there is nothing to count."""
        return min(Fraction(1), Fraction(self.numerator) / self.denominator) if self.denominator > 0 else None


def side_score(components: Iterable[Component]) -> Fraction | None:
    """Weighted mean × 100 of the ratios that count something; None (too little to judge) under two of them.

    A weight of 0 takes a component out, as if it had nothing to count.
    """
    counted = [(ratio, one.weight) for one in components if (ratio := one.ratio) is not None and one.weight]
    if len(counted) < 2:
        return None
    return sum((ratio * weight for ratio, weight in counted), Fraction(0)) * 100 / sum(w for _r, w in counted)


def joint_score(pm_side: Fraction | None, ae_side: Fraction | None) -> Decimal | None:
    """√(PM side × AE side) to four decimals, half to even, computed on integers; None without both sides."""
    if pm_side is None or ae_side is None:
        return None
    square = pm_side * ae_side * 10**8
    root = isqrt(int(square))
    middle = Fraction(2 * root + 1, 2) ** 2
    if square > middle or (square == middle and root % 2):
        root += 1
    return Decimal(root).scaleb(-4)


def round4(value: Fraction) -> Decimal:
    """A fraction as it leaves the house: four decimals, half to even."""
    return Decimal(round(value * 10**4)).scaleb(-4)
