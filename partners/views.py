"""The pages of partners. What a partner brought is counted above, by tags of the app that knows deals."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Prefetch, prefetch_related_objects
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django.views.decorators.vary import vary_on_headers

from accounts.guards import PersonRequest, for_people, form_page
from accounts.models import Organisation
from foundation.wording import day_in_record
from partners import services
from partners.filters import PartnerFilters
from partners.forms import ContactForm, EndForm, ManagerForm, PartnerForm
from partners.list_order import PartnerOrder
from partners.models import Partner, PartnerContact, PartnerManagement
from partners.permissions import may_add_partner, may_edit_partner, may_set_goals

PAGE_SIZE = 50
FORM_PAGE = "partners/form.html"


def _with_managers(partners: list[Partner], day: date) -> list[Partner]:
    """Partners with who looks after them on a day, as `managed`."""
    today = PartnerManagement.objects.on(day).select_related("user")
    prefetch_related_objects(partners, Prefetch("managements", queryset=today, to_attr="managed"))
    return partners


def _visible(request: PersonRequest, pk: int) -> Partner:
    return get_object_or_404(Partner.objects.visible_to(request.user), pk=pk)


def _editable(request: PersonRequest, pk: int) -> Partner:
    """The partner, for who may change it: 404 for who does not see it, 403 for who only sees it."""
    partner = _visible(request, pk)
    if not may_edit_partner(request.user, partner):
        raise PermissionDenied
    return partner


def _place_of(partner: Partner) -> str:
    return reverse("partners:detail", args=[partner.pk])


@vary_on_headers("HX-Request")
@for_people
def partner_list(request: PersonRequest) -> HttpResponse:
    """Partners one sees, filtered, from A to Z."""
    filters = PartnerFilters(request.GET, partners=Partner.objects.visible_to(request.user))
    order = PartnerOrder(request.GET)
    page = Paginator(order.sort(filters.qs, request.user), PAGE_SIZE).get_page(request.GET.get("page"))
    organisation = Organisation.current()
    context = {
        "organisation": organisation,
        "filters": filters,
        "page": page,
        "partners": _with_managers(list(page.object_list), organisation.today()),
        "columns": order.columns,
        "sort": order.asked,
        "may_add": may_add_partner(request.user),
        "previous_url": _page_url(request, page.previous_page_number()) if page.has_previous() else "",
        "next_url": _page_url(request, page.next_page_number()) if page.has_next() else "",
    }
    is_part = request.headers.get("HX-Target") == "partners"
    return render(request, "partners/_list.html" if is_part else "partners/list.html", context)


def _page_url(request: PersonRequest, number: int) -> str:
    query = request.GET.copy()
    query["page"] = str(number)
    return f"?{query.urlencode()}"


@for_people
def partner_detail(request: PersonRequest, pk: int) -> HttpResponse:
    """One partner: what it brings, who is there, who looks after it."""
    partner = _visible(request, pk)
    contacts = list(partner.contacts.order_by("-is_active", "name"))
    context = {
        "partner": partner,
        "contacts": [one for one in contacts if one.is_active],
        "former_contacts": [one for one in contacts if not one.is_active],
        "managements": partner.managements.select_related("user").order_by("-starts_on"),
        "today": Organisation.current().today(),
        "may_edit": may_edit_partner(request.user, partner),
        "may_set_goals": may_set_goals(request.user, partner),
    }
    return render(request, "partners/detail.html", context)


@for_people
def partner_new(request: PersonRequest) -> HttpResponse:
    """A new partner, which begins in the care of who enters it."""
    if not may_add_partner(request.user):
        raise PermissionDenied
    form = PartnerForm(request.POST or None)
    if form.is_bound and form.is_valid():
        partner = services.enter_partner(partner=form.save(commit=False), by=request.user)
        messages.success(request, _("%(partner)s is entered.") % {"partner": partner})
        return redirect(_place_of(partner))
    return _form(request, form, title=_("New partner"), back=reverse("partners:list"), act=_("Add partner"))


def _form(request: PersonRequest, form: Any, **words: Any) -> HttpResponse:
    return form_page(request, form, lambda data: "", page=FORM_PAGE, **words)


@for_people
def partner_edit(request: PersonRequest, pk: int) -> HttpResponse:
    """The plain facts of a partner."""
    partner = _editable(request, pk)
    form = PartnerForm(request.POST or None, instance=partner)

    def save(data: dict[str, Any]) -> str:
        form.save()
        return _("The partner is saved.")

    name = Partner.objects.values_list("name", flat=True).get(pk=pk)
    return form_page(
        request,
        form,
        save,
        page=FORM_PAGE,
        title=_("Edit %(name)s") % {"name": name},
        back=_place_of(partner),
    )


@for_people
def contact_new(request: PersonRequest, pk: int) -> HttpResponse:
    """A new person at a partner."""
    partner = _editable(request, pk)
    form = ContactForm(request.POST or None, instance=PartnerContact(partner=partner))

    def save(data: dict[str, Any]) -> str:
        form.save()
        return _("%(name)s is added.") % {"name": data["name"]}

    return form_page(
        request,
        form,
        save,
        page=FORM_PAGE,
        title=_("New contact"),
        lead=partner.name,
        back=_place_of(partner),
        act=_("Add contact"),
    )


def _contact(request: PersonRequest, pk: int) -> PartnerContact:
    contact = get_object_or_404(
        PartnerContact.objects.visible_to(request.user).select_related("partner"), pk=pk
    )
    if not may_edit_partner(request.user, contact.partner):
        raise PermissionDenied
    return contact


@for_people
def contact_edit(request: PersonRequest, pk: int) -> HttpResponse:
    """What is known of a person at a partner."""
    contact = _contact(request, pk)
    form = ContactForm(request.POST or None, instance=contact)

    def save(data: dict[str, Any]) -> str:
        form.save()
        return _("The contact is saved.")

    return form_page(
        request,
        form,
        save,
        page=FORM_PAGE,
        title=_("Contact"),
        lead=contact.partner.name,
        back=_place_of(contact.partner),
    )


@require_POST
@for_people
def contact_toggle(request: PersonRequest, pk: int) -> HttpResponse:
    """Retires a person who left the partner, or brings them back."""
    contact = _contact(request, pk)
    contact.is_active = not contact.is_active
    contact.save(update_fields=["is_active", "updated_at"])
    words = (
        _("%(name)s is there again.")
        if contact.is_active
        else _("%(name)s is retired. History keeps the name.")
    )
    messages.success(request, words % {"name": contact})
    return redirect(_place_of(contact.partner))


@for_people
def manager_new(request: PersonRequest, pk: int) -> HttpResponse:
    """Somebody looks after the partner from a day on."""
    partner = _editable(request, pk)
    form = ManagerForm(request.POST or None)

    def save(data: dict[str, Any]) -> str:
        services.begin_management(partner=partner, by=request.user, **data)
        words = _("%(name)s looks after %(partner)s from %(day)s.")
        return words % {"name": data["user"], "partner": partner, "day": day_in_record(data["starts_on"])}

    return form_page(
        request,
        form,
        save,
        page=FORM_PAGE,
        title=_("Who looks after %(partner)s") % {"partner": partner},
        lead=_("Several people can share a partner."),
        back=_place_of(partner),
        act=_("Add"),
    )


@for_people
def manager_end(request: PersonRequest, pk: int) -> HttpResponse:
    """Somebody no longer looks after the partner from a day on."""
    visible = PartnerManagement.objects.visible_to(request.user).select_related("partner", "user")
    row = get_object_or_404(visible, pk=pk, ends_on__isnull=True)
    if not may_edit_partner(request.user, row.partner):
        raise PermissionDenied
    form = EndForm(request.POST or None)

    def save(data: dict[str, Any]) -> str:
        services.end_management(management_id=row.pk, by=request.user, **data)
        return _("Since %(day)s somebody else looks after %(partner)s.") % {
            "day": day_in_record(data["ends_on"]),
            "partner": row.partner,
        }

    return form_page(
        request,
        form,
        save,
        page=FORM_PAGE,
        title=_("%(name)s hands over") % {"name": row.user},
        lead=row.partner.name,
        back=_place_of(row.partner),
        act=_("Hand over"),
    )
