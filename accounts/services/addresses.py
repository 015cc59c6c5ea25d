"""A person's e-mail address and what the sign-in knows about it, changed together."""

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from foundation.errors import InvalidInput


@transaction.atomic
def set_address(*, person: User, email: str | None, verified: bool = False) -> User:
    """Gives a person their one address, or takes it away; `verified` when they have shown that it is theirs.

    Raises InvalidInput for what is no address, and for one that somebody else has.
    """
    address = User.objects.normalize_email(email)
    if address is not None:
        _check(person, address)
    person.email = address
    person.save(update_fields=["email"])
    EmailAddress.objects.filter(user=person).exclude(email=address or "").delete()
    if address is not None:
        row, _made = EmailAddress.objects.get_or_create(user=person, email=address)
        row.primary = True
        row.verified = row.verified or verified
        row.save(update_fields=["primary", "verified"])
    return person


def _check(person: User, address: str) -> None:
    try:
        validate_email(address)
    except ValidationError:
        raise InvalidInput(
            _("“%(email)s” is not an e-mail address.") % {"email": address}, field="email"
        ) from None
    owner = User.objects.filter(email=address).exclude(pk=person.pk).first()
    if owner is not None:
        raise InvalidInput(_("%(name)s has this address already.") % {"name": owner}, field="email")
