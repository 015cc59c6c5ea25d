"""Inviting people by mail, and taking an invitation up. The secret stands in the letter: we keep its hash."""

import hashlib
import secrets
from datetime import timedelta
from enum import StrEnum

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Invitation, Organisation, User
from accounts.readers import as_read_by
from accounts.services.addresses import set_address
from foundation.errors import InvalidInput

VALID_FOR = timedelta(days=7)


class Standing(StrEnum):
    """What an invitation is still good for."""

    OPEN = "open"
    USED = "used"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def standing(invitation: Invitation) -> Standing:
    """Whether it can be taken up, and if not, why."""
    if invitation.accepted_at:
        return Standing.USED
    if invitation.revoked_at:
        return Standing.WITHDRAWN
    return Standing.EXPIRED if invitation.expires_at <= timezone.now() else Standing.OPEN


def find_invitation(token: str) -> Invitation | None:
    """The invitation that belongs to the secret, whatever has become of it."""
    return Invitation.objects.select_related("user", "invited_by").filter(token_hash=_hash(token)).first()


def link_of(token: str) -> str:
    """The address at which an invitation is taken up."""
    return str(settings.SITE_URL).rstrip("/") + reverse("accounts:invitation", args=[token])


def make_invitation(*, person: User, email: str | None = None, by: User | None) -> str:
    """A new invitation, without a letter; returns its secret. Earlier ones end.

    `email` gives somebody known by name their address. Raises InvalidInput for people who left, who have a
    password already, or without an address.
    """
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        person = User.objects.select_for_update().get(pk=person.pk)
        if not person.is_active:
            raise InvalidInput(_("%(name)s is deactivated. Reactivate them first.") % {"name": person})
        if person.has_usable_password():
            raise InvalidInput(_("%(name)s can sign in already.") % {"name": person})
        if email:
            set_address(person=person, email=email)
        if not person.email:
            raise InvalidInput(_("Say where to send the invitation."), field="email")
        withdraw_invitations(person=person)
        Invitation.objects.create(
            user=person,
            email=person.email,
            token_hash=_hash(token),
            invited_by=by,
            expires_at=timezone.now() + VALID_FOR,
        )
    return token


@transaction.atomic
def invite(*, person: User, email: str | None = None, by: User) -> None:
    """Sends a person the letter with which they choose a password; see `make_invitation`."""
    token = make_invitation(person=person, email=email, by=by)
    person.refresh_from_db()
    with as_read_by(person):
        words = {
            "person": person,
            "by": by,
            "organisation": Organisation.current().name,
            "link": link_of(token),
            "days": VALID_FOR.days,
        }
        subject = _("%(name)s invites you to PartnerHub") % {"name": by.name}
        send_mail(subject, render_to_string("accounts/invitation.txt", words), None, [str(person.email)])


@transaction.atomic
def withdraw_invitations(*, person: User) -> int:
    """Ends the person's open invitations; returns how many there were."""
    open_ones = list(person.invitations.filter(accepted_at__isnull=True, revoked_at__isnull=True))
    for invitation in open_ones:
        invitation.revoked_at = timezone.now()
        invitation.save(update_fields=["revoked_at"])
    return len(open_ones)


@transaction.atomic
def accept_invitation(*, token: str, name: str, password: str, time_zone: str) -> User:
    """Takes an invitation up, once: sets name, password and time zone, and the address counts as verified.

    Raises InvalidInput where it is unknown, used, withdrawn or expired.
    """
    invitation = Invitation.objects.select_for_update().filter(token_hash=_hash(token)).first()
    if invitation is None or standing(invitation) != Standing.OPEN or not invitation.user.is_active:
        raise InvalidInput(_("This invitation cannot be used any more. Ask for a new one."))
    person = invitation.user
    person.name = name
    person.time_zone = time_zone
    person.set_password(password)
    person.save(update_fields=["name", "time_zone", "password"])
    set_address(person=person, email=invitation.email, verified=True)
    invitation.accepted_at = timezone.now()
    invitation.save(update_fields=["accepted_at"])
    return person
