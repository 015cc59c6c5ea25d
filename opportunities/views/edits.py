"""Opening a deal, changing its facts, and who works on it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.guards import PersonRequest, for_people, form_page, say_refusal, try_act
from accounts.models import Organisation, Role, User
from foundation.dialogs import in_dialog
from foundation.errors import Conflict, NotAllowed, Refusal
from opportunities.forms import EditForm, InvolveForm, OpenForm, PeopleForm
from opportunities.models import Capacity, Customer, InvolvementKind, Opportunity
from opportunities.permissions import may_assign, may_begin, may_edit, may_open
from opportunities.services.details import customer_named, edit_opportunity, open_opportunity
from opportunities.services.handovers import offer, usual_due_on
from opportunities.services.people import assign, involve_partner, release_partner
from opportunities.views.moves import LAYOUTS, deal_of

PAGE = "opportunities/form_page.html"
NAMES_SHOWN = 12


@for_people
def new(request: PersonRequest) -> HttpResponse:
    """A new deal. AE and PM find themselves in their place."""
    if not may_begin(request.user):
        raise PermissionDenied
    form = OpenForm(request.POST or None, by=request.user, initial=usual_start(request.user))
    opened: list[Opportunity] = []

    def save(data: dict[str, Any]) -> str:
        opened.append(open_as(request.user, data))
        if data.get("offered_to"):
            words = {"deal": opened[0], "who": data["offered_to"]}
            return _("%(deal)s is open and offered to %(who)s.") % words
        return _("%(deal)s is open.") % {"deal": opened[0]}

    response = form_page(
        request,
        form,
        save,
        title=_("New opportunity"),
        act=_("Open the deal"),
        back=reverse("opportunities:list"),
        template="opportunities/facts.html",
        page=PAGE,
        action=reverse("opportunities:new"),
    )
    if opened:
        response["Location"] = opened[0].get_absolute_url()
    return response


def usual_start(user: User) -> dict[str, Any]:
    """What stands in the fields of a new deal."""
    start: dict[str, Any] = {"currency": Organisation.current().reporting_currency}
    if Role.ACCOUNT_EXECUTIVE in user.roles:
        start["owner"] = user.pk
    if Role.PARTNER_MANAGER in user.roles:
        start |= {"partner_manager": user.pk, "kind": InvolvementKind.SOURCED}
    if "owner" not in start:
        start["answer_by"] = usual_due_on()
    return start


@transaction.atomic
def open_as(user: User, data: dict[str, Any]) -> Opportunity:
    """Opens the deal of a form and offers it where it says so; refused (NotAllowed) where nobody on it is
    `user`'s to act for."""
    people = [person for person in (data["owner"], data["partner_manager"]) if person is not None]
    if not may_open(user, people):
        raise NotAllowed(_("Put yourself on the deal, or somebody you lead."), field="owner")
    partners = [(data["partner"], InvolvementKind(data["kind"]))] if data["partner"] and data["kind"] else []
    deal = open_opportunity(
        name=data["name"],
        stage=data["stage"],
        by=user,
        customer=customer_named(data["customer"]),
        amount=data["money"],
        expected_close_on=data["expected_close_on"],
        owner=data["owner"],
        partner_manager=data["partner_manager"],
        partners=partners,
    )
    if data.get("offered_to"):
        offer(
            opportunity_id=deal.pk,
            offered_to=data["offered_to"],
            partner=data["partner"],
            due_on=data["answer_by"],
            by=user,
        )
    return deal


@for_people
def edit(request: PersonRequest, pk: int) -> HttpResponse:
    """The facts of a deal. Where somebody was quicker, both sides stand beside each other."""
    deal = deal_of(request, pk)
    if not may_edit(request.user, deal):
        raise PermissionDenied
    form = EditForm(request.POST or None, initial=EditForm.facts_of(deal))
    differences: list[dict[str, Any]] = []
    if form.is_bound and form.is_valid():
        try:
            save_facts(deal, request.user, form.cleaned_data)
        except Conflict:
            now = EditForm.facts_of(deal_of(request, pk))
            differences = between(form, now)
            form.data = {**request.POST.dict(), "version": now["version"]}
        except Refusal as refusal:
            say_refusal(form, refusal)
        else:
            messages.success(request, _("%(deal)s is saved.") % {"deal": form.cleaned_data["name"]})
            return redirect(deal)
    context = {
        "form": form,
        "title": _("Edit %(deal)s") % {"deal": deal},
        "act": _("Save mine") if differences else _("Save"),
        "back": deal.get_absolute_url(),
        "action": reverse("opportunities:edit", args=[pk]),
        "differences": differences,
        "layout": LAYOUTS[in_dialog(request)],
    }
    refused = 409 if differences and not in_dialog(request) else 422
    return render(request, "opportunities/facts.html", context, status=refused if form.is_bound else 200)


