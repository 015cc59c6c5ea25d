"""The scorecards of a person and of a team with its people, each read in one snapshot.

So a figure never shows half of a change, and marks and stored figures belong together.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date

from accounts.models import Membership, Organisation, Team, User
from apr.models import Metric
from apr.periods import Period, PeriodKind, period_containing
from apr.rollup.lines import Line, Members
from apr.rollup.reading import Part, counts, period_parts
from apr.rollup.snapshot import reading
from apr.rollup.tallies import Grain
from apr.scorecards.expectations import Frame
from apr.scorecards.figures import MemberScore, OwnCard, PointsRun, Results, Score, TeamScorecard, WeekPoints
from apr.scorecards.reader import Reader
from apr.scorecards.runs import points_run
from apr.scorecards.totals import team_figures
from foundation.dated import DateRange, clip


@reading()
def person_score(user: User, period: Period, *, today: date | None = None) -> Score:
    """A person's APR in a period, judged by their own date."""
    return _own_score(Reader.of_person(user, period, today=today), user, [period.dates], None)


@reading()
def people_scores(users: Collection[User], period: Period, *, today: date) -> dict[User, Score]:
    """The scores of many people, judged by the date that they share: as many queries as for one."""
    ids = [user.pk for user in users]
    reader = Reader(ids, period, today=today)
    parts: dict[int, list[Part]] = defaultdict(list)
    for part in period_parts(ids, period.dates, reader.unit, reader.marks):
        if part.user_id is not None:
            parts[part.user_id].append(part)
    frame, days = reader.frame, [period.dates]
    return {
        user: reader.score(
            user,
            parts[user.pk],
            frame.of_person(user.pk, Metric.APR_POINTS, days),
            frame.working_time(frame.calendars[user.pk], days),
        )
        for user in users
    }


@reading()
def own_card(
    user: User,
    period: Period,
    results_in: Period,
    *,
    within: Collection[int] | None = None,
    weeks_until: date | None = None,
    today: date | None = None,
) -> OwnCard:
    """A person's score in a period with the way there, and their results in another one.

    `within` narrows it to the days of membership in these teams: what somebody may read who leads those.
    `weeks_until` adds the last weeks up to and including that of the day.
    """
    weeks = [] if weeks_until is None else _last_weeks(weeks_until, period.fiscal_first_month)
    reach = replace(weeks[-1], start=weeks[0].start) if weeks else None
    reader = Reader.of_person(user, period, results_in, reach=reach, today=today)
    frame, longer = reader.frame, reader.longer
    days = [period.dates] if within is None else frame.days_in(user.pk, within)
    result_days = [results_in.dates] if within is None else longer.days_in(user.pk, within)
    grown = counts([user.pk], period.dates, Grain.DAY, reader.marks, within=within)
    return OwnCard(
        score=_own_score(reader, user, days, within),
        run=points_run(frame, user.pk, days, [(day, points) for _user, day, points in grown]),
        results=_own_results(reader, user, result_days),
        days=days,
        weeks=[] if reach is None else _weeks(reader, user, reach, weeks, within),
    )


@reading()
def results(subject: User | Team, period: Period, *, today: date | None = None) -> Results:
    """What came of a person's or a team's work in a period."""
    if isinstance(subject, Team):
        return team_figures(subject, period, today=today).results
    return _own_results(Reader.of_person(subject, period, today=today), subject, [period.dates])


@reading()
def results_of_people(
    people: Collection[User], period: Period, *, today: date | None = None, frame: Frame | None = None
) -> dict[int, Results]:
    """The same of several people, read together, each judged by their own date; with a frame of theirs that
    is at hand."""
    reader = Reader([user.pk for user in people], period, today=today, frame=frame)
    found = {}
    for user in people:
        own = reader.judged_on(today or user.today())
        found[user.pk] = _own_results(own, user, [period.dates])
    return found


def _own_score(reader: Reader, user: User, days: list[DateRange], within: Collection[int] | None) -> Score:
    parts = period_parts([user.pk], reader.period.dates, reader.unit, reader.marks)
    wanted = reader.frame.of_person(user.pk, Metric.APR_POINTS, days)
    time = reader.frame.working_time(reader.frame.calendars[user.pk], days)
    own = (part for part in parts if within is None or part.team_id in within)
    return reader.score(user, own, wanted, time)


def _own_results(reader: Reader, user: User, days: list[DateRange]) -> Results:
    found = reader.lines(Members({user.pk: tuple(days)}))
    return reader.results(user, found, lambda metric: reader.longer.of_person(user.pk, metric, days))


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
    first, last = min(period.start, results_in.start), max(period.end, results_in.end)
    teams = Team.objects.with_below({team.pk})
    belonged = Membership.objects.filter(team__in=teams).overlapping(first, last)
    users = list(User.objects.filter(pk__in=belonged.order_by().values("user")))
    people = [user.pk for user in users]
    reader = Reader(people, period, results_in, today=today)
    for user in users:
        user.roles = reader.frame.roles(user)
    return _scorecard(
        reader,
        team,
        {
            user: (reader.frame.days_in(user.pk, teams), reader.longer.days_in(user.pk, teams))
            for user in users
        },
        [
            part
            for part in period_parts(people, period.dates, reader.unit, reader.marks)
            if part.team_id in teams
        ],
        _runs(reader, people, teams) if with_runs else None,
    )


