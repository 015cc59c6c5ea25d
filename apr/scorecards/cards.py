"""The scorecards of a person, a team and the organisation, each read in one snapshot.

So a figure never shows half of a change, and marks and stored figures belong together.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from accounts.models import Membership, Organisation, Team, User
from accounts.rates import Rates
from apr.models import ActionType, Metric, ScoreUnit
from apr.periods import Period, PeriodKind, period_containing
from apr.rollup.lines import Line, Members, lines
from apr.rollup.pending import Pending, pending
from apr.rollup.reading import Part, daily_parts, period_parts
from apr.rollup.snapshot import reading
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
from foundation.dated import DateRange, clip


@reading()
def person_score(user: User, period: Period, *, today: date | None = None) -> Score:
    """A person's APR in a period, judged by their own date."""
    frame = _frame_of_person(user, period, today)
    marks = pending([user.pk], period.dates)
    parts = period_parts([user.pk], period.dates, _unit(period), marks)
    wanted = frame.of_person(user.pk, Metric.APR_POINTS, [period.dates])
    time = frame.working_time(frame.calendars[user.pk], [period.dates])
    return _score(_Reader(frame, frame, _types(), marks), user, parts, wanted, time)


@reading()
def own_card(
    user: User,
    period: Period,
    results_in: Period,
    *,
    within: Collection[int] | None = None,
    today: date | None = None,
) -> OwnCard:
    """A person's score in a period with the way there, and their results in another one.

    `within` narrows it to the days of membership in these teams: what somebody may read who leads those.
    """
    whole = _frame_of_person(user, _both(period, results_in), today)
    marks = pending([user.pk], whole.period.dates)
    frame, longer = whole.narrowed(period), whole.narrowed(results_in)
    days = [period.dates] if within is None else frame.days_in(user.pk, within)
    result_days = [results_in.dates] if within is None else longer.days_in(user.pk, within)
    parts = [
        part
        for part in daily_parts([user.pk], period.dates, marks)
        if within is None or part.team_id in within
    ]
    wanted = frame.of_person(user.pk, Metric.APR_POINTS, days)
    time = frame.working_time(frame.calendars[user.pk], days)
    return OwnCard(
        score=_score(_Reader(frame, longer, _types(), marks), user, parts, wanted, time),
        run=points_run(frame, user.pk, days, parts),
        results=_own_results(user, longer, result_days, marks),
        days=days,
    )


@reading()
def results(subject: User | Team, period: Period, *, today: date | None = None) -> Results:
    """What came of a person's or a team's work in a period."""
    if isinstance(subject, Team):
        return team_scorecard(subject, period, today=today).results
    frame = _frame_of_person(subject, period, today)
    return _own_results(subject, frame, [period.dates], pending([subject.pk], period.dates))


def _own_results(user: User, frame: Frame, days: list[DateRange], marks: Pending) -> Results:
    return results_of(
        user,
        frame,
        _lines(frame, Members({user.pk: tuple(days)}), marks),
        lambda metric: frame.of_person(user.pk, metric, days),
        marks.deal_changes,
    )


@reading()
def team_scorecard(
    team: Team,
    period: Period,
    *,
    results_in: Period | None = None,
    with_runs: bool = False,
    today: date | None = None,
) -> TeamScorecard:
    """A team and the teams below it, each person for their days of membership.

    `results_in` is the period of the results where that is another one; whoever was a member in either is
    listed. `with_runs` adds how each score grew.
    """
    results_in = results_in or period
    both = _both(period, results_in)
    teams = Team.objects.with_below({team.pk})
    belonged = Membership.objects.filter(team__in=teams).overlapping(both.start, both.end)
    users = list(User.objects.filter(pk__in=belonged.values("user")))
    people = [user.pk for user in users]
    whole = Frame(Organisation.current(), both, people, judged_on=today)
    marks = pending(people, both.dates)
    frame, longer = whole.narrowed(period), whole.narrowed(results_in)
    if with_runs:
        parts = daily_parts(people, period.dates, marks)
    else:
        parts = period_parts(people, period.dates, _unit(period), marks)
    return _scorecard(
        _Reader(frame, longer, _types(), marks),
        team,
        {user: (frame.days_in(user.pk, teams), longer.days_in(user.pk, teams)) for user in users},
        [part for part in parts if part.team_id in teams],
        with_runs=with_runs,
    )


@reading()
def team_totals(teams: Sequence[Team], period: Period, *, today: date | None = None) -> list[Score]:
    """The score of each of the teams with those below it, in their order: as many queries as for one."""
    rows = Membership.objects.overlapping(period.start, period.end)
    people = set(rows.values_list("user_id", flat=True))
    frame = Frame(Organisation.current(), period, people, judged_on=today)
    marks = pending(people, period.dates)
    parts = list(period_parts(people, period.dates, _unit(period), marks))
    reader, time = _Reader(frame, frame, _types(), marks), frame.working_time(frame.office, [period.dates])
    scores = []
    for team in teams:
        below = frame.teams_below(team.pk)
        days = {pk: found for pk in people if (found := frame.days_in(pk, below))}
        own = [part for part in parts if part.team_id in below]
        scores.append(_score(reader, team, own, frame.of_team(team.pk, Metric.APR_POINTS, days), time))
    return scores


