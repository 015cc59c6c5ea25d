"""Light, dark or as the system (a cookie, so that the server draws the right one at once), and the icon."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from partnerhub.navigation import APPEARANCES

A_YEAR = 365 * 24 * 60 * 60


@require_POST
def choose_appearance(request: HttpRequest) -> HttpResponse:
    """Keep the posted `theme` (light, dark or empty for the system) and go back to the page one came from."""
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = "/"
    response = redirect(back)
    theme = request.POST.get("theme", "")
    if theme and theme in APPEARANCES:
        response.set_cookie("theme", theme, max_age=A_YEAR, samesite="Lax", secure=request.is_secure())
    else:
        response.delete_cookie("theme", samesite="Lax")
    return response


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """The icon, for pages that name none themselves: the admin's and the API's."""
    return redirect(static("img/icon.svg"))
