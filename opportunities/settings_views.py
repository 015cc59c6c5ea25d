"""The settings for funnels, stages, lost reasons and obstacle kinds."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.guards import PersonRequest, for_administrators, form_page, posted, try_act
from foundation.rows import PlacedRows, placed_rows
from opportunities.models import Funnel, LostReason, ObstacleKind, Stage, StageKind
from opportunities.services import funnels as services
from opportunities.settings_forms import (
    ClosingStageForm,
    FunnelForm,
    LostReasonForm,
    ObstacleKindForm,
    RetireStageForm,
    StageForm,
    StageRow,
)


def _place_of(funnel: Funnel) -> str:
    return reverse("settings:funnel", args=[funnel.pk])


def _stages(funnel: Funnel) -> QuerySet[Stage]:
    """The stages of a funnel with `open_deals`, the number of open deals that stand in each."""
    return funnel.stages.annotate(
        open_deals=Count("opportunities", filter=Q(opportunities__status="open"))
    ).order_by("position", "pk")


@for_administrators
def funnels(request: PersonRequest) -> HttpResponse:
    """The default funnel, or the first one."""
    funnel = Funnel.objects.order_by("-is_default", "-is_active", "name").first()
    return redirect(_place_of(funnel)) if funnel else redirect("settings:funnel_new")


@for_administrators
def funnel(request: PersonRequest, pk: int) -> HttpResponse:
    """The stages of a funnel, edited in place and saved together."""
    shown = get_object_or_404(Funnel, pk=pk)
    stages = _stages(shown)
    in_use = stages.filter(kind=StageKind.OPEN, is_active=True)
    rows = placed_rows(StageRow, in_use, posted(request))
    if rows.is_outdated:
        messages.error(request, _("Somebody added or retired a stage meanwhile. This is how they stand now."))
        return redirect(_place_of(shown))
    if rows.is_bound and rows.is_valid():
        services.save_stages(funnel=shown, stages=rows.in_order())
        messages.success(request, _("The stages are saved."))
        return redirect(_place_of(shown))
    return render(
        request,
        "settings/funnel.html",
        _funnel_context(shown, rows, list(stages)),
        status=422 if rows.is_bound else 200,
    )


def _funnel_context(shown: Funnel, rows: PlacedRows[Stage], stages: list[Any]) -> dict[str, object]:
    in_use = [stage for stage in stages if stage.is_active]
    choices = [
        (f"{one.name} ({_('retired')})" if not one.is_active else one.name, _place_of(one), one == shown)
        for one in Funnel.objects.order_by("-is_active", "name")
    ]
    return {
        "funnel": shown,
        "choices": choices,
        "rows": rows,
        "closing": [stage for stage in in_use if stage.kind != StageKind.OPEN],
        "retired": [stage for stage in stages if not stage.is_active],
        "open_stages": [stage for stage in in_use if stage.kind == StageKind.OPEN],
        "open_deals": sum(stage.open_deals for stage in in_use),
    }


@for_administrators
def funnel_new(request: PersonRequest) -> HttpResponse:
    """A new funnel."""
    form = FunnelForm(posted(request))

    def save(data: dict[str, Any]) -> str:
        services.add_funnel(name=data["name"])
        return _("The funnel is there. Give it its stages.")

    return form_page(
        request, form, save, title=_("New funnel"), back=reverse("settings:funnels"), act=_("Add funnel")
    )


@for_administrators
def funnel_edit(request: PersonRequest, pk: int) -> HttpResponse:
    """A funnel's name; whether it is the default, or retired."""
    shown = get_object_or_404(Funnel, pk=pk)
    form = FunnelForm(posted(request), instance=shown)

    def save(data: dict[str, Any]) -> str:
        form.save()
        return _("The funnel is saved.")

    return form_page(
        request,
        form,
        save,
        title=_("Funnel"),
        back=_place_of(shown),
        template="settings/funnel_edit.html",
        funnel=shown,
    )


FUNNEL_ACTS = {
    "default": (services.make_default, lazy("New deals begin in this funnel now.")),
    "retire": (services.retire_funnel, lazy("The funnel is retired. Its history stays.")),
    "restore": (services.restore_funnel, lazy("The funnel is in use again.")),
}


@require_POST
@for_administrators
def funnel_act(request: PersonRequest, pk: int, act: str) -> HttpResponse:
    """Makes a funnel the default, retires or restores it."""
    shown = get_object_or_404(Funnel, pk=pk)
    if act not in FUNNEL_ACTS:
        raise Http404
    service, said = FUNNEL_ACTS[act]
    try_act(request, lambda: service(funnel=shown), str(said))
    return redirect(_place_of(shown))


