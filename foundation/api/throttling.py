"""Rate limits that say how much is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.throttling import AnonRateThrottle, SimpleRateThrottle, UserRateThrottle

if TYPE_CHECKING:  # DRF's views import this module
    from rest_framework.views import APIView


class _Told(SimpleRateThrottle):
    """Leaves its counts on the request, for the headers of the answer (see `foundation.api.views`)."""

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Whether there is something left."""
        allowed = super().allow_request(request, view)
        times: list[float] | None = getattr(self, "history", None)  # the newest first; None where not counted
        limit, window = self.parse_rate(self.rate)
        if times is not None and limit and window:
            reset = round(window - (self.timer() - times[-1])) if times else window
            told = (limit, window, max(0, limit - len(times)), max(0, reset))
            request._request.rate_limit = told  # type: ignore[attr-defined]
        return allowed


class AnonymousRate(_Told, AnonRateThrottle):
    """By address, for who has not signed in."""


class PersonRate(_Told, UserRateThrottle):
    """By person, whichever of their tokens they use."""


class ImportRate(UserRateThrottle):
    """Files that one person brings in."""

    scope = "import"


class LetterRate(UserRateThrottle):
    """Letters that one person has sent to others, such as invitations."""

    scope = "letter"


def within(rate: type[UserRateThrottle], request: HttpRequest) -> bool:
    """Counts an act of a page; whether it is within the rate of the person who does it."""
    return bool(rate().allow_request(request, None))  # type: ignore[arg-type] # it reads user and nothing else
