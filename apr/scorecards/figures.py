"""What a scorecard consists of. Points, counts and minor units are integers, ratios exact fractions."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from accounts.models import Organisation, Team, User
from apr.models import ActionType, Target
from apr.periods import Period
from apr.scoring import Status
from foundation.dated import DateRange
from foundation.money import Money

Subject = User | Team | Organisation


@dataclass(frozen=True)
class Points:
    """Actions that count, and their points: done, counted (capped, less disputed), and confirmed."""

    count: int = 0
    raw: int = 0
    counted: int = 0
    confirmed: int = 0

    def __add__(self, other: "Points") -> "Points":
        return Points(
            self.count + other.count,
            self.raw + other.raw,
            self.counted + other.counted,
            self.confirmed + other.confirmed,
        )


def total_points(parts: Iterable[Points]) -> Points:
    """The sum of the parts."""
    return sum(parts, Points())


@dataclass(frozen=True)
class TypeScore:
    """The part of a score that came from one action type."""

    action_type: ActionType
    count: int
    raw_points: int
    counted_points: int
    confirmed_points: int


@dataclass(frozen=True)
class Judgement:
    """A figure held against what was expected. All are None where there is no target."""

    target: Fraction | None
    expected_to_date: Fraction | None
    attainment: Fraction | None
    pace: Fraction | None
    status: Status


@dataclass(frozen=True)
class WorkingTime:
    """Working days of a period: all, those gone (through yesterday), and those left (today included)."""

    days: int
    gone: int

    @property
    def left(self) -> int:
        """Days from today on."""
        return self.days - self.gone


@dataclass(frozen=True)
class Score:
    """APR points of a subject in a period, against its target.

    `by_type` lists the types in the admin's order, without those that have nothing. `pending_changes` says
    how many changes the roll-up has not digested yet; the figures contain them all the same. `why` is the
    target in force (on the last day of the period, or today), None where a team's is the sum of its people.
    """

    subject: Subject
    period: Period
    raw_points: int
    counted_points: int
    confirmed_points: int
    target: Fraction | None
    expected_to_date: Fraction | None
    attainment: Fraction | None
    pace: Fraction | None
    status: Status
    by_type: list[TypeScore]
    pending_changes: int
    working_days: int
    working_days_gone: int
    working_days_left: int
    why: Target | None


@dataclass(frozen=True)
class MoneyMeasure:
    """An amount in the reporting currency and the number of deals in it, against its target (minor units).

    `left_out` are the amounts in currencies that have no rate; their deals are counted, their money is not.
    """

    amount: Money
    count: int
    left_out: tuple[Money, ...]
    target: Fraction | None
    expected_to_date: Fraction | None
    attainment: Fraction | None
    pace: Fraction | None
    status: Status


@dataclass(frozen=True)
class Results:
    """What came of the work. A deal counts once in each figure, whoever shares it.

    `overlap` is the won amount that stands with an account executive and with a partner manager of the
    subject, in `won` and in the partner managers' figures. `missing_rates` names currencies left out.
    """

    subject: Subject
    period: Period
    won: MoneyMeasure
    sourced_won: MoneyMeasure
    influenced_won: MoneyMeasure
    pipeline_created: MoneyMeasure
    wins: int
    losses: int
    win_rate: Fraction | None
    win_rate_target: Fraction | None
    win_rate_status: Status
    missing_rates: tuple[str, ...]
    overlap: Money
    pending_changes: int


@dataclass(frozen=True)
class PointsRun:
    """Points added up day by day: after each day of the period, with 0 before the first.

    `achieved` ends with today, `expected` with the period (empty where there is no target); `away` are the
    absences as ranges of days counted from the first.
    """

    achieved: list[int]
    expected: list[Fraction]
    away: list[tuple[int, int]]


@dataclass(frozen=True)
class MemberScore:
    """A person's part in a team: the days of membership and of absence in the period, and what they hold.

    `run` tells how the score grew, where that was asked for.
    """

    user: User
    days: list[DateRange]
    absent: list[DateRange]
    score: Score
    results: Results
    run: PointsRun | None


@dataclass(frozen=True)
class TeamScorecard:
    """A team's (or the organisation's) total and its people from A to Z. The parts add up to the total.

    `results` may be those of another period than the points: every target keeps its own.
    """

    subject: Team | Organisation
    period: Period
    total: Score
    results: Results
    members: list[MemberScore]


@dataclass(frozen=True)
class Totals:
    """What a team or the organisation holds together."""

    score: Score
    results: Results


@dataclass(frozen=True)
class ActionPoints:
    """What one action adds to the day's figures."""

    raw: int
    counted: int
    confirmed: int


@dataclass(frozen=True)
class WeekPoints:
    """Counted points of a week and what was expected of it."""

    period: Period
    counted_points: int
    target: Fraction | None


@dataclass(frozen=True)
class OwnCard:
    """A person's score in a period as it grew, and the results in another one (of a month its quarter).

    `days` are those of the period that are meant: all, or where a leader reads, those in the leader's teams.
    `weeks` are the last ones, oldest first, where they were asked for.
    """

    score: Score
    run: PointsRun
    results: Results
    days: list[DateRange]
    weeks: list[WeekPoints]


def cut(ranges: Iterable[DateRange], until: date) -> list[DateRange]:
    """The parts of the ranges before a day."""
    return [DateRange(r.start, min(until, r.end) if r.end else until) for r in ranges if r.start < until]
