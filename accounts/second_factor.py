"""Administrators have a second factor, where the operator asks for it: whoever has none sets it up first."""

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import User


def has_second_factor(person: User) -> bool:
    """Whether signing in asks for more than the password. Recovery codes alone are no factor."""
    kinds = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    found: bool = Authenticator.objects.filter(user_id=person.pk, type__in=kinds).exists()
    return found


def owes_second_factor(person: User) -> bool:
    """Whether the person may do nothing, by page or by token, before they have set one up."""
    return bool(settings.ADMINS_NEED_SECOND_FACTOR) and person.is_admin and not has_second_factor(person)


def what_is_owed() -> str:
    """What programs are told."""
    return _("Administrators need a second factor here. Set it up on the pages first.")
