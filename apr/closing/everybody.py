"""The figures of every person, every team and the organisation in a period, as their scorecards show them."""

from collections.abc import Iterator
from datetime import date

from accounts.models import Membership, Organisation, Team, User
from apr.closing.figures import Known, figures_of
from apr.models import Metric
from apr.periods import Period
from apr.rollup.lines import Members
from apr.scorecards import Results, organisation_scorecard, team_totals
from apr.scorecards.expectations import Expectation
from apr.scorecards.reader import Reader

Figures = tuple[User | Team | Organisation, Known]


def everybody(period: Period, today: date) -> Iterator[Figures]:
    """Each subject with its figures, the organisation first; those of whom there is nothing to say are left
    out.

    The caller holds one snapshot. Marks that wait are counted live, as on every scorecard.
    """
    card = organisation_scorecard(period, today=today)
    yield Organisation.current(), figures_of(card.total, card.results)
    for member in card.members:
        if not (known := figures_of(member.score, member.results)).is_empty:
            yield member.user, known
    yield from _teams(period, today)


def _teams(period: Period, today: date) -> Iterator[Figures]:
    teams = list(Team.objects.all())
    members = Membership.objects.overlapping(period.start, period.end)
    reader = Reader(set(members.values_list("user_id", flat=True)), period, today=today)
    for team, score in zip(teams, team_totals(teams, period, today=today), strict=True):
        if not (known := figures_of(score, _results(reader, team))).is_empty:
            yield team, known


def _results(reader: Reader, team: Team) -> Results:
    members = reader.frame.members_of(reader.frame.teams_below(team.pk))
    alike = reader.frame.alike(members)

    def expect(metric: Metric) -> Expectation:
        return reader.frame.of_team(team.pk, metric, alike)

    found = reader.lines(Members({pk: tuple(days) for pk, days in members.items()}), together=True)
    return reader.results(team, found, expect)
