"""The figures of teams and of the organisation as a whole, each read in one snapshot: no matter how many
people there are, only sums are fetched."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from itertools import chain

from accounts.models import Membership, Team, User
from apr.models import Metric
from apr.periods import Period
from apr.rollup.lines import Members
from apr.rollup.reading import Part, period_parts
from apr.rollup.snapshot import reading
from apr.scorecards.figures import Score, Totals
from apr.scorecards.reader import Reader


@reading()
def team_totals(teams: Sequence[Team], period: Period, *, today: date | None = None) -> list[Score]:
    """The score of each of the teams with those below it, in their order: as many queries as for one."""
    reader = Reader(_members_in(period), period, today=today)
    return list(_scores(reader, teams, _by_team(_parts(reader, reader.people))))


@reading()
def team_figures(team: Team, period: Period, *, today: date | None = None) -> Totals:
    """Score and results of a team and the teams below it."""
    below = Team.objects.with_below({team.pk})
    reader = Reader(_members_in(period, below), period, today=today)
    (score,) = _scores(reader, [team], _by_team(_parts(reader, reader.people)))
    members = reader.frame.members_of(below)
    alike = reader.frame.alike(members)
    found = reader.lines(Members({pk: tuple(days) for pk, days in members.items()}), together=True)
    return Totals(
        score, reader.results(team, found, lambda metric: reader.longer.of_team(team.pk, metric, alike))
    )


@reading()
def organisation_figures(
    period: Period, teams: Sequence[Team] = (), *, today: date | None = None
) -> tuple[Totals, list[Score]]:
    """Score and results of everybody, in a team or not, for the whole period; and the scores of teams."""
    people = list(User.objects.order_by().values_list("pk", flat=True))
    reader = Reader(people, period, today=today, are_all=True)
    frame, parts = reader.frame, _by_team(_parts(reader, None))
    alike = frame.alike({pk: [period.dates] for pk in people})
    time = frame.working_time(frame.office, [period.dates])
    wanted = frame.of_team(None, Metric.APR_POINTS, alike)
    results = reader.results(
        frame.organisation,
        reader.lines(Members(None), together=True),
        lambda metric: frame.of_team(None, metric, alike),
    )
    score = reader.score(frame.organisation, chain.from_iterable(parts.values()), wanted, time)
    return Totals(score, results), list(_scores(reader, teams, parts))


def _members_in(period: Period, teams: Collection[int] | None = None) -> set[int]:
    """Whoever was in one of the teams (None: in any) on a day of the period."""
    rows = Membership.objects.overlapping(period.start, period.end)
    if teams is not None:
        rows = rows.filter(team__in=teams)
    return set(rows.values_list("user_id", flat=True))


def _parts(reader: Reader, people: Collection[int] | None) -> Iterable[Part]:
    return period_parts(people, reader.period.dates, reader.unit, reader.marks, together=True)


def _by_team(parts: Iterable[Part]) -> dict[int, list[Part]]:
    found: dict[int, list[Part]] = defaultdict(list)
    for part in parts:
        found[part.team_id].append(part)
    return found


def _scores(reader: Reader, teams: Iterable[Team], parts: dict[int, list[Part]]) -> Iterator[Score]:
    """The score of each team from the parts of those below it."""
    frame = reader.frame
    time = frame.working_time(frame.office, [frame.period.dates])
    for team in teams:
        below = frame.teams_below(team.pk)
        wanted = frame.of_team(team.pk, Metric.APR_POINTS, frame.alike(frame.members_of(below)))
        own = chain.from_iterable(parts.get(pk, ()) for pk in below)
        yield reader.score(team, own, wanted, time)
