"""People as an administrator lists them: with roles, team, and whether they can sign in."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import OuterRef, Prefetch, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Invitation, Membership, Role, RoleGrant, User

STATES = {
    "active": _("Signs in"),
    "invited": _("Invited"),
    "expired": _("Invitation expired"),
    "new": _("Not invited"),
    "named": _("Known by name"),
    "inactive": _("Deactivated"),
}


@dataclass(frozen=True)
class PersonLine:
    """One person of the list."""

    person: User
    state: str
    roles: list[str]
    team: str
    invited_until: Any

    @property
    def state_words(self) -> str:
        """The state as people say it."""
        return str(STATES[self.state])


def people(query: str = "", state: str = "") -> QuerySet[User]:
    """People by name, those who left last; `query` is part of a name or address, `state` one of STATES."""
    open_invitation = Invitation.objects.filter(
        user=OuterRef("pk"), accepted_at__isnull=True, revoked_at__isnull=True
    ).order_by("-created_at")
    rows = User.objects.annotate(invited_until=Subquery(open_invitation.values("expires_at")[:1]))
    for word in query.replace("\0", "").split():
        rows = rows.filter(Q(name__icontains=word) | Q(email__icontains=word))
    return _in_state(rows, state).order_by("-is_active", "name", "pk")


def _in_state(rows: QuerySet[User], state: str) -> QuerySet[User]:
    now = timezone.now()
    unusable = Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    conditions = {
        "active": Q(is_active=True) & ~unusable,
        "invited": Q(is_active=True, invited_until__gt=now) & unusable,
        "expired": Q(is_active=True, invited_until__lte=now) & unusable,
        "new": Q(is_active=True, email__isnull=False, invited_until__isnull=True) & unusable,
        "named": Q(is_active=True, email__isnull=True) & unusable,
        "inactive": Q(is_active=False),
    }
    return rows.filter(conditions[state]) if state in conditions else rows


def with_roles_and_team(rows: QuerySet[User], today: date) -> QuerySet[User]:
    """The same people with what `person_line` reads, in two more queries for all of them."""
    grants: QuerySet[RoleGrant] = RoleGrant.objects.on(today)
    memberships: QuerySet[Membership] = Membership.objects.on(today).select_related("team")
    return rows.prefetch_related(Prefetch("role_grants", grants), Prefetch("memberships", memberships))


def person_line(person: Any, today: date) -> PersonLine:
    """The line of a person from `people(...)`."""
    held = {grant.role for grant in person.role_grants.all()}
    teams = [membership.team.name for membership in person.memberships.all()]
    return PersonLine(
        person,
        state_of(person),
        [str(role.label) for role in Role if role in held],
        ", ".join(teams),
        person.invited_until,
    )


def state_of(person: Any) -> str:
    """Which of STATES holds for a person from `people(...)`."""
    if not person.is_active:
        return "inactive"
    if person.has_usable_password():
        return "active"
    if person.invited_until:
        return "invited" if person.invited_until > timezone.now() else "expired"
    return "new" if person.email else "named"
