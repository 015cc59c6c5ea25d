"""Who may come in by the organisation's identity provider, and which roles its groups give.

The provider (OpenID Connect or SAML) and all of this is said in the environment: docs/sign-in.md.
"""

from collections.abc import Iterable
from typing import Any

import structlog
from allauth.account.models import EmailAddress
from allauth.account.signals import user_logged_in
from allauth.socialaccount.models import SocialLogin
from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.models import Organisation, Role, User
from accounts.services.addresses import set_address
from accounts.services.people import change_roles
from audit.models import Kind
from audit.recording import record
from foundation.errors import Refusal

log = structlog.get_logger(__name__)


@register
def roles_are_known(**_: Any) -> list[CheckMessage]:
    """SSO_ROLES names roles that there are."""
    unknown = sorted(set(settings.SSO_ROLES.values()) - set(Role.values))
    if not unknown:
        return []
    return [Error(f"SSO_ROLES names unknown roles: {', '.join(unknown)}.", hint=f"There are {Role.values}.")]


def is_of_us(address: str) -> bool:
    """Whether the address lies in one of the domains whose people may come in by the provider."""
    return address.rpartition("@")[2].lower() in settings.SSO_DOMAINS


def check_claims(login: SocialLogin) -> None:
    """Refuses (PermissionDenied) an answer about two people; an unclear “verified” means no."""
    told = login.account.extra_data
    parts = [told[name] for name in ("id_token", "userinfo") if isinstance(told.get(name), dict)]
    if len({part.get("sub") for part in parts}) > 1:
        raise PermissionDenied
    for address in login.email_addresses:
        said = [part.get("email_verified") for part in parts if "email_verified" in part]
        if any(word is not True and str(word).lower() != "true" for word in said):
            address.verified = False


def groups_of(login: SocialLogin) -> set[str] | None:
    """The groups the provider names; None where it names none at all, which says nothing."""
    told = login.account.extra_data
    for part in (told.get("userinfo"), told.get("id_token"), told):
        if isinstance(part, dict) and settings.SSO_GROUPS_CLAIM in part:
            named = part[settings.SSO_GROUPS_CLAIM]
            return {named} if isinstance(named, str) else {str(one) for one in named or ()}
    return None


def roles_by_groups(groups: Iterable[str]) -> set[str]:
    """The roles that these groups give."""
    return {settings.SSO_ROLES[group] for group in groups if group in settings.SSO_ROLES}


@transaction.atomic
def follow_groups(*, person: User, groups: set[str]) -> None:
    """Gives the person the roles of their groups, and no others; the last administrator stays one."""
    before, roles = set(person.roles), roles_by_groups(groups)
    if roles == before:
        return
    today = Organisation.current().today()
    try:
        change_roles(person=person, roles=roles, starts_on=today)
    except Refusal:
        log.warning("the provider's groups would have left nobody administrator", person=person.pk)
        roles = roles | {Role.ADMIN}
        change_roles(person=person, roles=roles, starts_on=today)
    record(
        Kind.RIGHTS,
        "roles_by_provider",
        person=person.pk,
        before={"roles": sorted(before)},
        after={"roles": sorted(roles), "groups": sorted(groups & settings.SSO_ROLES.keys())},
    )


def _on_sign_in(sender: object, user: User, sociallogin: SocialLogin | None = None, **_: Any) -> None:
    """At each sign-in by the provider the address it vouches for counts as verified; roles are read anew."""
    if sociallogin is None:
        return
    vouched = {one.email for one in sociallogin.email_addresses if one.verified and is_of_us(one.email)}
    if user.email in vouched and not EmailAddress.objects.filter(user=user, verified=True).exists():
        set_address(person=user, email=user.email, verified=True)
    groups = groups_of(sociallogin) if settings.SSO_ROLES else None
    if groups is not None:
        follow_groups(person=user, groups=groups)


def listen() -> None:
    """Connects it, once."""
    user_logged_in.connect(_on_sign_in, dispatch_uid="accounts.sso")
