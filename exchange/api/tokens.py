"""Making, finding and revoking tokens."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services.anonymising import Forgotten
from exchange.models import ApiToken, IdempotencyKey, TokenScope
from foundation.errors import InvalidInput

PREFIX = "ph_"  # so that scanners for leaked secrets can recognise one
LONGEST = timedelta(days=3660)


def issue_token(
    *, by: User, name: str, scope: TokenScope = TokenScope.WRITE, expires_in: timedelta | None = None
) -> tuple[ApiToken, str]:
    """A new token of `by`, and its secret, which cannot be read again; without `expires_in` it lasts.

    Raises InvalidInput without a name, and for a life that is not between now and ten years.
    """
    if not name.strip():
        raise InvalidInput(_("Say what will use the token."), field="name")
    if expires_in is not None and not timedelta(0) < expires_in <= LONGEST:
        raise InvalidInput(_("A token lasts between a day and ten years."), field="expires_in")
    secret = PREFIX + secrets.token_urlsafe(32)
    now = timezone.now()
    token = ApiToken.objects.create(
        user=by,
        name=name.strip(),
        scope=scope,
        token_hash=hashed(secret),
        hint=secret[: len(PREFIX) + 5],
        created_at=now,
        expires_at=now + expires_in if expires_in else None,
    )
    return token, secret


def revoke_token(*, token: ApiToken) -> ApiToken:
    """Ends a token for good; a revoked one is left as it is."""
    if token.revoked_at is None:
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at"])
    return token


def revoke_tokens(person: User) -> None:
    """Ends all tokens of a person, for good."""
    for token in ApiToken.objects.filter(user=person, revoked_at__isnull=True):
        revoke_token(token=token)


def forget(forgotten: Forgotten) -> None:
    """Takes the words out of what an anonymous person and their programs left."""
    person = forgotten.person
    revoke_tokens(person)
    ApiToken.objects.filter(user=person).update(name="")
    IdempotencyKey.objects.filter(user=person).delete()


def usable_token(secret: str, now: datetime) -> ApiToken | None:
    """The token with that secret, with its person, if it can be used now; remembers the day of its use."""
    token: ApiToken | None = (
        ApiToken.objects.usable(now).select_related("user").filter(token_hash=hashed(secret)).first()
    )
    if token is not None and token.last_used_on != now.date():
        ApiToken.objects.filter(pk=token.pk).update(last_used_on=now.date())
    return token


def hashed(secret: str) -> str:
    """What is kept of a secret. It has 256 random bits, so a plain hash cannot be guessed back."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