@for_administrators
def stage_new(request: PersonRequest, pk: int) -> HttpResponse:
    """A new stage behind the others."""
    shown = get_object_or_404(Funnel, pk=pk)
    form = StageForm(posted(request), instance=Stage(funnel=shown))

    def save(data: dict[str, Any]) -> str:
        services.add_stage(funnel=shown, stage=form.save(commit=False))
        return _("The stage stands behind the others. Drag it to its place.")

    return form_page(
        request, form, save, title=_("New stage"), back=_place_of(shown), act=_("Add stage"), lead=shown.name
    )


@for_administrators
def stage(request: PersonRequest, pk: int) -> HttpResponse:
    """Everything about one stage."""
    shown = get_object_or_404(Stage.objects.select_related("funnel"), pk=pk)
    kind = StageForm if shown.kind == StageKind.OPEN else ClosingStageForm
    form = kind(posted(request), instance=shown)

    def save(data: dict[str, Any]) -> str:
        form.save()
        return _("The stage is saved. Past visits keep what held when they began.")

    return form_page(
        request,
        form,
        save,
        title=Stage.objects.get(pk=pk).name,
        lead=_("Stage of %(funnel)s") % {"funnel": shown.funnel},
        back=_place_of(shown.funnel),
        template="settings/stage.html",
        stage=shown,
    )


@for_administrators
def stage_retire(request: PersonRequest, pk: int) -> HttpResponse:
    """Takes a stage out of use, after asking where its open deals go."""
    shown = get_object_or_404(_stages_in_use(), pk=pk)
    others = shown.funnel.stages.filter(kind=StageKind.OPEN, is_active=True).exclude(pk=pk)
    form: Form
    if shown.open_deals:
        form = RetireStageForm(posted(request), stages=others)
        lead = ngettext(
            "%(count)d open deal stands in this stage. It moves on, and its history says why.",
            "%(count)d open deals stand in this stage. They move on, and their history says why.",
            shown.open_deals,
        ) % {"count": shown.open_deals}
    else:
        form = Form(posted(request))
        lead = _("No open deal stands in this stage. Its history stays, and it can be restored.")

    def save(data: dict[str, Any]) -> str:
        services.retire_stage(stage=shown, move_to=data.get("move_to"), by=request.user)
        return _("%(stage)s is retired.") % {"stage": shown}

    return form_page(
        request,
        form,
        save,
        title=_("Retire %(stage)s?") % {"stage": shown},
        lead=lead,
        back=_place_of(shown.funnel),
        act=_("Retire stage"),
    )


def _stages_in_use() -> QuerySet[Any]:
    return (
        Stage.objects.select_related("funnel")
        .filter(is_active=True)
        .annotate(open_deals=Count("opportunities", filter=Q(opportunities__status="open")))
    )


@require_POST
@for_administrators
def stage_restore(request: PersonRequest, pk: int) -> HttpResponse:
    """Takes a retired stage back into use."""
    shown = get_object_or_404(Stage.objects.select_related("funnel"), pk=pk, is_active=False)
    try_act(request, lambda: services.restore_stage(stage=shown), _("The stage is in use again."))
    return redirect(_place_of(shown.funnel))


# --- lists ------------------------------------------------------------------------------------------

LISTS: dict[str, tuple[Any, Any]] = {
    "lost-reasons": (LostReason, LostReasonForm),
    "obstacle-kinds": (ObstacleKind, ObstacleKindForm),
}


def _list(kind: str) -> tuple[Any, Any]:
    """The model and the form of a list; 404 where there is none of that name."""
    if kind not in LISTS:
        raise Http404
    return LISTS[kind]


@for_administrators
def lists(request: PersonRequest) -> HttpResponse:
    """What people choose from when a deal is lost or blocked."""
    reasons = LostReason.objects.annotate(used=Count("opportunity")).order_by(
        "-is_active", "position", "name"
    )
    kinds = ObstacleKind.objects.annotate(used=Count("obstacle")).order_by("-is_active", "name")
    return render(request, "settings/lists.html", {"reasons": reasons, "kinds": kinds})


@for_administrators
def list_item(request: PersonRequest, kind: str, pk: int | None = None) -> HttpResponse:
    """One entry of a list: a new one, or its name."""
    model, form_class = _list(kind)
    shown = get_object_or_404(model, pk=pk) if pk else None
    form = form_class(posted(request), instance=shown)

    def save(data: dict[str, Any]) -> str:
        form.save()
        return _("The list is saved.")

    title = _("New entry") if shown is None else str(shown)
    return form_page(request, form, save, title=title, back=reverse("settings:lists"))


@require_POST
@for_administrators
def list_item_toggle(request: PersonRequest, kind: str, pk: int) -> HttpResponse:
    """Retires an entry, so that it is not offered any more, or restores it."""
    shown = get_object_or_404(_list(kind)[0], pk=pk)
    shown.is_active = not shown.is_active
    shown.save(update_fields=["is_active"])
    words = _("“%(name)s” is offered again.") if shown.is_active else _("“%(name)s” is not offered any more.")
    messages.success(request, words % {"name": shown})
    return redirect("settings:lists")