@reading()
def organisation_scorecard(period: Period, *, today: date | None = None) -> TeamScorecard:
    """Everybody, in a team or not, for the whole period, with each person. For the figures alone there is
    `organisation_figures`."""
    users = list(User.objects.all())
    reader = Reader([user.pk for user in users], period, today=today, are_all=True)
    parts = list(period_parts(None, period.dates, reader.unit, reader.marks))
    everybody = {user: ([period.dates], [period.dates]) for user in users}
    return _scorecard(reader, reader.frame.organisation, everybody, parts, None)


# --- weeks ----------------------------------------------------------------------------------------

WEEKS = 13


def _last_weeks(until: date, fiscal_first_month: int) -> list[Period]:
    """The weeks up to and including the one of a day, oldest first."""
    weeks = [period_containing(until, PeriodKind.WEEK, fiscal_first_month)]
    while len(weeks) < WEEKS:
        weeks.insert(0, weeks[0].previous())
    return weeks


def _weeks(
    reader: Reader, user: User, whole: Period, weeks: list[Period], within: Collection[int] | None
) -> list[WeekPoints]:
    frame = reader.whole.narrowed(whole)
    member = [whole.dates] if within is None else frame.days_in(user.pk, within)
    counted: dict[date, int] = defaultdict(int)
    for _user, week, points in counts([user.pk], whole.dates, Grain.WEEK, reader.marks, within=within):
        counted[week] += points

    def target(week: Period) -> WeekPoints:
        wanted = frame.of_person(user.pk, Metric.APR_POINTS, clip(member, week.dates))
        return WeekPoints(week, counted[week.start], wanted.target)

    return [target(week) for week in weeks]


# --- a team with its people -----------------------------------------------------------------------

Days = tuple[list[DateRange], list[DateRange]]
Runs = Mapping[int, list[tuple[date, int]]]


def _runs(reader: Reader, people: Collection[int], teams: Collection[int]) -> Runs:
    """What each person's days counted while in these teams."""
    runs: dict[int, list[tuple[date, int]]] = defaultdict(list)
    for pk, day, points in counts(people, reader.period.dates, Grain.DAY, reader.marks, within=teams):
        runs[pk].append((day, points))
    return runs


def _scorecard(
    reader: Reader,
    subject: Team | Organisation,
    members: dict[User, Days],
    parts: list[Part],
    runs: Runs | None,
) -> TeamScorecard:
    """The scorecard of people, each with their days of the period and of that of the results.

    `parts` are those of the days of the period.
    """
    frame, longer = reader.frame, reader.longer
    team_id = subject.pk if isinstance(subject, Team) else None
    result_days = {user.pk: days for user, (_of_points, days) in members.items()}
    belonging = Members(None if team_id is None else {pk: tuple(d) for pk, d in result_days.items()})
    found = reader.lines(belonging)
    parts_of, lines_of = defaultdict[int | None, list[Part]](list), defaultdict[int | None, list[Line]](list)
    for part in parts:
        parts_of[part.user_id].append(part)
    for line in found:
        lines_of[line.user_id].append(replace(line, shared=line.with_self))
    alike = frame.alike({user.pk: days for user, (days, _of_results) in members.items()})
    alike_later = longer.alike(result_days)
    time = frame.working_time(frame.office, [frame.period.dates])
    wanted = frame.of_team(team_id, Metric.APR_POINTS, alike)
    return TeamScorecard(
        subject=subject,
        period=reader.period,
        total=reader.score(subject, parts, wanted, time),
        results=reader.results(subject, found, lambda metric: longer.of_team(team_id, metric, alike_later)),
        members=[
            _member(reader, user, days, parts_of[user.pk], lines_of[user.pk], runs)
            for user, days in members.items()
        ],
    )


def _member(
    reader: Reader, user: User, days_of: Days, parts: list[Part], found: list[Line], runs: Runs | None
) -> MemberScore:
    frame, longer = reader.frame, reader.longer
    days, result_days = days_of
    wanted = frame.of_person(user.pk, Metric.APR_POINTS, days)
    time = frame.working_time(frame.calendars[user.pk], days)
    run: PointsRun | None = None
    if runs is not None:
        run = points_run(frame, user.pk, days, runs.get(user.pk, []))
    return MemberScore(
        user=user,
        days=days,
        absent=frame.absent(user.pk),
        score=reader.score(user, parts, wanted, time),
        results=reader.results(user, found, lambda metric: longer.of_person(user.pk, metric, result_days)),
        run=run,
    )
