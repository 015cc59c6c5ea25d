"""The pages for 400, 403, 404 and 500; for programs, problem documents.

Each names the request's id, so that a report finds its log lines.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from foundation.api.problems import CONTENT_TYPE, problem


def _page(request: HttpRequest, status: int, **context: Any) -> HttpResponse:
    return render(request, f"{status}.html", {"error_id": _error_id(request), **context}, status=status)


def _error_id(request: HttpRequest) -> str:
    return getattr(request, "request_id", "")


def _is_program(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def program_problem(status: int, detail: str, code: str) -> HttpResponse:
    """What programs are told, as a problem document."""
    return JsonResponse(problem(status, detail, code), status=status, content_type=CONTENT_TYPE)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _is_program(request):
        return program_problem(400, _("This cannot be understood."), "bad_request")
    return _page(request, 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, 403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form from an old page: going back and reloading mends it, so the page says that."""
    return _page(request, 403, stale_form=True)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Rendered without context processors: the database may be what failed."""
    if _is_program(request):
        words = _("Something broke on our side. Name this id when you report it: %(id)s")
        return program_problem(500, words % {"id": _error_id(request)}, "server_error")
    return HttpResponse(render_to_string("500.html", {"error_id": _error_id(request)}), status=500)
