"""What is expected of people and teams: targets, calendars and membership, loaded once for a scorecard."""

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import accumulate

from accounts.calendar import WorkingCalendar
from accounts.calendars import organisation_calendar, personal_calendars
from accounts.models import Membership, Organisation, RoleGrant, Team
from apr.models import Metric, Target, TargetScope
from apr.periods import Period, PeriodKind, period_containing
from apr.scorecards.figures import Judgement, WorkingTime, cut
from apr.scoring import Segment, Status, Thresholds, attainment, expected, pace, status
from apr.targets import TargetCandidate, resolve_targets
from foundation.dated import DateRange, clip

# Nearer than any role, farther than any team: levels count up from the person.
ROLE_LEVEL = 1_000
ALWAYS = DateRange(date.min)


@dataclass(frozen=True)
class Expectation:
    """What is expected in a period and of it through yesterday; None where no target holds on any day."""

    target: Fraction | None = None
    to_date: Fraction | None = None
    why: Target | None = None


NOTHING = Expectation()


def total_expectation(parts: Iterable[Expectation], why: Target | None = None) -> Expectation:
    """The sum of the parts that have a target."""
    known = [part for part in parts if part.target is not None]
    if not known:
        return NOTHING
    target = sum((part.target or Fraction(0) for part in known), Fraction(0))
    return Expectation(target, sum((part.to_date or Fraction(0) for part in known), Fraction(0)), why)