@reading()
def organisation_scorecard(period: Period, *, today: date | None = None) -> TeamScorecard:
    """Everybody, in a team or not, for the whole period."""
    users = list(User.objects.all())
    frame = Frame(Organisation.current(), period, [user.pk for user in users], judged_on=today)
    marks = pending(None, period.dates)
    parts = list(period_parts(None, period.dates, _unit(period), marks))
    everybody = {user: ([period.dates], [period.dates]) for user in users}
    return _scorecard(_Reader(frame, frame, _types(), marks), frame.organisation, everybody, parts)


@reading()
def daily_points(
    user_ids: Collection[int], period: Period, *, within: Collection[int] | None = None
) -> dict[int, list[tuple[date, int]]]:
    """Each person's counted points by day, oldest first, without the days that have none.

    `within` leaves out what was done on days outside these teams.
    """
    days: dict[int, dict[date, int]] = {pk: defaultdict(int) for pk in user_ids}
    for part in daily_parts(user_ids, period.dates, pending(user_ids, period.dates)):
        if part.start is not None and (within is None or part.team_id in within):
            days[part.user_id][part.start] += part.counted
    return {pk: sorted((day, points) for day, points in own.items() if points) for pk, own in days.items()}


def weekly_points(
    user: User, until: date, weeks: int = 13, *, within: Collection[int] | None = None
) -> list[WeekPoints]:
    """The last `weeks` weeks up to and including the one of `until`, oldest first, each with its target."""
    last = period_containing(until, PeriodKind.WEEK)
    periods = [last]
    while len(periods) < weeks:
        periods.insert(0, periods[0].previous())
    organisation = Organisation.current()
    whole = replace(last, start=periods[0].start, fiscal_first_month=organisation.fiscal_first_month)
    frame = Frame(organisation, whole, [user.pk], judged_on=until)
    member = [whole.dates] if within is None else frame.days_in(user.pk, within)
    counted: dict[date, int] = defaultdict(int)
    for day, points in daily_points([user.pk], whole, within=within)[user.pk]:
        counted[day - timedelta(days=day.weekday())] += points
    return [
        WeekPoints(
            p, counted[p.start], frame.of_person(user.pk, Metric.APR_POINTS, clip(member, p.dates)).target
        )
        for p in periods
    ]


# --- putting a card together ----------------------------------------------------------------------


@dataclass(frozen=True)
class _Reader:
    """What every score of one scorecard shares; `longer` is the frame of its results."""

    frame: Frame
    longer: Frame
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


def _both(one: Period, other: Period) -> Period:
    """The first of two periods, stretched over the days of both: what has to be read for them."""
    return replace(one, start=min(one.start, other.start), end=max(one.end, other.end))


def _scorecard(
    reader: _Reader,
    subject: Team | Organisation,
    members: dict[User, tuple[list[DateRange], list[DateRange]]],
    parts: list[Part],
    *,
    with_runs: bool = False,
) -> TeamScorecard:
    """The scorecard of people, each with their days of the period and of that of the results.

    `parts` are those of the days of the period.
    """
    frame, longer = reader.frame, reader.longer
    team_id = subject.pk if isinstance(subject, Team) else None
    days_of = {user.pk: days for user, (days, _of_results) in members.items()}
    result_days_of = {user.pk: days for user, (_of_points, days) in members.items()}
    belonging = Members(None if team_id is None else {pk: tuple(d) for pk, d in result_days_of.items()})
    found = _lines(longer, belonging, reader.marks)
    parts_of, lines_of = defaultdict[int, list[Part]](list), defaultdict[int, list[Line]](list)
    for part in parts:
        parts_of[part.user_id].append(part)
    for line in found:
        lines_of[line.user_id].append(replace(line, shared=line.with_self))
    wanted = frame.of_team(team_id, Metric.APR_POINTS, days_of)
    time = frame.working_time(frame.office, [frame.period.dates])
    return TeamScorecard(
        subject=subject,
        period=frame.period,
        total=_score(reader, subject, parts, wanted, time),
        results=results_of(
            subject,
            longer,
            found,
            lambda metric: longer.of_team(team_id, metric, result_days_of),
            reader.marks.deal_changes,
        ),
        members=[
            _member(reader, user, days, parts_of[user.pk], lines_of[user.pk], with_run=with_runs)
            for user, days in members.items()
        ],
    )


def _member(
    reader: _Reader,
    user: User,
    days_of: tuple[list[DateRange], list[DateRange]],
    parts: list[Part],
    found: list[Line],
    *,
    with_run: bool,
) -> MemberScore:
    frame, longer = reader.frame, reader.longer
    days, result_days = days_of
    wanted = frame.of_person(user.pk, Metric.APR_POINTS, days)
    time = frame.working_time(frame.calendars[user.pk], days)
    return MemberScore(
        user=user,
        days=days,
        absent=frame.absent(user.pk),
        score=_score(reader, user, parts, wanted, time),
        results=results_of(
            user,
            longer,
            found,
            lambda metric: longer.of_person(user.pk, metric, result_days),
            reader.marks.deal_changes,
        ),
        run=points_run(frame, user.pk, days, parts) if with_run else None,
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
