"""A coaching session: what was advised, that it was acknowledged, and what followed on the deal."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.guards import PersonRequest, for_people, try_act
from apr.coaching import what_followed
from apr.models import Action, ActionCategory, CoachingAdvice
from apr.permissions import may_acknowledge, may_read_notes, may_void
from apr.scorecards import action_points
from apr.services.coaching import acknowledge_advice
from foundation.returning import came_from
from opportunities.measures import Measures
from opportunities.models import Opportunity

ABOUT = ("action_type", "actor", "counterpart", "opportunity", "partner", "customer", "advice")


class WordForm(forms.Form):
    """What who was coached answers."""

    word = forms.CharField(label=gettext_lazy("Your word"), max_length=300, required=False)


def _session(request: PersonRequest, pk: int) -> Action:
    """A coaching action that the reader sees."""
    rows = Action.objects.visible_to(request.user).select_related(*ABOUT)
    action: Action = get_object_or_404(rows, pk=pk, action_type__category=ActionCategory.COACHING)
    return action


@require_safe
@for_people
def session(request: PersonRequest, pk: int) -> HttpResponse:
    """One coaching session. Its words are shown to the two who were there."""
    action, measures = _session(request, pk), Measures.now()
    advice: CoachingAdvice | None = getattr(action, "advice", None)
    followed = what_followed([action], request.user, measures.calendar, measures.today)
    context: dict[str, Any] = {
        "action": action,
        "advice": advice,
        "is_private": not may_read_notes(request.user, action),
        "may_acknowledge": may_acknowledge(request.user, action) and not action.is_voided,
        "may_correct": may_void(request.user, action),
        "form": WordForm(auto_id="advice-%s"),
        "followed": followed.get(action.pk),
        "points": action_points([action])[action.pk],
        "sees_deal": Opportunity.objects.visible_to(request.user).filter(actions=action).exists(),
        "here": request.path,
    }
    return render(request, "apr/session.html", context)


@require_POST
@for_people
def acknowledge(request: PersonRequest, pk: int) -> HttpResponse:
    """The advice is read; `word` is what the colleague answers."""
    action, form = _session(request, pk), WordForm(request.POST)
    if not may_acknowledge(request.user, action):
        raise PermissionDenied
    word = form.cleaned_data["word"] if form.is_valid() else request.POST.get("word", "")[:300]
    try_act(
        request,
        lambda: acknowledge_advice(action_id=action.pk, by=request.user, word=word),
        _("Acknowledged. %(who)s sees it.") % {"who": action.actor.short_name},
    )
    return redirect(came_from(request, reverse("apr:session", args=[pk])))
