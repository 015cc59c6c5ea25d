"""How long somebody stays signed in, and what is said to whoever finds that it is over.

A session carries when it began and when it was last used; reading pages writes that once a minute at most.
"""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

from allauth.account.internal.flows.reauthentication import (
    did_recently_reauthenticate,
    get_reauthentication_flows,
)
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme

from foundation.dialogs import in_dialog

BEGAN, SEEN = "signed_in_at", "seen_at"
NOTED_EVERY = 60  # seconds


def begin(sender: object, request: HttpRequest, **_: Any) -> None:
    """The clock of a session starts when somebody has signed in."""
    request.session[BEGAN] = request.session[SEEN] = int(time.time())


def is_over(request: HttpRequest, now: float) -> bool:
    """Whether the session is too old, or was not used for too long."""
    session = request.session
    too_old = now - session.get(BEGAN, now) >= settings.SESSION_COOKIE_AGE
    idle = settings.SESSION_IDLE_MINUTES * 60
    return too_old or bool(idle and now - session.get(SEEN, now) >= idle)


def confirmed_lately(request: HttpRequest) -> bool:
    """Whether the person has just signed in, or has shown again who they are: sensitive acts ask for that."""
    age = time.time() - request.session.get(BEGAN, 0)
    if age < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT:
        return True
    # Who has nothing to show here (they come by an identity provider) counts as not having shown it.
    return bool(get_reauthentication_flows(request.user)) and did_recently_reauthenticate(request)


def page_of(request: HttpRequest) -> str:
    """The page that somebody has before them: what they asked for, or from where they sent something."""
    if request.method == "GET" and (in_dialog(request) or not request.headers.get("HX-Request")):
        return request.get_full_path()
    here = request.headers.get("HX-Current-URL") or request.headers.get("Referer") or ""
    if not url_has_allowed_host_and_scheme(here, {request.get_host()}, request.is_secure()):
        return "/"
    parts = urlsplit(here)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def send_away(request: HttpRequest, to: str, **said: str) -> HttpResponse:
    """The answer that takes the person's whole page to `to`, from where they come back to the page they had.

    To htmx it is a 401, so that no script takes what was typed for saved. What is `said` stands in the
    address: several requests may be sent away at once, and a message would be gone with the first.
    """
    url = f"{resolve_url(to)}?{urlencode({'next': page_of(request), **said})}"
    if request.headers.get("HX-Request"):
        return HttpResponse(status=401, headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)


class SessionLimitsMiddleware:
    """Ends sessions that are over; who asks for more is told, signs in, and is back where they were."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        has_ended = self._ends(request)
        response = self.get_response(request)
        if not _asks_to_sign_in(response) or request.user.is_authenticated:
            return response
        if has_ended or request.method != "GET" or request.headers.get("HX-Request"):
            return send_away(request, settings.LOGIN_URL, ended="1")
        return response

    def _ends(self, request: HttpRequest) -> bool:
        """Whether the session that the browser still believes in is no more."""
        if not request.user.is_authenticated:
            return settings.SESSION_COOKIE_NAME in request.COOKIES and request.session.is_empty()
        now = time.time()
        if is_over(request, now):
            request.session.flush()
            request.user = AnonymousUser()
            return True
        if now - request.session.get(SEEN, 0) >= NOTED_EVERY:
            request.session[SEEN] = int(now)
            request.session.setdefault(BEGAN, int(now))
        return False


def _asks_to_sign_in(response: HttpResponse) -> bool:
    """Not so after signing out: that leads there without a page to come back to."""
    login = f"{resolve_url(settings.LOGIN_URL)}?next="
    return response.status_code == 302 and response["Location"].startswith(login)
