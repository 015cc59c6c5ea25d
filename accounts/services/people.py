"""Adding people, changing what is known about them, and their coming and going."""

from collections.abc import Callable
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Absence, Role, RoleGrant, Team, User
from accounts.permissions import may_act_for
from accounts.services.addresses import set_address
from accounts.services.invitations import withdraw_invitations
from accounts.services.sessions import end_sessions
from accounts.services.teams import join_team, set_roles
from foundation.dated import check_day
from foundation.errors import InvalidInput, NotAllowed

# Apps above add what else ends with somebody's access (tokens, for one): accounts need not know them.
also_ends: list[Callable[[User], object]] = []


@transaction.atomic
def add_person(
    *, person: User, email: str | None, roles: set[str], team: Team | None, starts_on: date
) -> User:
    """A new person with roles and team from a day on. Without an address they are known by name only."""
    person.email = None
    person.set_unusable_password()
    person.save()
    if email:
        set_address(person=person, email=email)
    set_roles(person=person, roles=roles, starts_on=starts_on)
    join_team(person=person, team=team, starts_on=starts_on)
    return person


@transaction.atomic
def change_roles(*, person: User, roles: set[str], starts_on: date) -> None:
    """Gives the person these roles from a day on; somebody has to remain administrator (InvalidInput)."""
    if Role.ADMIN not in roles and _is_last_admin(person):
        raise InvalidInput(_("Nobody else is administrator. Make somebody else one first."), field="roles")
    set_roles(person=person, roles=roles, starts_on=starts_on)


@transaction.atomic
def deactivate(*, person: User, by: User) -> User:
    """Ends a person's access: sign-in, sessions, invitations, tokens. What they did stays."""
    if person == by:
        raise InvalidInput(_("Nobody deactivates themselves. Ask another administrator."))
    if _is_last_admin(person):
        raise InvalidInput(_("Nobody else is administrator. Make somebody else one first."))
    withdraw_invitations(person=person)
    end_sessions(person=person)
    for end in also_ends:
        end(person)
    person.is_active = False
    person.save(update_fields=["is_active"])
    return person


def reactivate(*, person: User) -> User:
    """Gives a person their access back; not to somebody made anonymous (InvalidInput)."""
    if person.anonymised_at is not None:
        raise InvalidInput(_("Nobody can say any more who this was. Add them as a new person."))
    person.is_active = True
    person.save(update_fields=["is_active"])
    return person


def _is_last_admin(person: User) -> bool:
    # One change of administrators at a time, so that two cannot both see the other one remain.
    list(User.objects.select_for_update().filter(role_grants__role=Role.ADMIN).order_by("pk").values("pk"))
    grants = RoleGrant.objects.on(person.today()).filter(role=Role.ADMIN, user__is_active=True)
    return person.is_admin and not grants.exclude(user=person).exists()


def add_absence(*, person: User, starts_on: date, ends_on: date, by: User) -> Absence:
    """Days [starts_on, ends_on) on which nothing is expected of a person; theirs, their leaders' or an
    administrator's to say (NotAllowed)."""
    if not may_act_for(by, person):
        raise NotAllowed(_("Only %(name)s, or who leads them, can say that.") % {"name": person})
    check_day(starts_on, "starts_on")
    check_day(ends_on, "last_day")
    if ends_on <= starts_on:
        raise InvalidInput(_("The last day cannot lie before the first."), field="last_day")
    return Absence.objects.create(user=person, starts_on=starts_on, ends_on=ends_on)


def remove_absence(*, absence: Absence, by: User) -> None:
    """Takes an absence back: those days are expected again."""
    if not may_act_for(by, absence.user):
        raise NotAllowed(_("Only %(name)s, or who leads them, can say that.") % {"name": absence.user})
    absence.delete()
