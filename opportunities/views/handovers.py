"""Offering a deal, and what becomes of the offer: accepted, returned or withdrawn."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.guards import PersonRequest, for_people, form_page, posted, try_act
from accounts.models import User
from foundation.returning import came_from
from foundation.wording import day
from opportunities.handover_forms import OfferForm, ReturnForm
from opportunities.handover_words import clock_of
from opportunities.measures import Measures
from opportunities.models import HandOver, HandOverOutcome, Opportunity
from opportunities.permissions import may_answer, may_offer, may_withdraw
from opportunities.services import handovers
from opportunities.views.moves import deal_of

FORM_PAGE = "opportunities/form_page.html"


def standing(reader: User, deal: Opportunity, measures: Measures) -> dict[str, Any]:
    """What the page of a deal says of its offers: the open one with its clock, or the last one returned."""
    rows = deal.hand_overs.select_related("offered_by", "offered_to", "answered_by", "recorded_by", "partner")
    last: HandOver | None = rows.first()
    is_free = deal.is_open and (deal.owner_id is None or deal.owner_id == deal.partner_manager_id)
    offers = is_free and may_offer(reader, deal)
    if last is not None and last.is_open:
        last.opportunity = deal
        return {
            "hand_over": last,
            "clock": clock_of(last.due_on, measures.today, measures.calendar),
            "may_answer": may_answer(reader, last),
            "may_withdraw": may_withdraw(reader, last),
        }
    returned = last if last is not None and last.outcome == HandOverOutcome.RETURNED and is_free else None
    return {"hand_over": returned, "may_offer": offers and (returned is not None or deal.owner_id is None)}


@for_people
def offer(request: PersonRequest, pk: int) -> HttpResponse:
    """Offer a deal to an account executive."""
    deal = deal_of(request, pk)
    if not may_offer(request.user, deal):
        raise PermissionDenied
    form = OfferForm(posted(request), deal=deal, by=request.user)

    def save(data: dict[str, Any]) -> str:
        row = handovers.offer(opportunity_id=deal.pk, by=request.user, **data)
        words = {"who": row.offered_to.short_name, "day": day(row.due_on)}
        return _("Offered. %(who)s sees it today and has until %(day)s to answer.") % words

    return form_page(
        request,
        form,
        save,
        page=FORM_PAGE,
        title=_("Offer to an account executive"),
        lead=_("%(deal)s: whoever accepts owns it from that moment.") % {"deal": deal},
        back=deal.get_absolute_url(),
        act=_("Offer"),
        deal=deal,
    )


def _open(request: PersonRequest, pk: int, may: Callable[[User, HandOver], bool]) -> HandOver:
    """An offer for who may answer it: 404 for who does not see it, 403 for who only sees it."""
    related = ("opportunity__partner_manager", "offered_by", "offered_to")
    rows = HandOver.objects.visible_to(request.user).select_related(*related)
    row: HandOver = get_object_or_404(rows, pk=pk)
    if not may(request.user, row):
        raise PermissionDenied
    return row


@require_POST
@for_people
def accept(request: PersonRequest, pk: int) -> HttpResponse:
    """Takes the deal."""
    row = _open(request, pk, may_answer)
    said = _("Accepted. %(deal)s is yours.") if row.offered_to == request.user else _("%(deal)s is accepted.")
    try_act(
        request,
        lambda: handovers.accept(hand_over_id=row.pk, by=request.user),
        said % {"deal": row.opportunity},
    )
    return redirect(came_from(request, _place_of(request.user, row)))


def _place_of(user: User, row: HandOver) -> str:
    """The deal, or the list for who does not see the deal any more."""
    sees_it = Opportunity.objects.visible_to(user).filter(pk=row.opportunity_id).exists()
    return row.opportunity.get_absolute_url() if sees_it else reverse("opportunities:list")


@for_people
def give_back(request: PersonRequest, pk: int) -> HttpResponse:
    """Returns the deal, with a reason."""
    row = _open(request, pk, may_answer)
    form = ReturnForm(posted(request), auto_id="return-%s")

    def save(data: dict[str, Any]) -> str:
        handovers.give_back(hand_over_id=row.pk, by=request.user, **data)
        return _("Returned. %(who)s sees your reason.") % {"who": row.offered_by.short_name}

    return form_page(
        request,
        form,
        save,
        page=FORM_PAGE,
        title=_("Return %(deal)s") % {"deal": row.opportunity},
        lead=_("%(who)s offered it to %(name)s.") % {"who": row.offered_by, "name": row.offered_to},
        back=came_from(request, row.opportunity.get_absolute_url()),
        act=_("Return it"),
        deal=row.opportunity,
    )


@require_POST
@for_people
def withdraw(request: PersonRequest, pk: int) -> HttpResponse:
    """Takes the offer back."""
    row = _open(request, pk, may_withdraw)
    try_act(
        request,
        lambda: handovers.withdraw(hand_over_id=row.pk, by=request.user),
        _("The offer to %(who)s is withdrawn.") % {"who": row.offered_to},
    )
    return redirect(came_from(request, _place_of(request.user, row)))
