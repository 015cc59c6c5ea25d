"""When the figures of a week are mailed: to each person first, to those who lead them a working day later.

A week is a Monday. Its own figures go to each person from their hour on, on the first working day after it,
by their own clock. A leader's digest waits until the same hour of the next working day has come for every
member, counted from when each of them really got theirs.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from accounts.calendar import WorkingCalendar
from accounts.models import Membership, Role, RoleGrant, Team, User
from apr.models import Digest, DigestKind, NotificationChoice, Rhythm

WEEK = timedelta(days=7)


def last_week(day: date) -> date:
    """The Monday of the last week that is over on that day."""
    return day - timedelta(days=day.weekday()) - WEEK


def told_on(week: date, office: WorkingCalendar) -> date:
    """The first working day after a week."""
    monday = week + WEEK
    return monday if office.is_working(monday) else office.nth_working_day_after(monday, 1)


def instant(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """That time of that day by that clock; where the clock skips it, as much later as it skips."""
    return datetime.combine(day, clock, zone).astimezone(UTC)


@dataclass(frozen=True)
class Reader:
    """A person and how they want to be told."""

    person: User
    choice: NotificationChoice

    @property
    def gets_mail(self) -> bool:
        """Whether letters reach them."""
        return self.person.is_active and bool(self.person.email)

    @property
    def gets_digest(self) -> bool:
        """Whether their own digest is mailed."""
        return self.gets_mail and self.choice.digest != Rhythm.OFF

    @property
    def leads_by_mail(self) -> bool:
        """Whether the figures of their teams are mailed."""
        return self.gets_mail and self.choice.team_digest


def readers(people: Iterable[User]) -> dict[int, Reader]:
    """These people with their choices, or the defaults. One query."""
    known = {choice.person_id: choice for choice in NotificationChoice.objects.all()}
    return {one.pk: Reader(one, known.get(one.pk) or NotificationChoice(person=one)) for one in people}


class Lines:
    """Who led whom in a week, and from when on leaders may get the figures of it. Five queries."""

    def __init__(self, week: date, office: WorkingCalendar, known: dict[int, Reader]) -> None:
        self.week, self.office, self.known = week, office, known
        teams = {team.pk: team for team in Team.objects.prefetch_related("leaders")}
        self.members: dict[int, set[int]] = defaultdict(set)
        self.leaders: dict[int, set[int]] = defaultdict(set)
        for membership in Membership.objects.overlapping(week, week + WEEK):
            for leader in _leaders_above(teams, membership.team_id):
                if leader != membership.user_id and leader in known and membership.user_id in known:
                    self.members[leader].add(membership.user_id)
                    self.leaders[membership.user_id].add(leader)
        rows = Digest.objects.filter(kind=DigestKind.OWN, week=week)
        self.written: dict[int, Digest] = {row.person_id: row for row in rows}
        admins = RoleGrant.objects.on(week + WEEK).filter(role=Role.ADMIN).values_list("user", flat=True)
        self._admins = set(admins) & set(known)

    def names_of_onlookers(self, person: int) -> list[str]:
        """Who sees a person's figures of that week besides them: leaders and administrators, by name."""
        onlookers = (self.leaders[person] | self._admins) - {person}
        return sorted(self.known[pk].person.name for pk in onlookers)

    def planned(self, leader: int) -> datetime | None:
        """From when on a leader's digest can go if all goes to time; None where they lead nobody."""
        return self._latest(self._next_day(self.known[pk], None) for pk in self.members[leader])

    def promised(self, person: int) -> datetime | None:
        """The instant before which no leader of a person gets a digest with their figures, as it stands."""
        leaders = [pk for pk in self.leaders[person] if self.known[pk].leads_by_mail]
        return min(filter(None, (self.planned(pk) for pk in leaders)), default=None)

    def open_from(self, leader: int) -> datetime | None:
        """From when on a leader's digest may go, as things went; None while somebody waits for theirs."""
        found: list[datetime] = []
        for pk in self.members[leader]:
            one, row = self.known[pk], self.written.get(pk)
            if row is None and one.gets_digest:
                return None
            found.append(self._next_day(one, row))
            if row is not None and row.leaders_from is not None:
                found.append(row.leaders_from)
        return self._latest(found)

    def _next_day(self, one: Reader, row: Digest | None) -> datetime:
        """The same time of the working day after a person got their figures, or could see them."""
        zone = one.person.tzinfo
        if row is None:
            day, clock = told_on(self.week, self.office), time(one.choice.hour)
        else:
            local = row.written_at.astimezone(zone)
            day, clock = local.date(), local.time()
        return instant(self.office.nth_working_day_after(day, 1), clock, zone)

    @staticmethod
    def _latest(instants: Iterable[datetime]) -> datetime | None:
        return max(instants, default=None)


def _leaders_above(teams: dict[int, Team], team_id: int) -> Collection[int]:
    found: set[int] = set()
    above: int | None = team_id
    while above is not None:
        team = teams[above]
        found |= {leader.pk for leader in team.leaders.all()}
        above = team.parent_id
    return found
