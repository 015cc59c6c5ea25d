"""What is expected of whom, and why."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.guards import PersonRequest, for_administrators, form_page, posted, try_act
from accounts.models import Organisation
from apr.models import Target
from apr.periods import PeriodKind
from apr.services import targets as services
from apr.target_forms import TargetForm
from apr.target_list import Standing, daily_sentence, target_lines


@for_administrators
def targets(request: PersonRequest) -> HttpResponse:
    """All targets by measure; superseded ones on demand (`?all=1`)."""
    rows = Target.objects.select_related("user", "team", "set_by")
    groups = target_lines(rows, Organisation.current())
    show_all = "all" in request.GET
    shown = {
        words: [line for line in lines if show_all or line.standing != Standing.SUPERSEDED]
        for words, lines in groups.items()
    }
    every = [line for lines in groups.values() for line in lines]
    context = {
        "groups": {words: lines for words, lines in shown.items() if lines},
        "show_all": show_all,
        "in_force": sum(line.standing == Standing.IN_FORCE for line in every),
        "planned": sum(line.standing == Standing.PLANNED for line in every),
        "superseded": sum(line.standing == Standing.SUPERSEDED for line in every),
    }
    return render(request, "settings/targets.html", context)


@for_administrators
def target_new(request: PersonRequest) -> HttpResponse:
    """A target from a day on, which supersedes the one that holds until then."""
    form = TargetForm(posted(request))

    def save(data: dict[str, Any]) -> str:
        services.set_target(**data, by=request.user)
        return _("The target is set. %(sentence)s") % {"sentence": _sentence(form)}

    return form_page(
        request,
        form,
        save,
        title=_("New target"),
        lead=_("It holds from its date on; the one before stays in the records."),
        back=reverse("settings:targets"),
        act=_("Set target"),
        template="settings/target_new.html",
    )


@require_POST
@for_administrators
def target_preview(request: PersonRequest) -> HttpResponse:
    """What a day would owe to what stands in the form so far; nothing while it cannot be told."""
    form = TargetForm(request.POST)
    form.is_valid()
    return HttpResponse(_sentence(form))


def _sentence(form: TargetForm) -> str:
    data = form.cleaned_data
    if "value" in form.errors or not {"metric", "value", "period_kind", "effective_from"} <= data.keys():
        return ""
    kind = PeriodKind(data["period_kind"])
    return daily_sentence(data["metric"], data["value"], kind, data["effective_from"], form.organisation)


@require_POST
@for_administrators
def target_withdraw(request: PersonRequest, pk: int) -> HttpResponse:
    """Takes back a target that has not begun."""
    target = get_object_or_404(Target, pk=pk)
    try_act(
        request,
        lambda: services.withdraw_target(target=target, by=request.user),
        _("The target is withdrawn."),
    )
    return redirect("settings:targets")
