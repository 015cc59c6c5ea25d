"""Bringing data in: upload, what the check found, the word to go on, and progress."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.guards import after_confirming, for_people
from accounts.models import User
from accounts.permissions import may_configure
from exchange.forms import ImportForm
from exchange.importing import runs
from exchange.models import ImportRun
from foundation.api.throttling import ImportRate, within
from foundation.errors import InvalidInput

RUNS_SHOWN = 25


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
    template = "exchange/_run.html" if request.headers.get("HX-Request") else "exchange/import_run.html"
    return render(request, template, {"run": run})


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
