"""Making somebody who left anonymous: their figures stay, nothing says any more whose they are."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.db import transaction
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.mail import OutgoingMail
from accounts.models import Invitation, User
from accounts.permissions import may_configure
from accounts.services.sessions import end_sessions
from audit.models import Kind
from audit.recording import record
from foundation.errors import InvalidInput, NotAllowed


@dataclass(frozen=True)
class Forgotten:
    """Somebody made anonymous: how they were called and reached, and how they are called from now on."""

    person: User
    name: str
    email: str | None
    now_called: str

    def said_otherwise(self, value: Any) -> Any:
        """Plain values (texts, lists, facts by name) with the new name wherever the old one stood."""
        if isinstance(value, str):
            return value.replace(self.name, self.now_called)
        if isinstance(value, list):
            return [self.said_otherwise(one) for one in value]
        if isinstance(value, dict):
            return {key: self.said_otherwise(one) for key, one in value.items()}
        return value

    def named_in(self, rows: QuerySet[Any], column: str) -> QuerySet[Any]:
        """Those of the rows in whose column (a text, or JSON) the old name stands."""
        return rows_with(self.name, rows, column)


def rows_with(text: str, rows: QuerySet[Any], column: str) -> QuerySet[Any]:
    """Those of the rows in whose column the text stands; JSON may write it with escapes."""
    written: QuerySet[Any] = rows.annotate(written=Cast(column, TextField()))
    found = Q(written__contains=text) | Q(written__contains=json.dumps(text)[1:-1])
    return written.filter(found).order_by("pk")


# Apps above add where else a name stands: accounts need not know them.
also_forgets: list[Callable[[Forgotten], object]] = []


@transaction.atomic
def anonymise(*, person: User, by: User) -> User:
    """Replaces name and address of somebody who left, everywhere they are kept, for good. Every row stays.

    Raises NotAllowed, or InvalidInput for somebody who has not left, or was made anonymous before.
    """
    if not may_configure(by):
        raise NotAllowed(_("Only administrators can do that."))
    person = User.objects.select_for_update().get(pk=person.pk)
    if person.is_active:
        raise InvalidInput(_("%(name)s has not left. Deactivate them first.") % {"name": person})
    if person.anonymised_at is not None:
        raise InvalidInput(_("That was done already."))
    forgotten = Forgotten(person, person.name, person.email, f"Former colleague {person.pk}")
    end_sessions(person=person)
    for model in (EmailAddress, Authenticator, SocialAccount, UserSession):
        model.objects.filter(user=person).delete()
    Invitation.objects.filter(user=person).update(email="")
    _forget_in_mail(forgotten)
    for entry in forgotten.named_in(LogEntry.objects.all(), "object_repr"):
        entry.object_repr = forgotten.said_otherwise(entry.object_repr)
        entry.save(update_fields=["object_repr"])
    for forget in also_forgets:
        forget(forgotten)
    _replace(person, forgotten.now_called)
    record(Kind.PRIVACY, "anonymised", of=person, person=person.pk, by=by.pk)
    return person


def _forget_in_mail(forgotten: Forgotten) -> None:
    """Letters to the person lose address and text, and wait no longer; in others the name is replaced."""
    if forgotten.email:
        for letter in rows_with(forgotten.email, OutgoingMail.objects.all(), "recipients"):
            letter.recipients, letter.headers = [], {}
            letter.subject = letter.text = letter.html = letter.error = ""
            if letter.state != OutgoingMail.State.SENT:
                letter.state = OutgoingMail.State.DROPPED
            letter.save()
    for column in ("subject", "text", "html"):
        for letter in forgotten.named_in(OutgoingMail.objects.all(), column):
            setattr(letter, column, forgotten.said_otherwise(getattr(letter, column)))
            letter.save(update_fields=[column])


def _replace(person: User, name: str) -> None:
    """Time zone and dates stay: by them the figures were counted."""
    person.name, person.email = name, None
    person.external_source = person.external_id = ""
    person.locale = User._meta.get_field("locale").default
    person.last_login = None
    person.set_unusable_password()
    person.anonymised_at = timezone.now()
    person.save()
