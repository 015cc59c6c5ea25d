"""Promises made and settled, obstacles raised, from the page of the deal."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.guards import PersonRequest, for_people, form_page, try_act
from foundation.returning import came_from
from foundation.wording import day
from opportunities.models import Commitment, CommitmentOutcome, Opportunity
from opportunities.permissions import may_settle
from opportunities.services import work
from opportunities.work_forms import ObstacleForm, PromiseDateForm, PromiseForm

FORM_PAGE = "opportunities/form_page.html"
SAID = {
    CommitmentOutcome.KEPT: gettext_lazy("Kept. It is in the history of the deal."),
    CommitmentOutcome.BROKEN: gettext_lazy("Broken. It is in the history of the deal."),
    CommitmentOutcome.WITHDRAWN: gettext_lazy("Withdrawn. It is in the history of the deal."),
}


def _deal(request: PersonRequest, pk: int) -> Opportunity:
    return get_object_or_404(Opportunity.objects.visible_to(request.user), pk=pk)


@for_people
def promise_new(request: PersonRequest, pk: int) -> HttpResponse:
    """Promise something on a deal; the owner's nearest promise is its next step."""
    deal = _deal(request, pk)
    form = PromiseForm(request.POST or None, deal=deal, by=request.user)

    def save(data: dict[str, Any]) -> str:
        work.promise(deal=deal, by=request.user, **data)
        return _("Promised for %(day)s.") % {"day": day(data["due_on"])}

    return form_page(
        request,
        form,
        save,
        page=FORM_PAGE,
        title=_("Promise something"),
        lead=deal.name,
        back=deal.get_absolute_url(),
        act=_("Promise"),
        deal=deal,
    )


def _promise(request: PersonRequest, pk: int) -> Commitment:
    """An open promise that the person may settle: 404 for who does not see it, 403 for who only sees it."""
    visible = Commitment.objects.visible_to(request.user).select_related("opportunity", "made_by")
    promise: Commitment = get_object_or_404(visible, pk=pk)
    if not may_settle(request.user, promise):
        raise PermissionDenied
    return promise


@require_POST
@for_people
def promise_settle(request: PersonRequest, pk: int) -> HttpResponse:
    """Says that a promise was kept, broken or withdrawn (`outcome`)."""
    promise = _promise(request, pk)
    asked = request.POST.get("outcome", "")
    outcome = next((one for one in SAID if one == asked), CommitmentOutcome.OPEN)
    try_act(
        request,
        lambda: work.settle_promise(commitment_id=promise.pk, outcome=outcome, by=request.user),
        str(SAID.get(outcome, "")),
    )
    return redirect(came_from(request, promise.opportunity.get_absolute_url()))


@for_people
def promise_date(request: PersonRequest, pk: int) -> HttpResponse:
    """Another date for an open promise."""
    promise = _promise(request, pk)
    form = PromiseDateForm(request.POST or None, auto_id="promise-%s", initial={"due_on": promise.due_on})

    def save(data: dict[str, Any]) -> str:
        work.move_promise(commitment_id=promise.pk, by=request.user, **data)
        return _("Moved to %(day)s.") % {"day": day(data["due_on"])}

    is_late = promise.is_overdue(promise.made_by.today())
    return form_page(
        request,
        form,
        save,
        page=FORM_PAGE,
        title=promise.text,
        lead=_("It is overdue: the first date stays in history as broken, and a new promise begins.")
        if is_late
        else _("Promised for %(day)s.") % {"day": day(promise.due_on)},
        back=came_from(request, promise.opportunity.get_absolute_url()),
        act=_("Move date"),
        deal=promise.opportunity,
    )


@for_people
def obstacle_new(request: PersonRequest, pk: int) -> HttpResponse:
    """Say what blocks a deal."""
    deal = _deal(request, pk)
    form = ObstacleForm(request.POST or None, deal=deal)

    def save(data: dict[str, Any]) -> str:
        work.raise_obstacle(deal=deal, by=request.user, **data)
        return _("The obstacle is raised.")

    return form_page(
        request,
        form,
        save,
        page=FORM_PAGE,
        title=_("Raise an obstacle"),
        lead=deal.name,
        back=deal.get_absolute_url(),
        act=_("Raise obstacle"),
        deal=deal,
    )