@transaction.atomic
def save_facts(deal: Opportunity, by: User, data: dict[str, Any]) -> None:
    """The facts of a form into the deal."""
    amount = data["money"]
    edit_opportunity(
        opportunity_id=deal.pk,
        by=by,
        version=data["version"],
        name=data["name"].strip(),
        customer=customer_named(data["customer"]),
        amount_minor=amount.minor if amount else None,
        currency=data["currency"],
        expected_close_on=data["expected_close_on"],
    )


def between(form: EditForm, now: dict[str, Any]) -> list[dict[str, Any]]:
    """Each fact that stands otherwise in the deal than in the form: both values, as they are read."""
    mine = {**form.cleaned_data, "amount": shown_amount(form)}
    return [
        {"label": field.label, "now": now[field.name] or "–", "mine": mine[field.name] or "–"}
        for field in form.visible_fields()
        if (now[field.name] or "") != (mine[field.name] or "")
    ]


def shown_amount(form: EditForm) -> str:
    """The amount typed, written as the deal's is."""
    amount = form.cleaned_data["money"]
    return (
        str(EditForm.facts_of(Opportunity(amount_minor=amount.minor, currency=amount.currency))["amount"])
        if amount
        else ""
    )


@for_people
def people(request: PersonRequest, pk: int) -> HttpResponse:
    """Who drives the deal, who stands beside it, and which partners help."""
    deal = deal_of(request, pk)
    if not may_assign(request.user, deal):
        raise PermissionDenied
    is_partner = "involve" in request.POST
    initial = {"owner": deal.owner_id, "partner_manager": deal.partner_manager_id, "version": deal.version}
    places = PeopleForm(
        None if is_partner else request.POST or None, deal=deal, today=request.user.today(), initial=initial
    )
    involve = InvolveForm(request.POST if is_partner else None, by=request.user)
    form = involve if is_partner else places
    if form.is_bound and form.is_valid():
        try:
            save = save_partner if is_partner else save_people
            save(deal, request.user, form.cleaned_data)
        except Refusal as refusal:
            say_refusal(form, refusal)
        else:
            messages.success(request, _("The people of %(deal)s are saved.") % {"deal": deal})
            return redirect(deal)
    context = {
        "deal": deal,
        "form": places,
        "involve": involve,
        "involvements": deal.involvements.select_related("partner"),
        "title": _("People of %(deal)s") % {"deal": deal},
        "lead": _("Who was on it before stays in its history."),
        "back": deal.get_absolute_url(),
        "action": reverse("opportunities:people", args=[pk]),
        "layout": LAYOUTS[in_dialog(request)],
    }
    return render(request, "opportunities/people.html", context, status=422 if form.is_bound else 200)


def save_partner(deal: Opportunity, by: User, data: dict[str, Any]) -> None:
    """One more partner on the deal."""
    involve_partner(
        opportunity_id=deal.pk, partner=data["partner"], kind=InvolvementKind(data["kind"]), by=by
    )


@transaction.atomic
def save_people(deal: Opportunity, by: User, data: dict[str, Any]) -> None:
    """Both places; one's own last, because leaving it can end the right to change the other."""
    places = [
        (Capacity.ACCOUNT_EXECUTIVE, deal.owner, data["owner"]),
        (Capacity.PARTNER_MANAGER, deal.partner_manager, data["partner_manager"]),
    ]
    version: int | None = data["version"]
    for capacity, _before, person in sorted(places, key=lambda place: place[1] == by):
        assign(opportunity_id=deal.pk, capacity=capacity, person=person, by=by, version=version)
        version = None  # the first one has counted a write of our own


@require_POST
@for_people
def release(request: PersonRequest, pk: int, involvement_id: int) -> HttpResponse:
    """Takes a partner off the deal."""
    deal = deal_of(request, pk)
    if not may_assign(request.user, deal):
        raise PermissionDenied
    involvement = get_object_or_404(deal.involvements.select_related("partner"), pk=involvement_id)
    said = _("%(partner)s is off the deal.") % {"partner": involvement.partner}
    try_act(request, lambda: release_partner(involvement_id=involvement_id, by=request.user), said)
    return redirect(deal)


@for_people
def customer_names(request: PersonRequest) -> HttpResponse:
    """Customers to choose from while a name is typed."""
    typed = request.GET.get("customer", "").strip()
    names = (
        Customer.objects.visible_to(request.user).filter(name__icontains=typed)
        if typed
        else Customer.objects.none()
    )
    return render(
        request,
        "opportunities/_customer_names.html",
        {"names": names.values_list("name", flat=True)[:NAMES_SHOWN]},
    )
