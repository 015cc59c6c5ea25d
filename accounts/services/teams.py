"""Joining and leaving teams and roles, by dates, so that history stays where it happened."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Membership, Role, RoleGrant, Team, User
from foundation.errors import InvalidInput


@transaction.atomic
def join_team(*, person: User, team: Team | None, starts_on: date) -> Membership | None:
    """Ends the person's membership in force on `starts_on` there, and begins the one in `team`.

    With `team=None` the person only leaves. Refuses a date before the start of a later membership,
    because that would rewrite history that is already known (InvalidInput).
    """
    User.objects.select_for_update().get(pk=person.pk)  # one change of a person's teams at a time
    if person.memberships.filter(starts_on__gt=starts_on).exists():
        raise InvalidInput(
            _("%(name)s joined another team after that date.") % {"name": person}, field="starts_on"
        )
    current = person.memberships.on(starts_on).first()
    if current and current.team == team:
        return current
    if current and current.starts_on == starts_on:
        current.delete()
    elif current:
        current.ends_on = starts_on
        current.save(update_fields=["ends_on", "updated_at"])
    return Membership.objects.create(user=person, team=team, starts_on=starts_on) if team else None


@transaction.atomic
def set_roles(*, person: User, roles: set[str], starts_on: date) -> None:
    """Gives the person exactly these roles from `starts_on` on; unknown roles are refused (InvalidInput)."""
    if unknown := roles - set(Role.values):
        raise InvalidInput(_("Unknown role: %(role)s.") % {"role": ", ".join(sorted(unknown))}, field="roles")
    User.objects.select_for_update().get(pk=person.pk)
    for grant in person.role_grants.filter(ends_on__isnull=True):
        if grant.role in roles:
            roles = roles - {grant.role}
        elif grant.starts_on >= starts_on:
            grant.delete()
        else:
            grant.ends_on = starts_on
            grant.save(update_fields=["ends_on"])
    for role in sorted(roles):
        RoleGrant.objects.create(user=person, role=role, starts_on=starts_on)
    person.__dict__.pop("roles", None)


@transaction.atomic
def place_team(*, team: Team, parent: Team | None) -> Team:
    """Puts a team below another; refuses a place below itself (InvalidInput)."""
    if parent and parent.pk in Team.objects.with_below({team.pk}):
        raise InvalidInput(_("A team cannot be part of itself."), field="parent")
    team.parent = parent
    team.save(update_fields=["parent"])
    return team


@transaction.atomic
def retire_team(*, team: Team, today: date) -> Team:
    """Takes a team out of use; refused while people belong to it or teams stand below it (InvalidInput)."""
    if Membership.objects.filter(team=team).overlapping(today, None).exists():
        raise InvalidInput(_("People belong to this team. Move them to another one first."))
    if team.children.filter(is_active=True).exists():
        raise InvalidInput(_("Teams stand below this one. Place them elsewhere first."))
    team.is_active = False
    team.save(update_fields=["is_active"])
    return team


def restore_team(*, team: Team) -> Team:
    """Takes a retired team back into use."""
    team.is_active = True
    team.save(update_fields=["is_active"])
    return team
