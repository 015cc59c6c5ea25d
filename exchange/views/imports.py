"""Bringing data in: upload, what the check found, the word to go on, and progress."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.guards import after_confirming, for_people
from accounts.models import User
from accounts.permissions import may_configure
from exchange.answer_forms import AnswersForm
from exchange.forms import ImportForm
from exchange.importing import runs
from exchange.importing.dialects.columns import FIELDS
from exchange.importing.dialects.systems import DIALECTS
from exchange.importing.refused import refused_lines
from exchange.models import ImportRun, ImportStatus, Outcome
from foundation.api.throttling import ImportRate, within
from foundation.errors import InvalidInput

RUNS_SHOWN = 25
LINES_SHOWN = 100


def _admin(request: HttpRequest) -> User:
    """The signed-in administrator; 403 for everybody else."""
    assert isinstance(request.user, User)  # noqa: S101 - login_required stands before
    if not may_configure(request.user):
        raise PermissionDenied(_("Only administrators bring data in."))
    return request.user


@login_required
@require_http_methods(["GET", "POST"])
def imports(request: HttpRequest) -> HttpResponse:
    """The form for a file, and the files that came before."""
    user = _admin(request)
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and not within(ImportRate, request):
        form.add_error(None, _("That is too many files in an hour. Try again later."))
    if request.method == "POST" and form.is_valid():
        run = runs.start_run(
            by=user,
            kind=form.cleaned_data["kind"],
            preset=form.cleaned_data["preset"],
            currency=form.cleaned_data["currency"],
            file_name=form.cleaned_data["file"].name,
            content=form.cleaned_data["file"].read(),
            history=form.cleaned_data["history"].read() if form.cleaned_data["history"] else b"",
        )
        return redirect("exchange:import_run", run.pk)
    past = ImportRun.objects.visible_to(user).select_related("started_by")[:RUNS_SHOWN]
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "exchange/imports.html", {"form": form, "runs": past}, status=status)


@login_required
@require_GET
def import_run(request: HttpRequest, pk: int) -> HttpResponse:
    """One file: where it stands, what is wrong with it, or what it would change."""
    run = get_object_or_404(ImportRun.objects.visible_to(_admin(request)).select_related("started_by"), pk=pk)
    if request.headers.get("HX-Request"):
        response = render(request, "exchange/_run.html", {"run": run})
        if run.preset in DIALECTS and not run.is_moving:
            response["HX-Refresh"] = "true"  # the lines below it are there now
        return response
    return render(request, "exchange/import_run.html", {"run": run, **_lines(request, run)})


def _lines(request: HttpRequest, run: ImportRun) -> dict[str, Any]:
    """The lines of a file with what becomes of each, some at a time; those of one outcome where asked for."""
    outcome = request.GET.get("outcome", "")
    lines = run.lines.order_by("line")
    if outcome in Outcome.values:
        lines = lines.filter(outcome=outcome)
    after = request.GET.get("after", "")
    if after.isascii() and after.isdigit():
        lines = lines.filter(line__gt=int(after[:9]))
    shown = list(lines[: LINES_SHOWN + 1])
    columns, fields = run.choices.get("columns", {}), FIELDS.get(run.kind, {})
    return {
        "lines": shown[:LINES_SHOWN],
        "next_after": shown[LINES_SHOWN - 1].line if len(shown) > LINES_SHOWN else None,
        "outcome": outcome,
        "outcomes": Outcome.choices,
        "left_out": [one["name"] for one in run.survey.get("columns", []) if one["name"] not in columns],
        "matched": [(name, fields[key].label) for name, key in columns.items()],
    }


@login_required
@require_http_methods(["GET", "POST"])
def import_answers(request: HttpRequest, pk: int) -> HttpResponse:
    """What a file leaves to a person: its columns, how it is read, the names that nobody knows here."""
    user = _admin(request)
    run = get_object_or_404(ImportRun.objects.visible_to(user), pk=pk)
    if run.status not in (ImportStatus.ASKING, ImportStatus.READY) or run.preset not in DIALECTS:
        return redirect("exchange:import_run", run.pk)
    form = AnswersForm(run, request.POST or None)
    if request.method == "POST" and form.is_valid():
        currency = form.cleaned_data["currency"]
        return _turn(request, pk, partial(runs.answer_run, choices=form.decided(), currency=currency))
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "exchange/import_answers.html", {"run": run, "form": form}, status=status)


@login_required
@require_GET
def import_refused(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The refused lines as a file, each with the reason beside it, to be mended and brought in again."""
    run = get_object_or_404(ImportRun.objects.visible_to(_admin(request)), pk=pk)
    response = StreamingHttpResponse(refused_lines(run), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="refused-{run.pk}.csv"'
    return response


@require_POST
@for_people
@after_confirming
def apply_import(request: HttpRequest, pk: int) -> HttpResponse:
    """The word to bring a checked file in."""
    return _turn(request, pk, runs.apply_run)


@login_required
@require_POST
def cancel_import(request: HttpRequest, pk: int) -> HttpResponse:
    """Stops a file that is not over."""
    return _turn(request, pk, runs.cancel_run)


def _turn(request: HttpRequest, pk: int, act: Callable[..., ImportRun]) -> HttpResponse:
    user = _admin(request)
    run = get_object_or_404(ImportRun.objects.visible_to(user), pk=pk)
    try:
        act(run_id=run.pk, by=user)
    except InvalidInput as refusal:
        messages.error(request, refusal.message)
    return redirect("exchange:import_run", run.pk)
