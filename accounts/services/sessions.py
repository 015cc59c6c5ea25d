"""Where people are signed in, and the end of it."""

from allauth.usersessions.models import UserSession
from django.db import transaction

from accounts.models import User
from audit.models import Kind
from audit.recording import record


@transaction.atomic
def end_sessions(*, person: User) -> int:
    """Signs the person out everywhere; returns of how many places."""
    sessions = list(UserSession.objects.filter(user=person))
    for session in sessions:
        session.end()
    if sessions:
        record(Kind.SIGN_IN, "sessions_ended", person=person.pk, after={"sessions": len(sessions)})
    return len(sessions)
