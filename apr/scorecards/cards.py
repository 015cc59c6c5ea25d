"""The scorecards of a person, a team and the organisation.

Marks are counted first and the figures read after: a change digested in between is then computed live once
more, and none is missed.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from accounts.models import Membership, Organisation, Team, User
from accounts.rates import Rates
from apr.models import ActionType, Metric, ScoreUnit
from apr.periods import Period, PeriodKind, period_containing
from apr.rollup.lines import Line, Members, lines
from apr.rollup.pending import Pending, pending
from apr.rollup.reading import Part, daily_parts, period_parts
from apr.scorecards.expectations import Expectation, Frame
from apr.scorecards.figures import (
    MemberScore,
    OwnCard,
    Points,
    Results,
    Score,
    Subject,
    TeamScorecard,
    TypeScore,
    WeekPoints,
    WorkingTime,
    total_points,
)
from apr.scorecards.outcomes import results_of
from apr.scorecards.runs import points_run
from foundation.dated import DateRange


def person_score(user: User, period: Period, *, today: date | None = None) -> Score:
    """A person's APR in a period, judged by their own date."""
    frame = _frame_of_person(user, period, today)
    marks = pending([user.pk], period.dates)
    parts = period_parts([user.pk], period.dates, _unit(period), marks)
    wanted = frame.of_person(user.pk, Metric.APR_POINTS, [period.dates])
    time = frame.working_time(frame.calendars[user.pk], [period.dates])
    return _score(_Reader(frame, _types(), marks), user, parts, wanted, time)


def own_card(user: User, period: Period, longer: Period, *, today: date | None = None) -> OwnCard:
    """A person's score in a period with the way there, and their results in a longer one that contains it."""
    whole = _frame_of_person(user, longer, today)
    marks = pending([user.pk], longer.dates)
    frame = whole.narrowed(period)
    days = [(part.start, part) for part in daily_parts([user.pk], period.dates, marks) if part.start]
    wanted = frame.of_person(user.pk, Metric.APR_POINTS, [period.dates])
    time = frame.working_time(frame.calendars[user.pk], [period.dates])
    return OwnCard(
        score=_score(_Reader(frame, _types(), marks), user, [part for _day, part in days], wanted, time),
        run=points_run(frame, user.pk, [(day, part.counted) for day, part in days]),
        results=_own_results(user, whole, marks),
    )


def results(subject: User | Team, period: Period, *, today: date | None = None) -> Results:
    """What came of a person's or a team's work in a period."""
    if isinstance(subject, Team):
        return team_scorecard(subject, period, today=today).results
    frame = _frame_of_person(subject, period, today)
    return _own_results(subject, frame, pending([subject.pk], period.dates))


def _own_results(user: User, frame: Frame, marks: Pending) -> Results:
    dates = frame.period.dates
    return results_of(
        user,
        frame,
        _lines(frame, Members({user.pk: (dates,)}), marks),
        lambda metric: frame.of_person(user.pk, metric, [dates]),
        marks.deal_changes,
    )


def team_scorecard(team: Team, period: Period, *, today: date | None = None) -> TeamScorecard:
    """A team and the teams below it, each person for their days of membership."""
    teams = Team.objects.with_below({team.pk})
    belonged = Membership.objects.filter(team__in=teams).overlapping(period.start, period.end)
    users = list(User.objects.filter(pk__in=belonged.values("user")))
    people = [user.pk for user in users]
    frame = Frame(Organisation.current(), period, people, judged_on=today)
    marks = pending(people, period.dates)
    parts = period_parts(people, period.dates, _unit(period), marks)
    return _scorecard(
        _Reader(frame, _types(), marks),
        team,
        {user: frame.days_in(user.pk, teams) for user in users},
        [part for part in parts if part.team_id in teams],
    )


def organisation_scorecard(period: Period, *, today: date | None = None) -> TeamScorecard:
    """Everybody, in a team or not, for the whole period."""
    users = list(User.objects.all())
    frame = Frame(Organisation.current(), period, [user.pk for user in users], judged_on=today)
    marks = pending(None, period.dates)
    parts = list(period_parts(None, period.dates, _unit(period), marks))
    everybody = {user: [period.dates] for user in users}
    return _scorecard(_Reader(frame, _types(), marks), frame.organisation, everybody, parts)


def daily_points(user_ids: Collection[int], period: Period) -> dict[int, list[tuple[date, int]]]:
    """Each person's counted points by day, oldest first, without the days that have none."""
    days: dict[int, dict[date, int]] = {pk: defaultdict(int) for pk in user_ids}
    for part in daily_parts(user_ids, period.dates, pending(user_ids, period.dates)):
        if part.start is not None:
            days[part.user_id][part.start] += part.counted
    return {pk: sorted((day, points) for day, points in own.items() if points) for pk, own in days.items()}


