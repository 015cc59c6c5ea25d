"""Every error of the API as `application/problem+json` (RFC 9457)."""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import IntegrityError
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException, ErrorDetail, NotFound, Throttled, ValidationError
from rest_framework.exceptions import PermissionDenied as ApiPermissionDenied
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import set_rollback

from foundation.errors import Conflict, Refusal

log = structlog.get_logger(__name__)
CONTENT_TYPE = "application/problem+json"


def problem(status: int, detail: str, code: str, **more: object) -> dict[str, object]:
    """The document: `type`, `title` (the status in words), `status`, `detail`, `code`, and more."""
    title = HTTPStatus(status).phrase
    return {"type": "about:blank", "title": title, "status": status, "detail": detail, "code": code, **more}


def problem_of(error: Exception) -> dict[str, object] | None:
    """The problem document for an error that is an answer; None for one that is our fault."""
    if isinstance(error, Refusal):
        return _of_refusal(error)
    if isinstance(error, RequestDataTooBig):
        return problem(413, _("This is too much for one request."), "too_large")
    if isinstance(error, IntegrityError):
        # Two requests passed the same checks at the same moment, and the database let one of them through.
        log.warning("refused by a constraint", exc_info=error)
        return problem(409, _("Somebody wrote the same at the same moment. Read it again."), "conflict")
    if isinstance(error, Http404):
        error = NotFound()
    elif isinstance(error, PermissionDenied):
        error = ApiPermissionDenied()
    if isinstance(error, ValidationError):
        return _of_validation(error)
    if isinstance(error, APIException):
        detail = error.detail if isinstance(error.detail, ErrorDetail) else error.default_detail
        return problem(error.status_code, str(detail), str(error.get_codes()))
    return None


def answer(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """DRF's exception handler: the one place where refusals become answers of the API."""
    document = problem_of(error)
    if document is None:
        return None
    set_rollback()
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if isinstance(error, Throttled) and (wait := getattr(error, "wait", None)) is not None:
        headers["Retry-After"] = str(max(1, round(wait)))
    return Response(document, status=int(str(document["status"])), headers=headers, content_type=CONTENT_TYPE)


def _of_refusal(error: Refusal) -> dict[str, object]:
    more: dict[str, object] = {}
    if error.field:
        more["errors"] = {error.field: [error.message]}
    if isinstance(error, Conflict):
        more |= {"current": error.current, "attempted": error.attempted}
    return problem(error.status, error.message, error.code, **more)


def _of_validation(error: ValidationError) -> dict[str, object]:
    """Messages by field (`partners.0.kind`); those about no field become the detail."""
    errors: dict[str, list[str]] = {}
    general: list[str] = []
    for path, message in _flat(error.detail):
        if path:
            errors.setdefault(path, []).append(message)
        else:
            general.append(message)
    detail = " ".join(general) or _("Some values cannot be accepted.")
    return problem(400, detail, "invalid", errors=errors)


def _flat(detail: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(detail, dict):
        for key, inner in detail.items():
            own = "" if key == api_settings.NON_FIELD_ERRORS_KEY else str(key)
            yield from _flat(inner, ".".join(part for part in (path, own) if part))
    elif isinstance(detail, list):
        for position, inner in enumerate(detail):
            plain = isinstance(inner, str)
            yield from _flat(inner, path if plain else f"{path}.{position}" if path else str(position))
    else:
        yield path, str(detail)
