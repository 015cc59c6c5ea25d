"""The kinds of action that people can log."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.guards import PersonRequest, for_administrators, form_page, posted
from accounts.models import Organisation
from apr.models import ActionType, PointRule
from apr.services import rules as services
from apr.settings_forms import ActionTypeForm, ActionTypeRow
from foundation.rows import placed_rows


def _with_figures() -> QuerySet[Any]:
    """Action types with how often each was logged (`logged`) and its points of today (`points`)."""
    begun = PointRule.objects.filter(
        action_type=OuterRef("pk"), effective_from__lte=Organisation.current().today()
    ).order_by("-effective_from")
    return ActionType.objects.annotate(
        logged=Count("actions"), points=Subquery(begun.values("points")[:1])
    ).order_by("position", "name")


@for_administrators
def action_types(request: PersonRequest) -> HttpResponse:
    """All action types in use, edited in place and saved together."""
    rows = placed_rows(ActionTypeRow, _with_figures().filter(is_active=True), posted(request))
    if rows.is_outdated:
        messages.error(request, _("Somebody added or retired a type meanwhile. This is how they stand now."))
        return redirect("settings:action_types")
    if rows.is_bound and rows.is_valid():
        services.save_action_types(action_types=rows.in_order())
        messages.success(request, _("The action types are saved."))
        return redirect("settings:action_types")
    context = {"rows": rows, "retired": _with_figures().filter(is_active=False)}
    return render(request, "settings/action_types.html", context, status=422 if rows.is_bound else 200)


@for_administrators
def action_type_new(request: PersonRequest) -> HttpResponse:
    """A new kind of action with its points."""
    form = ActionTypeForm(posted(request))

    def save(data: dict[str, Any]) -> str:
        form.instance.icon = data["icon"]
        services.add_action_type(action_type=form.save(commit=False), points=data["points"], by=request.user)
        return _("“%(name)s” can be logged from now on.") % {"name": data["name"]}

    return form_page(
        request,
        form,
        save,
        title=_("New action type"),
        lead=_("Its points count from today on."),
        back=reverse("settings:action_types"),
        act=_("Add action type"),
    )


@require_POST
@for_administrators
def action_type_toggle(request: PersonRequest, pk: int) -> HttpResponse:
    """Retires an action type, so that it cannot be logged any more, or restores it. What was logged stays."""
    kind = get_object_or_404(ActionType, pk=pk)
    kind.is_active = not kind.is_active
    kind.save(update_fields=["is_active"])
    words = _("“%(name)s” can be logged again.") if kind.is_active else _("“%(name)s” is retired.")
    messages.success(request, words % {"name": kind})
    return redirect("settings:action_types")
