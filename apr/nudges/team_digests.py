"""The digest of a leader: the figures of their teams in the last week, a working day after everybody on them
got their own."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.calendars import organisation_calendar
from accounts.models import Team, User
from accounts.readers import as_read_by
from apr.models import Digest, DigestKind
from apr.nudges.letters import write, write_each
from apr.nudges.links import Letter, whole
from apr.nudges.weeks import WEEK, Lines, last_week, readers
from apr.periods import PeriodKind, period_containing
from apr.periods_shown import label_of
from apr.score_words import names_among, standing_of
from apr.scorecards import TeamScorecard, team_scorecard


@dataclass(frozen=True)
class TeamLines:
    """A team as the letter shows it: its standing, and its people from A to Z."""

    name: str
    standing: str
    people: list[tuple[str, str]]
    url: str


@dataclass(frozen=True)
class Due:
    """A leader's digest to write: on `day`, their date, with the figures of `week` of the teams they lead."""

    leader: User
    teams: list[Team]
    week: date
    day: date


def write_team_digests() -> int:
    """Writes the digests of leaders that may go now; returns how many."""
    return write_each(list(_due()), _write)


def _due() -> Iterator[Due]:
    now, office = timezone.now(), organisation_calendar()
    known = readers(User.objects.active())
    rows = Digest.objects.filter(kind=DigestKind.TEAM, written_at__gte=now - timedelta(days=28))
    done = set(rows.values_list("person", "week"))
    plans: dict[date, Lines] = {}
    for pk, teams in _led().items():
        one = known.get(pk)
        if one is None or not one.leads_by_mail:
            continue
        local = now.astimezone(one.person.tzinfo)
        if local.hour < one.choice.hour or not office.is_working(local.date()):
            continue
        for week in _weeks(local.date()):
            if (pk, week) in done:
                break
            if week not in plans:
                plans[week] = Lines(week, office, known)
            if _may_go(plans[week].open_from(pk), now):
                yield Due(one.person, teams, week, local.date())
                break


def _led() -> dict[int, list[Team]]:
    """The teams that each leader leads directly."""
    led: dict[int, list[Team]] = defaultdict(list)
    for team in Team.objects.active().prefetch_related("leaders"):
        for leader in team.leaders.all():
            led[leader.pk].append(team)
    return led


def _weeks(day: date) -> list[date]:
    """The last week, and the one before should its digest still be waiting."""
    last = last_week(day)
    return [last, last - WEEK]


def _may_go(open_from: datetime | None, now: datetime) -> bool:
    return open_from is not None and open_from <= now


@transaction.atomic
def _write(due: Due) -> bool:
    # Whoever comes second finds the row of the first.
    leader = User.objects.select_for_update(of=("self",)).get(pk=due.leader.pk)
    if Digest.objects.filter(person=leader, kind=DigestKind.TEAM, week=due.week).exists():
        return False
    Digest.objects.create(person=leader, kind=DigestKind.TEAM, day=due.day, week=due.week)
    period = period_containing(due.week, PeriodKind.WEEK)
    cards = [(team, team_scorecard(team, period)) for team in due.teams]
    with as_read_by(leader):
        shown = [_lines(team, card) for team, card in cards if card.members]
        label = label_of(period)
        subject = _("Your teams, %(week)s") % {"week": label}
        write(leader, Letter.TEAM, subject, "team_digest", {"teams": shown, "label": label})
    return True


def _lines(team: Team, card: TeamScorecard) -> TeamLines:
    names = names_among(card.members)
    return TeamLines(
        name=team.name,
        standing=standing_of(card.total),
        people=[(names[one.user.pk], standing_of(one.score)) for one in card.members],
        url=whole(f"{reverse('apr:team', args=[team.pk])}?period={card.period.key}"),
    )
