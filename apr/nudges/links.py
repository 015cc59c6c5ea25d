"""Signed links in letters: each is good for one person and one thing, without signing in."""

from datetime import timedelta
from enum import StrEnum

from django.conf import settings
from django.core import signing
from django.urls import reverse

from accounts.models import User
from apr.models import Action

ANSWER_LASTS = timedelta(days=14)


class Letter(StrEnum):
    """The letters that somebody can be rid of."""

    NOW = "now"
    DIGEST = "digest"
    TEAM = "team"


def whole(path: str) -> str:
    """The address with the name of the site, as letters need it."""
    return str(settings.SITE_URL).rstrip("/") + path


def unsubscribe_link(person: User, letter: Letter) -> str:
    """Where a letter is switched off; it stays good, however old the letter is."""
    token = signing.dumps([person.pk, letter], salt="apr.unsubscribe")
    return whole(reverse("apr:unsubscribe", args=[token]))


def read_unsubscribe(token: str) -> tuple[User, Letter] | None:
    """Whose letter a link switches off; None where nobody signed it."""
    try:
        pk, letter = signing.loads(token, salt="apr.unsubscribe")
    except signing.BadSignature:
        return None
    person = User.objects.filter(pk=pk).first()
    return (person, Letter(letter)) if person else None


def answer_link(person: User, action_id: int) -> str:
    """Where one person says whether one action was so, within `ANSWER_LASTS`."""
    token = signing.dumps([person.pk, action_id], salt="apr.answer")
    return whole(reverse("apr:answer_by_mail", args=[token]))


def read_answer(token: str) -> tuple[User, Action] | None:
    """Whose word a link asks for, and on which action; None where it has expired or never was good."""
    try:
        pk, action_id = signing.loads(token, salt="apr.answer", max_age=ANSWER_LASTS)
    except signing.BadSignature:
        return None
    person = User.objects.active().filter(pk=pk).first()
    about = ("actor", "counterpart", "action_type", "opportunity", "partner", "customer")
    action = Action.objects.select_related(*about).filter(pk=action_id).first()
    return (person, action) if person and action else None
