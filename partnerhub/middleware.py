"""What happens around every request: a log line with an id, the reader's own language and clock, and whether
they owe a second factor first."""

import time
import uuid
from collections.abc import Callable
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

from accounts.models import User
from accounts.readers import as_read_by
from accounts.second_factor import owes_second_factor, what_is_owed
from accounts.session_limits import send_away
from foundation.once import reading_once
from partnerhub.errors import program_problem
from partnerhub.logs import path_to_log

log = structlog.get_logger("partnerhub.request")
QUIET = frozenset({"/ready/"})  # probes come every few seconds

# Without it one reaches the set-up, what that asks for (a confirmed address, who one is), and the way out.
ON_THE_WAY = frozenset(
    {
        "account_confirm_email",
        "account_email",
        "account_email_verification_sent",
        "account_logout",
        "account_reauthenticate",
        "appearance",
        "mfa_reauthenticate",
        "mfa_reauthenticate_webauthn",
        "ready",
        "security-txt",
    }
)
SECOND_FACTOR = "mfa_index"


class RequestLogMiddleware:
    """Gives each request an id (`request.request_id`, header `X-Request-ID`) and logs how it was answered.

    The line holds method, path, status and duration: no query string, no body, nothing personal.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = uuid.uuid4().hex[:16]
        request.request_id = request_id  # type: ignore[attr-defined] # Django's requests carry extras like this
        started = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
            if request.path not in QUIET and not request.path.startswith("/static/"):
                log.info(
                    "request",
                    method=request.method,
                    path=path_to_log(request),
                    status=response.status_code,
                    ms=round((time.perf_counter() - started) * 1000),
                )
        response["X-Request-ID"] = request_id
        return response


class CompressPagesMiddleware(GZipMiddleware):
    """Pages travel compressed, with padding of random length against guessing secrets by their size.

    Programs' answers stay as they are: a compressed one has a weak ETag, which `If-Match` refuses.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if not response.headers.get("Content-Type", "").startswith("text/html"):
            return response
        return super().process_response(request, response)


class ReadOnceMiddleware:
    """Pages that are only read ask the database once for what several of their parts need."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            return self.get_response(request)
        with reading_once():
            return self.get_response(request)


class ReaderMiddleware:
    """Answers people who are signed in in their own language and time zone, whatever the browser says."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        reader = request.user
        if not isinstance(reader, User):
            return self.get_response(request)
        with as_read_by(reader):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", reader.locale)
            return response


class SecondFactorMiddleware:
    """Leads administrators who owe a second factor to where they set it up, from wherever they go."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: list[Any], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Lets everybody else, and the way there, pass."""
        match = request.resolver_match
        is_open = match is not None and (match.view_name in ON_THE_WAY or "/2fa/" in f"/{match.route}")
        if is_open or not isinstance(request.user, User) or not owes_second_factor(request.user):
            return None
        if request.path.startswith("/api/"):
            return program_problem(403, what_is_owed(), "second_factor_needed")
        return send_away(request, SECOND_FACTOR, owed="1")
