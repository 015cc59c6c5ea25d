"""Writing down what was done: the page, the same in the dialog, and what is understood while one types."""

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from accounts.guards import PersonRequest, for_people, say_refusal
from apr.find_fields import SHOWN
from apr.forms import FOUND, deal_label, moment_of, rows_of
from apr.log_forms import LogSheet, sheet_from_page, sheet_from_post
from apr.logged import say_logged, words_of
from apr.models import Action
from apr.services.actions import log_action
from foundation.dialogs import in_dialog
from foundation.errors import Refusal


@for_people
def log(request: PersonRequest) -> HttpResponse:
    """Shows the form, filled with what can be guessed; saves what it says."""
    if request.method != "POST":
        return _show(request, sheet_from_page(request.user, request.GET))
    sheet = sheet_from_post(request.user, request.POST)
    if "read" in request.POST or "set" in request.POST:
        return _show(request, sheet)
    action = _save(request, sheet)
    if action is None:
        return _show(request, sheet, status=422)
    if "another" in request.POST and in_dialog(request):
        response = _show(request, sheet_from_page(request.user, QueryDict(f"from={sheet.came_from}")))
        return trigger_client_event(response, "toast", {"text": words_of(action), "error": False})
    say_logged(request, action)
    return redirect(request.get_full_path() if "another" in request.POST else _back(request, sheet))


@require_POST
@for_people
def log_reading(request: PersonRequest) -> HttpResponse:
    """The form again, as the line and the fields are understood so far."""
    sheet = sheet_from_post(request.user, request.POST)
    return render(request, "apr/_log_reading.html", {"sheet": sheet, "form": sheet.form, "is_answer": True})


@for_people
def find(request: PersonRequest, kind: str) -> HttpResponse:
    """Names for a field that finds: those that hold what is typed."""
    if kind not in FOUND:
        raise Http404
    rows = rows_of(kind, request.user)
    for word in request.GET.get(f"{kind}_text", "").split(" · ")[0].split():
        rows = rows.filter(name__icontains=word)
    label = deal_label if kind == "opportunity" else str
    return render(request, "apr/_found.html", {"names": [label(row) for row in rows[:SHOWN]]})


def _show(request: HttpRequest, sheet: LogSheet, status: int = 200) -> HttpResponse:
    template = "apr/_log_form.html" if in_dialog(request) else "apr/log.html"
    return render(request, template, {"sheet": sheet, "form": sheet.form}, status=status)


def _save(request: PersonRequest, sheet: LogSheet) -> Action | None:
    """Logs what the form says; None where it was refused, with the reason in the form."""
    form = sheet.form
    if not form.is_valid():
        return None
    data = form.cleaned_data
    try:
        return log_action(
            by=request.user,
            actor=request.user,
            action_type=data["action_type"],
            occurred_at=moment_of(data["occurred_on"], request.user),
            deal=data["opportunity"],
            partner=data["partner"],
            counterpart=data["counterpart"],
            capacity=data["capacity"] or None,
            duration_minutes=data["duration_minutes"],
            notes=data["notes"],
            advice=data["advice"] if data["action_type"].is_coaching else "",
            request_key=sheet.request_key,
        )
    except Refusal as refusal:
        say_refusal(form, refusal)
        return None


def _back(request: HttpRequest, sheet: LogSheet) -> str:
    """The page from which the log was opened, or the day."""
    if url_has_allowed_host_and_scheme(sheet.came_from, {request.get_host()}, request.is_secure()):
        return sheet.came_from
    return reverse("apr:home")
