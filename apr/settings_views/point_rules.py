"""What actions are worth, as dated rules."""

from collections import defaultdict
from typing import Any

from django.forms import HiddenInput
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.guards import PersonRequest, for_administrators, form_page, posted, try_act
from accounts.models import Organisation
from apr.models import ActionCategory, ActionType, PointRule
from apr.rule_bars import RuleRow, Scale, rule_row
from apr.services import rules as services
from apr.settings_forms import PointRuleForm
from foundation.wording import day_in_record


def _rows() -> tuple[Scale, list[RuleRow]]:
    """The action types in use with their bars, on one scale."""
    by_type: dict[int, list[PointRule]] = defaultdict(list)
    latest = today = Organisation.current().today()
    for rule in PointRule.objects.filter(action_type__is_active=True).order_by("effective_from"):
        by_type[rule.action_type_id].append(rule)
        latest = max(latest, rule.effective_from)
    scale = Scale.around(today, latest)
    kinds = ActionType.objects.filter(is_active=True)
    return scale, [rule_row(kind, by_type[kind.pk], scale) for kind in kinds]


@for_administrators
def point_rules(request: PersonRequest) -> HttpResponse:
    """All rules in force and planned, by category."""
    scale, rows = _rows()
    groups = [
        (category.label, [row for row in rows if row.action_type.category == category])
        for category in ActionCategory
    ]
    context = {
        "scale": scale,
        "groups": [(label, members) for label, members in groups if members],
        "waiting": [(row.action_type, rule) for row in rows for rule in row.planned],
    }
    return render(request, "settings/point_rules.html", context)


@for_administrators
def point_rule_new(request: PersonRequest) -> HttpResponse:
    """A rule from a day on."""
    form = PointRuleForm(posted(request), initial={"action_type": request.GET.get("type")})

    def save(data: dict[str, Any]) -> str:
        rule = services.plan_rule(**data, by=request.user)
        return _("%(type)s is worth %(points)d from %(day)s. Nothing before that day changes.") % {
            "type": rule.action_type,
            "points": rule.points,
            "day": day_in_record(rule.effective_from),
        }

    return form_page(
        request,
        form,
        save,
        title=_("New rule"),
        lead=_("It starts on its date and never changes the past."),
        back=reverse("settings:point_rules"),
        act=_("Add rule"),
    )


@for_administrators
def point_rule_history(request: PersonRequest, pk: int) -> HttpResponse:
    """All rules of one action type, the latest first; planned ones can be withdrawn."""
    kind = get_object_or_404(ActionType, pk=pk)
    form = PointRuleForm(posted(request), initial={"action_type": kind})
    form.fields["action_type"].widget = HiddenInput()
    rules = kind.point_rules.select_related("created_by").order_by("-effective_from")

    def save(data: dict[str, Any]) -> str:
        services.plan_rule(**data, by=request.user)
        return _("The rule is planned.")

    return form_page(
        request,
        form,
        save,
        title=kind.name,
        lead=_("What it was, is and will be worth."),
        back=reverse("settings:point_rules"),
        act=_("Add rule"),
        template="settings/point_rule_history.html",
        rules=rules,
        today=Organisation.current().today(),
    )


@require_POST
@for_administrators
def point_rule_withdraw(request: PersonRequest, pk: int) -> HttpResponse:
    """Takes back a rule that has not begun."""
    rule = get_object_or_404(PointRule, pk=pk)
    try_act(request, lambda: services.withdraw_rule(rule=rule), _("The rule is withdrawn."))
    return redirect("settings:point_rules")
