"""The scorecards of a person, a team and the organisation."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, timedelta

from accounts.models import Membership, Organisation, Team, User
from apr.models import ActionType, Metric
from apr.periods import Period, PeriodKind, period_containing
from apr.rollup.credits import Credit
from apr.scorecards.expectations import Expectation, Frame
from apr.scorecards.figures import (
    MemberScore,
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
from apr.scorecards.outcomes import credits_in, results_of
from apr.scorecards.pricing import Rates
from apr.scorecards.work import DayScore, day_scores
from foundation.dated import DateRange


def person_score(user: User, period: Period, *, today: date | None = None) -> Score:
    """A person's APR in a period, judged by their own date."""
    frame = _frame_of_person(user, period, today)
    rows = day_scores([user.pk], period.start, period.end)
    wanted = frame.of_person(user.pk, Metric.APR_POINTS, [period.dates])
    time = frame.working_time(frame.calendars[user.pk], [period.dates])
    return _score(user, frame, rows, wanted, time, _types())


def results(subject: User | Team, period: Period, *, today: date | None = None) -> Results:
    """What came of a person's or a team's work in a period."""
    if isinstance(subject, Team):
        return team_scorecard(subject, period, today=today).results
    frame = _frame_of_person(subject, period, today)
    return _results_of_person(subject, frame, [period.dates], _rates(frame), credits_in(period))


def team_scorecard(team: Team, period: Period, *, today: date | None = None) -> TeamScorecard:
    """A team and the teams below it, each person for their days of membership."""
    teams = Team.objects.with_below({team.pk})
    people = Membership.objects.filter(team__in=teams).overlapping(period.start, period.end)
    users = list(User.objects.filter(pk__in=people.values("user")))
    frame = Frame(Organisation.current(), period, [u.pk for u in users], judged_on=today)
    return _group_scorecard(team, frame, {user: frame.days_in(user.pk, teams) for user in users})


def organisation_scorecard(period: Period, *, today: date | None = None) -> TeamScorecard:
    """Everybody, in a team or not, for the whole period."""
    organisation = Organisation.current()
    users = list(User.objects.all())
    frame = Frame(organisation, period, [u.pk for u in users], judged_on=today)
    return _group_scorecard(organisation, frame, {user: [period.dates] for user in users})


def daily_points(user_ids: Collection[int], period: Period) -> dict[int, list[tuple[date, int]]]:
    """Each person's counted points by day, oldest first, without the days that have none. Two queries."""
    days: dict[int, dict[date, int]] = {pk: defaultdict(int) for pk in user_ids}
    for row in day_scores(user_ids, period.start, period.end):
        days[row.user_id][row.day] += row.points.counted
    return {pk: sorted((day, points) for day, points in own.items() if points) for pk, own in days.items()}


def weekly_points(user: User, until: date, weeks: int = 13) -> list[WeekPoints]:
    """The last `weeks` weeks up to and including the one of `until`, oldest first, each with its target."""
    last = period_containing(until, PeriodKind.WEEK)
    first = period_containing(last.start - timedelta(weeks=weeks - 1), PeriodKind.WEEK)
    organisation = Organisation.current()
    whole = Period(PeriodKind.WEEK, first.start, last.end, last.key, organisation.fiscal_first_month)
    frame = Frame(organisation, whole, [user.pk], judged_on=until)
    counted: dict[date, int] = defaultdict(int)
    for row in day_scores([user.pk], first.start, last.end):
        counted[row.day - timedelta(days=row.day.weekday())] += row.points.counted
    periods = [first]
    while periods[-1].start < last.start:
        periods.append(periods[-1].next())
    return [
        WeekPoints(p, counted[p.start], frame.of_person(user.pk, Metric.APR_POINTS, [p.dates]).target)
        for p in periods
    ]


def _frame_of_person(user: User, period: Period, today: date | None) -> Frame:
    return Frame(Organisation.current(), period, [user.pk], judged_on=today, own_today=user.today())


def _rates(frame: Frame) -> Rates:
    return Rates(frame.organisation.reporting_currency)


def _types() -> list[ActionType]:
    return list(ActionType.objects.all())


def _results_of_person(
    user: User, frame: Frame, days: list[DateRange], rates: Rates, credits_: Iterable[Credit]
) -> Results:
    def belongs(user_id: int, day: date) -> bool:
        return user_id == user.pk and any(r.contains(day) for r in days)

    def expect(metric: Metric) -> Expectation:
        return frame.of_person(user.pk, metric, days)

    return results_of(user, frame, rates, credits_, belongs, expect)


def _group_scorecard(
    subject: Team | Organisation, frame: Frame, members: dict[User, list[DateRange]]
) -> TeamScorecard:
    """The scorecard of people, each for their days of the period."""
    period = frame.period
    days_of = {user.pk: days for user, days in members.items()}

    def belongs(user_id: int, day: date) -> bool:
        return any(r.contains(day) for r in days_of.get(user_id, ()))

    team_id = subject.pk if isinstance(subject, Team) else None

    def expect(metric: Metric) -> Expectation:
        return frame.of_team(team_id, metric, days_of)

    rows = [r for r in day_scores(list(days_of), period.start, period.end) if belongs(r.user_id, r.day)]
    credits_, rates, types = credits_in(period), _rates(frame), _types()
    time = frame.working_time(frame.office, [period.dates])
    return TeamScorecard(
        subject=subject,
        period=period,
        total=_score(subject, frame, rows, expect(Metric.APR_POINTS), time, types),
        results=results_of(subject, frame, rates, credits_, belongs, expect),
        members=[_member(user, days, frame, rows, types, rates, credits_) for user, days in members.items()],
    )


def _member(
    user: User,
    days: list[DateRange],
    frame: Frame,
    rows: list[DayScore],
    types: list[ActionType],
    rates: Rates,
    credits_: list[Credit],
) -> MemberScore:
    own = [row for row in rows if row.user_id == user.pk]
    wanted = frame.of_person(user.pk, Metric.APR_POINTS, days)
    time = frame.working_time(frame.calendars[user.pk], days)
    return MemberScore(
        user=user,
        days=days,
        absent=frame.absent(user.pk),
        score=_score(user, frame, own, wanted, time, types),
        results=_results_of_person(user, frame, days, rates, credits_),
    )


def _score(
    subject: Subject,
    frame: Frame,
    rows: Iterable[DayScore],
    wanted: Expectation,
    time: WorkingTime,
    types: list[ActionType],
) -> Score:
    by_type: dict[int, Points] = defaultdict(Points)
    for row in rows:
        by_type[row.action_type_id] += row.points
    total = total_points(by_type.values())
    judged = frame.judge(total.counted, wanted)
    return Score(
        subject=subject,
        period=frame.period,
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
            for kind in types
            if (points := by_type.get(kind.pk)) is not None
        ],
        pending_changes=0,
        working_days=time.days,
        working_days_gone=time.gone,
        working_days_left=time.left,
        why=wanted.why,
    )
