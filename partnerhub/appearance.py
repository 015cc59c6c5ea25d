"""How the frame is for this reader, kept in cookies so that the server draws it so at once; and the icon."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

CHOICES = {"theme": {"light", "dark"}, "keys": {"off"}}  # anything else is the usual: as the system, keys on
A_YEAR = 365 * 24 * 60 * 60


@require_POST
def choose_appearance(request: HttpRequest) -> HttpResponse:
    """Keep the posted `theme` or `keys` and go back to the page one came from."""
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = "/"
    response = redirect(back)
    for cookie in CHOICES.keys() & request.POST.keys():
        if request.POST[cookie] in CHOICES[cookie]:
            response.set_cookie(
                cookie, request.POST[cookie], max_age=A_YEAR, samesite="Lax", secure=request.is_secure()
            )
        else:
            response.delete_cookie(cookie, samesite="Lax")
    return response


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """The icon, for pages that name none themselves: the admin's and the API's."""
    return redirect(static("img/icon.svg"))
