"""Who can see whose scores, and since when: everybody may know that about themselves."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Prefetch, QuerySet

from accounts.models import Absence, Membership, Role, RoleGrant, Team, User
from audit.models import Opening

OPENINGS_SHOWN = 10


@dataclass(frozen=True)
class Onlooker:
    """Somebody who sees the scores, as leader of `team` or (without one) as administrator."""

    user: User
    team: Team | None
    since: date


def onlookers_of(*people: User) -> list[Onlooker]:
    """Leaders of the teams of these people (or of this one) and of those above them, and administrators; by
    name.

    Who led a team to which somebody belonged before still sees the days of then.
    """
    found: dict[int, Onlooker] = {}
    admins = RoleGrant.objects.on(people[0].today()).filter(role=Role.ADMIN, user__is_active=True)
    for grant in admins.select_related("user").order_by():
        found[grant.user_id] = Onlooker(grant.user, None, grant.starts_on)
    parents, memberships = Team.objects.all().parents(), Membership.objects.filter(user__in=people)
    leaders: dict[int, list[tuple[User, Team]]] = defaultdict(list)
    for row in Team.leaders.through.objects.filter(user__is_active=True).select_related("user", "team"):
        leaders[row.team_id].append((row.user, row.team))
    for team_id, since in memberships.order_by("-starts_on").values_list("team", "starts_on"):
        above: int | None = team_id
        while above is not None:
            for leader, team in leaders[above]:
                found[leader.pk] = Onlooker(leader, team, since)
            above = parents[above]
    for person in people:
        found.pop(person.pk, None)
    return sorted(found.values(), key=lambda one: one.user.name)


@dataclass(frozen=True)
class Opened:
    """Somebody opened the figures on a day."""

    user: User
    day: date


def openings_of(person: User) -> list[Opened]:
    """Who opened the figures of a person in the last 30 days, latest first; at most OPENINGS_SHOWN."""
    since = person.today() - timedelta(days=30)
    rows = list(Opening.objects.filter(person_id=person.pk, day__gt=since).order_by("-at")[:OPENINGS_SHOWN])
    readers = User.objects.in_bulk([row.reader_id for row in rows])
    return [Opened(readers[row.reader_id], row.day) for row in rows if row.reader_id in readers]


def people_led_by(person: User) -> list[User]:
    """The people whom the person leads today, each with `coming`: their absences that are not over."""
    today = person.today()
    led = Membership.objects.led_by(person).on(today).values("user")
    absences: QuerySet[Absence] = Absence.objects.overlapping(today, None)
    people = User.objects.active().filter(pk__in=led).exclude(pk=person.pk)
    return list(people.prefetch_related(Prefetch("absences", absences, to_attr="coming")))