class Frame:
    """All that rules the figures of some people in a period besides their work. Six queries, however many.

    `today` is the day by which the subject is judged, `priced_today` the one whose rates hold for open deals:
    the organisation's, unless somebody asks for another day.
    """

    def __init__(
        self,
        organisation: Organisation,
        period: Period,
        people: Collection[int],
        *,
        judged_on: date | None,
        own_today: date | None = None,
    ) -> None:
        self.organisation, self.period = organisation, period
        self.priced_today = judged_on or organisation.today()
        self.today = judged_on or own_today or self.priced_today
        self.office = organisation_calendar(organisation)
        widest = [self._year_around(day) for day in (period.start, period.end)]
        self.calendars = personal_calendars(people, widest[0].start, widest[1].end, self.office)
        self.parents: dict[int, int | None] = dict(Team.objects.values_list("pk", "parent_id"))
        self.memberships: dict[int, list[Membership]] = defaultdict(list)
        for membership in Membership.objects.filter(user__in=people).order_by("starts_on"):
            self.memberships[membership.user_id].append(membership)
        self._grants: dict[int, list[RoleGrant]] = defaultdict(list)
        for grant in RoleGrant.objects.filter(user__in=people):
            self._grants[grant.user_id].append(grant)
        self._targets: dict[int, Target] = {}
        self._targets_about: dict[tuple[str, str], list[Target]] = defaultdict(list)
        for target in Target.objects.filter(effective_from__lt=period.end).select_related("set_by"):
            self._targets[target.pk] = target
            self._targets_about[target.metric, target.metric_key].append(target)
        # Most people of a team share their target and their calendar; each pair is reckoned once.
        self._known: dict[Hashable, Expectation] = {}
        self._resolved: dict[tuple[TargetCandidate, ...], tuple[Segment, ...]] = {}
        self._runs: dict[Hashable, list[Fraction]] = {}

    def narrowed(self, period: Period) -> "Frame":
        """The same for a period inside this one, without reading anything again."""
        narrowed = copy(self)
        narrowed.period = period
        narrowed._known, narrowed._resolved, narrowed._runs = {}, {}, {}  # they follow from the period
        return narrowed

    def _year_around(self, day: date) -> Period:
        return period_containing(day, PeriodKind.YEAR, self.organisation.fiscal_first_month)

    def teams_below(self, team_id: int) -> set[int]:
        """A team and all teams below it."""
        return {pk for pk in self.parents if self._distance(pk, team_id) is not None}

    # --- days -------------------------------------------------------------------------------------

    def days_in(self, user_id: int, teams: Collection[int]) -> list[DateRange]:
        """The days of the period on which a person belonged to one of the teams."""
        ranges = [m.dates for m in self.memberships[user_id] if m.team_id in teams]
        return clip(ranges, self.period.dates)

    def absent(self, user_id: int) -> list[DateRange]:
        """The days of the period on which a person was away."""
        return clip(self.calendars[user_id].away, self.period.dates)

    def working_time(self, calendar: WorkingCalendar, ranges: Sequence[DateRange]) -> WorkingTime:
        """Working days in the ranges, and those of them that are gone."""
        return WorkingTime(_count(calendar, ranges), _count(calendar, cut(ranges, self.today)))

    # --- targets ----------------------------------------------------------------------------------

    def of_person(
        self, user_id: int, metric: Metric, ranges: Sequence[DateRange], key: str = ""
    ) -> Expectation:
        """What is expected of a person on these days of the period."""
        segments = self._resolve(self._candidates(user_id, metric, key))
        return self._expectation(segments, self.calendars[user_id], ranges)

    def run_of_person(self, user_id: int, metric: Metric, ranges: Sequence[DateRange]) -> list[Fraction]:
        """What is expected of a person on these days, added up after each day of the period, 0 first.

        Empty where nothing is expected on any of them.
        """
        segments, calendar = self._resolve(self._candidates(user_id, metric, "")), self.calendars[user_id]
        if self._expectation(segments, calendar, ranges).target is None:
            return []
        key = (segments, id(calendar), tuple(ranges))
        if key not in self._runs:
            owed = [self._owed(segments, calendar, ranges, day) for day in self.period.dates.days()]
            self._runs[key] = list(accumulate(owed, initial=Fraction(0)))
        return self._runs[key]

    def _owed(
        self,
        segments: tuple[Segment, ...],
        calendar: WorkingCalendar,
        ranges: Sequence[DateRange],
        day: date,
    ) -> Fraction:
        if not (calendar.is_working(day) and any(one.contains(day) for one in ranges)):
            return Fraction(0)
        first_month, next_day = self.organisation.fiscal_first_month, day + timedelta(days=1)
        return expected(segments, calendar, first_month, day, next_day)

    def of_team(
        self,
        team_id: int | None,
        metric: Metric,
        members: dict[int, list[DateRange]],
        key: str = "",
    ) -> Expectation:
        """What is expected of a team: its total while one holds, else the sum over its members' days."""
        totals = [
            self._candidate(target, 0, ALWAYS)
            for target in self._targets_about[metric, key]
            if target.scope == TargetScope.TOTAL and target.team_id == team_id
        ]
        segments = self._resolve(totals)
        own = self._expectation(segments, self.office, [self.period.dates])
        rest = _without(self.period.dates, segments)
        parts = [self.of_person(pk, metric, _both(days, rest), key) for pk, days in members.items()]
        return total_expectation([own, *parts], own.why)

    def _resolve(self, candidates: list[TargetCandidate]) -> tuple[Segment, ...]:
        key = tuple(candidates)
        if key not in self._resolved:
            kind, period = PeriodKind(self.period.kind), self.period
            self._resolved[key] = tuple(resolve_targets(candidates, kind, period.start, period.end))
        return self._resolved[key]

    def _candidates(self, user_id: int, metric: Metric, key: str) -> list[TargetCandidate]:
        candidates = []
        for target in self._targets_about[metric, key]:
            if target.user_id == user_id:
                candidates.append(self._candidate(target, 0, ALWAYS))
            elif target.team_id is not None and target.scope == TargetScope.EACH:
                for membership in self.memberships[user_id]:
                    level = self._distance(membership.team_id, target.team_id)
                    if level is not None:
                        candidates.append(self._candidate(target, 1 + level, membership.dates))
            elif target.role:
                grants = (g for g in self._grants[user_id] if g.role == target.role)
                candidates += [self._candidate(target, ROLE_LEVEL, grant.dates) for grant in grants]
        return candidates

    def _distance(self, team_id: int | None, upward: int) -> int | None:
        """Steps from a team up to another, None where it does not stand above."""
        steps, seen = 0, set[int]()
        while team_id is not None and team_id not in seen:
            if team_id == upward:
                return steps
            seen.add(team_id)
            team_id, steps = self.parents.get(team_id), steps + 1
        return None

    @staticmethod
    def _candidate(target: Target, level: int, valid: DateRange) -> TargetCandidate:
        return TargetCandidate(
            level, PeriodKind(target.period_kind), target.value, target.effective_from, valid, target.pk
        )

    def _expectation(
        self, segments: tuple[Segment, ...], calendar: WorkingCalendar, ranges: Sequence[DateRange]
    ) -> Expectation:
        key = (segments, id(calendar), tuple(ranges))
        if key not in self._known:
            self._known[key] = self._reckon(segments, calendar, ranges)
        return self._known[key]

    def _reckon(
        self, segments: tuple[Segment, ...], calendar: WorkingCalendar, ranges: Sequence[DateRange]
    ) -> Expectation:
        if not any(_both([DateRange(s.start, s.end)], ranges) for s in segments):
            return NOTHING
        first_month = self.organisation.fiscal_first_month

        def over(days: Sequence[DateRange]) -> Fraction:
            parts = (
                expected(segments, calendar, first_month, one.start, one.end or self.period.end)
                for one in days
            )
            return sum(parts, Fraction(0))

        return Expectation(over(ranges), over(cut(ranges, self.today)), self._in_force(segments))

    def _in_force(self, segments: tuple[Segment, ...]) -> Target | None:
        """The target of today, or of the last day of a period that is over; else the first to come."""
        begun = [segment for segment in segments if segment.start <= self.today]
        chosen = begun[-1] if begun else segments[0]
        return None if chosen.target_id is None else self._targets[chosen.target_id]

    # --- verdicts ---------------------------------------------------------------------------------

    def judge(self, achieved: int, wanted: Expectation) -> Judgement:
        """A figure against its expectation, by the organisation's thresholds."""
        share, speed = attainment(achieved, wanted.target), pace(achieved, wanted.to_date)
        return Judgement(wanted.target, wanted.to_date, share, speed, self.verdict(speed, share))

    def judge_rate(self, rate: Fraction | None, wanted: Target | None) -> tuple[Fraction | None, Status]:
        """A rate is not spread over days: its target and the status by the rate reached so far."""
        if wanted is None or wanted.value == 0:
            return None, self.verdict(None, None)
        target = Fraction(wanted.value, 10_000)
        reached = None if rate is None else rate / target
        return target, self.verdict(reached, Fraction(0) if reached is None else reached)

    def verdict(self, speed: Fraction | None, share: Fraction | None) -> Status:
        """The status of a ratio."""
        thresholds = Thresholds(
            Fraction(self.organisation.on_track_percent, 100),
            Fraction(self.organisation.at_risk_percent, 100),
        )
        return status(
            pace=speed, attainment=share, is_over=self.today >= self.period.end, thresholds=thresholds
        )


def _count(calendar: WorkingCalendar, ranges: Iterable[DateRange]) -> int:
    return sum(calendar.working_days(one.start, one.end or date.max) for one in ranges)


def _both(some: Sequence[DateRange], others: Sequence[DateRange]) -> list[DateRange]:
    """The days that lie in a range of each list."""
    return [shared for one in others for shared in clip(some, one)]


def _without(whole: DateRange, segments: Sequence[Segment]) -> list[DateRange]:
    """The days of a range that no segment covers; the segments are in order."""
    rest, start = [], whole.start
    for segment in segments:
        if start < segment.start:
            rest.append(DateRange(start, segment.start))
        start = segment.end
    if whole.end is None or start < whole.end:
        rest.append(DateRange(start, whole.end))
    return rest
