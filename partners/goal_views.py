"""Mutual goals: set, changed and retired by who looks after the partner; how far they are is told above."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.guards import PersonRequest, for_people, form_page, posted
from foundation.wording import day_in_record
from partners import goals as services
from partners.goal_forms import GoalForm, ProgressForm, RetireForm
from partners.models import GoalSide, Partner, PartnerGoal
from partners.permissions import may_set_goals

FORM_PAGE = "partners/form.html"


def _visible(request: PersonRequest, pk: int) -> PartnerGoal:
    rows = PartnerGoal.objects.visible_to(request.user)
    return get_object_or_404(rows.select_related("partner", "created_by", "retired_by"), pk=pk)


def _changeable(request: PersonRequest, pk: int) -> PartnerGoal:
    """A goal that stands, for who may change it: 404 for who does not see it, 403 for who only sees it."""
    goal = _visible(request, pk)
    if not may_set_goals(request.user, goal.partner) or goal.retired_at is not None:
        raise PermissionDenied
    return goal


def _place_of(partner: Partner) -> str:
    return f"{reverse('partners:detail', args=[partner.pk])}#goals"


@require_safe
@for_people
def goal(request: PersonRequest, pk: int) -> HttpResponse:
    """One goal: how far it is, what was set when by whom, and what was entered."""
    found = _visible(request, pk)
    context = {
        "goal": found,
        "partner": found.partner,
        "versions": found.versions.select_related("set_by"),
        "entries": found.progress.select_related("entered_by"),
        "may_change": found.retired_at is None and may_set_goals(request.user, found.partner),
    }
    return render(request, "partners/goal.html", context)


@for_people
def goal_new(request: PersonRequest, pk: int) -> HttpResponse:
    """A new goal, ours or theirs (`?side=partner`)."""
    partner = get_object_or_404(Partner.objects.visible_to(request.user), pk=pk)
    if not may_set_goals(request.user, partner):
        raise PermissionDenied
    asked = request.GET.get("side")
    form = GoalForm(posted(request), initial={"side": asked if asked in GoalSide.values else GoalSide.US})

    def save(data: dict[str, Any]) -> str:
        services.set_goal(partner=partner, side=data["side"], terms=form.terms, by=request.user)
        return _("The goal is set, due on %(day)s.") % {"day": day_in_record(data["due_on"])}

    return form_page(
        request,
        form,
        save,
        page=FORM_PAGE,
        title=_("New goal with %(partner)s") % {"partner": partner},
        lead=_("What one side wants to reach, by when, and why both care."),
        back=_place_of(partner),
        act=_("Set goal"),
    )


@for_people
def goal_edit(request: PersonRequest, pk: int) -> HttpResponse:
    """Other terms from now on."""
    found = _changeable(request, pk)
    form = GoalForm(posted(request), goal=found)

    def save(data: dict[str, Any]) -> str:
        services.change_goal(goal_id=pk, terms=form.terms, by=request.user)
        return _("The goal is changed. What it was stays on record.")

    return form_page(
        request,
        form,
        save,
        page=FORM_PAGE,
        title=_("Change the goal"),
        lead=_("What it was until now stays on record."),
        back=found.get_absolute_url(),
    )


@for_people
def goal_progress(request: PersonRequest, pk: int) -> HttpResponse:
    """How far it is, entered by hand."""
    found = _changeable(request, pk)
    form = ProgressForm(posted(request))

    def save(data: dict[str, Any]) -> str:
        services.enter_progress(goal_id=pk, by=request.user, **data)
        return _("Progress is entered.")

    return form_page(
        request,
        form,
        save,
        page=FORM_PAGE,
        title=_("How far is it?"),
        lead=found.text,
        back=found.get_absolute_url(),
        act=_("Enter"),
    )


@for_people
def goal_retire(request: PersonRequest, pk: int) -> HttpResponse:
    """Takes it off the list, for a reason."""
    found = _changeable(request, pk)
    form = RetireForm(posted(request))

    def save(data: dict[str, Any]) -> str:
        services.retire_goal(goal_id=pk, reason=data["reason"], by=request.user)
        return _("The goal is retired. It stays on record.")

    return form_page(
        request,
        form,
        save,
        page=FORM_PAGE,
        title=_("Retire the goal"),
        lead=found.text,
        back=_place_of(found.partner),
        act=_("Retire"),
    )
