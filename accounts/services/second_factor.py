"""Taking somebody's second factor away, who lost it and the recovery codes too."""

from allauth.mfa.models import Authenticator
from django.db import transaction

from accounts.models import User
from accounts.services.sessions import end_sessions
from audit.models import Kind
from audit.recording import record


@transaction.atomic
def remove_second_factor(*, person: User) -> int:
    """Removes all of it and signs the person out everywhere; returns how many parts it had."""
    removed = list(Authenticator.objects.filter(user=person).order_by("pk"))
    if removed:
        Authenticator.objects.filter(user=person).delete()
        kinds = sorted({one.type for one in removed})
        record(Kind.SIGN_IN, "second_factor_removed", person=person.pk, before={"kinds": kinds})
    end_sessions(person=person)
    return len(removed)
