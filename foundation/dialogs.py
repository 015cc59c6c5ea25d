"""Forms in a dialog: when one succeeds, its view redirects as ever, and the page under the dialog follows."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

DIALOG_BODY = "dialog-body"  # the id in templates/document.html


def in_dialog(request: HttpRequest) -> bool:
    """Whether the answer is put into the dialog, so that only the page's own part is wanted."""
    return request.headers.get("HX-Target") == DIALOG_BODY


class DialogRedirectMiddleware:
    """Turns a redirect of a request made from the dialog into one of the page under it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if 300 < response.status_code < 304 and in_dialog(request):
            return HttpResponse(status=204, headers={"HX-Redirect": response["Location"]})
        return response