def weekly_points(user: User, until: date, weeks: int = 13) -> list[WeekPoints]:
    """The last `weeks` weeks up to and including the one of `until`, oldest first, each with its target."""
    last = period_containing(until, PeriodKind.WEEK)
    periods = [last]
    while len(periods) < weeks:
        periods.insert(0, periods[0].previous())
    organisation = Organisation.current()
    whole = replace(last, start=periods[0].start, fiscal_first_month=organisation.fiscal_first_month)
    frame = Frame(organisation, whole, [user.pk], judged_on=until)
    counted: dict[date, int] = defaultdict(int)
    for day, points in daily_points([user.pk], whole)[user.pk]:
        counted[day - timedelta(days=day.weekday())] += points
    return [
        WeekPoints(p, counted[p.start], frame.of_person(user.pk, Metric.APR_POINTS, [p.dates]).target)
        for p in periods
    ]


# --- putting a card together ----------------------------------------------------------------------


@dataclass(frozen=True)
class _Reader:
    """What every score of one scorecard shares."""

    frame: Frame
    types: list[ActionType]
    marks: Pending


def _frame_of_person(user: User, period: Period, today: date | None) -> Frame:
    return Frame(Organisation.current(), period, [user.pk], judged_on=today, own_today=user.today())


def _types() -> list[ActionType]:
    return list(ActionType.objects.all())


def _unit(period: Period) -> ScoreUnit:
    """Quarters and years are read from months: they begin and end with one."""
    return ScoreUnit.WEEK if period.kind == PeriodKind.WEEK else ScoreUnit.MONTH


def _lines(frame: Frame, members: Members, marks: Pending) -> list[Line]:
    rates = Rates(frame.organisation.reporting_currency)
    return lines(members, frame.period.dates, marks, rates, frame.priced_today)


def _scorecard(
    reader: _Reader, subject: Team | Organisation, members: dict[User, list[DateRange]], parts: list[Part]
) -> TeamScorecard:
    """The scorecard of people, each for their days of the period; `parts` are those of these days."""
    frame = reader.frame
    team_id = subject.pk if isinstance(subject, Team) else None
    days_of = {user.pk: days for user, days in members.items()}

    def expect(metric: Metric) -> Expectation:
        return frame.of_team(team_id, metric, days_of)

    belonging = Members(None if team_id is None else {pk: tuple(days) for pk, days in days_of.items()})
    found = _lines(frame, belonging, reader.marks)
    parts_of, lines_of = defaultdict[int, list[Part]](list), defaultdict[int, list[Line]](list)
    for part in parts:
        parts_of[part.user_id].append(part)
    for line in found:
        lines_of[line.user_id].append(replace(line, shared=line.with_self))
    time = frame.working_time(frame.office, [frame.period.dates])
    return TeamScorecard(
        subject=subject,
        period=frame.period,
        total=_score(reader, subject, parts, expect(Metric.APR_POINTS), time),
        results=results_of(subject, frame, found, expect, reader.marks.deal_changes),
        members=[
            _member(reader, user, days, parts_of[user.pk], lines_of[user.pk])
            for user, days in members.items()
        ],
    )


def _member(
    reader: _Reader, user: User, days: list[DateRange], parts: list[Part], found: list[Line]
) -> MemberScore:
    frame = reader.frame

    def expect(metric: Metric) -> Expectation:
        return frame.of_person(user.pk, metric, days)

    time = frame.working_time(frame.calendars[user.pk], days)
    return MemberScore(
        user=user,
        days=days,
        absent=frame.absent(user.pk),
        score=_score(reader, user, parts, expect(Metric.APR_POINTS), time),
        results=results_of(user, frame, found, expect, reader.marks.deal_changes),
    )


def _score(
    reader: _Reader, subject: Subject, parts: Iterable[Part], wanted: Expectation, time: WorkingTime
) -> Score:
    by_type: dict[int, Points] = defaultdict(Points)
    for part in parts:
        by_type[part.action_type_id] += Points(part.count, part.raw, part.counted, part.confirmed)
    total = total_points(by_type.values())
    judged = reader.frame.judge(total.counted, wanted)
    return Score(
        subject=subject,
        period=reader.frame.period,
        raw_points=total.raw,
        counted_points=total.counted,
        confirmed_points=total.confirmed,
        target=judged.target,
        expected_to_date=judged.expected_to_date,
        attainment=judged.attainment,
        pace=judged.pace,
        status=judged.status,
        by_type=[
            TypeScore(kind, points.count, points.raw, points.counted, points.confirmed)
            for kind in reader.types
            if (points := by_type.get(kind.pk)) is not None
        ],
        pending_changes=reader.marks.work_changes,
        working_days=time.days,
        working_days_gone=time.gone,
        working_days_left=time.left,
        why=wanted.why,
    )
