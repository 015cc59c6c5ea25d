"""The page, panel and list of what was found: `/find/?q=`, opened by Ctrl-K, `/` or `?` from anywhere."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.guards import PersonRequest, for_people
from foundation.dialogs import in_dialog
from partnerhub.finder import find

KEYS = (
    ("Ctrl K", _("Go to a deal, partner, person or page; also /")),
    ("L", _("Log what you did, from any page")),
    ("W", _("Write in the log bar of Today")),
    ("M", _("On the board: lift the card in focus, then arrows, then Enter")),
    ("T", _("On an involvement map: its table; arrows go from mark to mark")),
    ("?", _("These keys")),
    ("Esc", _("Close a panel; what was typed in the log stays")),
)


@require_safe
@for_people
def find_page(request: PersonRequest) -> HttpResponse:
    """What `?q=` names among what the reader may open; every page without it."""
    text = request.GET.get("q", "").strip()
    context = {"text": text, "found": find(request.user, text), "keys": KEYS}
    if request.headers.get("HX-Target") == "found":
        return render(request, "find/_found.html", context)
    return render(request, "find/_panel.html" if in_dialog(request) else "find/page.html", context)
