"""Who can see whose scores, and since when: everybody may know that about themselves."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch, QuerySet

from accounts.models import Absence, Membership, Role, RoleGrant, Team, User


@dataclass(frozen=True)
class Onlooker:
    """Somebody who sees the scores, as leader of `team` or (without one) as administrator."""

    user: User
    team: Team | None
    since: date


def onlookers_of(person: User) -> list[Onlooker]:
    """Leaders of the person's teams and of those above them, and administrators; by name.

    Who led a team to which the person belonged before still sees the days of then.
    """
    teams = {team.pk: team for team in Team.objects.prefetch_related("leaders")}
    found: dict[int, Onlooker] = {}
    for grant in RoleGrant.objects.on(person.today()).filter(role=Role.ADMIN).select_related("user"):
        if grant.user.is_active:
            found[grant.user_id] = Onlooker(grant.user, None, grant.starts_on)
    for membership in Membership.objects.filter(user=person).order_by("-starts_on"):
        above: int | None = membership.team_id
        while above is not None:
            team = teams[above]
            for leader in team.leaders.all():
                if leader.is_active:
                    found[leader.pk] = Onlooker(leader, team, membership.starts_on)
            above = team.parent_id
    found.pop(person.pk, None)
    return sorted(found.values(), key=lambda one: one.user.name)


def people_led_by(person: User) -> list[User]:
    """The people whom the person leads today, each with `coming`: their absences that are not over."""
    today = person.today()
    led = Membership.objects.led_by(person).on(today).values("user")
    absences: QuerySet[Absence] = Absence.objects.overlapping(today, None)
    people = User.objects.active().filter(pk__in=led).exclude(pk=person.pk)
    return list(people.prefetch_related(Prefetch("absences", absences, to_attr="coming")))
