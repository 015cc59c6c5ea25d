"""A POST that is sent twice with one key acts once: the second gets the answer of the first."""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from exchange.models import IdempotencyKey
from foundation.errors import Refusal

KEPT_FOR = timedelta(days=2)
REPEATED_HEADERS = ("ETag", "Location")


class KeyReused(Refusal):
    """The key belongs to another request."""

    status = 422
    default_code = "idempotency_key_reused"


def answer_once(request: Request, key: str, act: Callable[[], Response]) -> Response:
    """What `act` answers, or what it answered when this person last sent this request with this key.

    The key is written in the transaction of the act itself: whoever comes second waits for the first on the
    unique index; where the first failed nothing was changed or kept, and the second acts. Raises KeyReused
    where the key came with another method, path or body.
    """
    if not (key.isascii() and key.isprintable() and 0 < len(key) <= 200):
        raise ValidationError({"Idempotency-Key": _("A key has 1 to 200 printable ASCII characters.")})
    assert isinstance(request.user, User)  # noqa: S101 - views are closed to everybody else
    digest = _digest(request)
    with transaction.atomic():
        row, is_first = IdempotencyKey.objects.get_or_create(
            user=request.user, key=key, defaults={"request_hash": digest}
        )
        if is_first:
            return _keep(row, act())
    if row.request_hash != digest:
        raise KeyReused(_("This Idempotency-Key was used for another request. Choose a new one."))
    headers = {**row.headers, "Idempotency-Replayed": "true"}
    return Response(json.loads(row.body), status=row.status, headers=headers)


def forget_old_answers() -> int:
    """Deletes the answers that nobody can be waiting for any more; returns how many."""
    return IdempotencyKey.objects.filter(created_at__lt=timezone.now() - KEPT_FOR).delete()[0]


def _keep(row: IdempotencyKey, response: Response) -> Response:
    row.status = response.status_code
    row.headers = {name: response[name] for name in REPEATED_HEADERS if name in response}
    row.body = JSONRenderer().render(response.data).decode() or "null"
    row.save(update_fields=["status", "headers", "body"])
    return response


def _digest(request: Request) -> str:
    """Method, path, query and body, as one hash."""
    body: bytes = request._request.body
    return hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode() + body).hexdigest()
