"""What is expected of people and teams: targets, calendars and membership, loaded once for a scorecard."""

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

from django.db.models import Q

from accounts.calendar import WorkingCalendar
from accounts.calendars import organisation_calendar
from accounts.facts import facts_of
from accounts.models import Organisation, Team, User
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


class Alike(NamedTuple):
    """People of whom the same is expected on the same days: one of them, the days, and how many they are."""

    user_id: int
    days: tuple[DateRange, ...]
    people: int


def total_expectation(parts: Iterable[tuple[Expectation, int]], why: Target | None = None) -> Expectation:
    """The sum of the parts that have a target, each so many times."""
    known = [(part, count) for part, count in parts if part.target is not None]
    if not known:
        return NOTHING
    target = sum(((part.target or Fraction(0)) * count for part, count in known), Fraction(0))
    to_date = sum(((part.to_date or Fraction(0)) * count for part, count in known), Fraction(0))
    return Expectation(target, to_date, why)


class Frame:
    """All that rules the figures of some people in a period besides their work. Five queries, however many.

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
        office: WorkingCalendar | None = None,
    ) -> None:
        self.organisation, self.period = organisation, period
        self.priced_today = judged_on or organisation.today()
        self.today = judged_on or own_today or self.priced_today
        widest = [self._year_around(day) for day in (period.start, period.end)]
        facts = facts_of(people, widest[0].start, widest[1].end)
        self.office = office or organisation_calendar(organisation)
        self._stays, self._grants = facts.stays, facts.grants
        self.calendars = {pk: self._calendar(facts.absences.get(pk)) for pk in people}
        self.parents = Team.objects.all().parents()
        self._targets: dict[int, Target] = {}
        self._targets_about: dict[tuple[str, str], list[Target]] = defaultdict(list)
        targets = Target.objects.filter(effective_from__lt=period.end).select_related("set_by")
        for target in targets.filter(Q(user__isnull=True) | Q(user__in=people)):
            self._targets[target.pk] = target
            self._targets_about[target.metric, target.metric_key].append(target)
        self._with_own_target = {target.user_id for target in self._targets.values()}
        self._has_targets_of_teams = any(
            target.team_id is not None and target.scope == TargetScope.EACH
            for target in self._targets.values()
        )
        self._standings: dict[int, Hashable] = {}
        # Most people of a team share their target and their calendar; each pair is reckoned once.
        self._known: dict[Hashable, Expectation] = {}
        self._resolved: dict[tuple[TargetCandidate, ...], tuple[Segment, ...]] = {}
        self._runs: dict[Hashable, list[Fraction]] = {}

    def _calendar(self, absences: list[DateRange] | None) -> WorkingCalendar:
        return self.office.minus(absences) if absences else self.office

    def narrowed(self, period: Period) -> "Frame":
        """The same for a period inside this one, without reading anything again."""
        narrowed = copy(self)
        narrowed.period = period
        narrowed._known, narrowed._resolved, narrowed._runs = {}, {}, {}  # they follow from the period
        narrowed.__dict__.pop("_in_team", None)
        return narrowed

    def judged_on(self, day: date) -> "Frame":
        """The same by another day, without reading anything again."""
        judged = self.narrowed(self.period)
        judged.today = day
        return judged

    def _year_around(self, day: date) -> Period:
        return period_containing(day, PeriodKind.YEAR, self.organisation.fiscal_first_month)

    def teams_below(self, team_id: int) -> set[int]:
        """A team and all teams below it."""
        return {pk for pk in self.parents if self._distance(pk, team_id) is not None}

    # --- days -------------------------------------------------------------------------------------

    def days_in(self, user_id: int, teams: Collection[int]) -> list[DateRange]:
        """The days of the period on which a person belonged to one of the teams."""
        return clip((stay.dates for stay in self._stays[user_id] if stay.team_id in teams), self.period.dates)

    def members_of(self, teams: Collection[int]) -> dict[int, list[DateRange]]:
        """Everybody who belonged to one of the teams in the period, with the days."""
        if len(teams) == 1:
            return {pk: self.days_in(pk, teams) for pk in self._in_team.get(next(iter(teams)), ())}
        people = {pk for team in teams for pk in self._in_team.get(team, ())}
        return {pk: self.days_in(pk, teams) for pk in people}

    @cached_property
    def _in_team(self) -> dict[int, set[int]]:
        """The people who were in a team on a day of the period."""
        people: dict[int, set[int]] = defaultdict(set)
        for pk, stays in self._stays.items():
            for stay in stays:
                if stay.dates.overlap(self.period.dates):
                    people[stay.team_id].add(pk)
        return people

    def roles(self, user: User) -> frozenset[str]:
        """The roles that a person holds today."""
        return user.roles_by(self._grants[user.pk])

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
        members: Sequence[Alike],
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
        parts = [(self.of_person(pk, metric, _both(days, rest), key), count) for pk, days, count in members]
        return total_expectation([(own, 1), *parts], own.why)

    def alike(self, members: Mapping[int, Sequence[DateRange]]) -> list[Alike]:
        """People with their days, those together of whom the same is expected."""
        found: dict[Hashable, Alike] = {}
        for pk, days in members.items():
            when = tuple(days)
            key = (self._standing(pk), when)
            one = found.get(key)
            found[key] = Alike(pk, when, 1) if one is None else one._replace(people=one.people + 1)
        return list(found.values())

    def _standing(self, user_id: int) -> Hashable:
        """All that decides what is expected of a person."""
        if user_id not in self._standings:
            stays = tuple(self._stays[user_id]) if self._has_targets_of_teams else ()
            own = user_id if user_id in self._with_own_target else None
            self._standings[user_id] = (own, stays, tuple(self._grants[user_id]), id(self.calendars[user_id]))
        return self._standings[user_id]

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
                for stay in self._stays[user_id]:
                    level = self._distance(stay.team_id, target.team_id)
                    if level is not None:
                        candidates.append(self._candidate(target, 1 + level, stay.dates))
            elif target.role:
                granted = (dates for role, dates in self._grants[user_id] if role == target.role)
                candidates += [self._candidate(target, ROLE_LEVEL, dates) for dates in granted]
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
        is_over = self.today >= self.period.end
        return status(pace=speed, attainment=share, is_over=is_over, thresholds=self._thresholds)

    @cached_property
    def _thresholds(self) -> Thresholds:
        organisation = self.organisation
        return Thresholds(
            Fraction(organisation.on_track_percent, 100), Fraction(organisation.at_risk_percent, 100)
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
