"""The settings for people: who they are, what they may do, and how they come in."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.guards import PersonRequest, after_confirming, for_administrators, form_page, posted, try_act
from accounts.models import Organisation, User
from accounts.people_list import STATES, people, person_line, state_of, with_roles_and_team
from accounts.services import people as services
from accounts.services.addresses import set_address
from accounts.services.invitations import invite, withdraw_invitations
from accounts.services.teams import join_team
from accounts.settings_forms import InviteForm, NewPersonForm, PersonForm, RolesForm, TeamOfPersonForm
from foundation.api.throttling import LetterRate, within
from foundation.errors import InvalidInput
from foundation.wording import day_in_record

PAGE_SIZE = 50


def _place_of(person: User) -> str:
    return reverse("settings:person", args=[person.pk])


@for_administrators
def people_page(request: PersonRequest) -> HttpResponse:
    """Everybody, searched (`?q=`) and filtered by whether they can sign in (`?state=`)."""
    query, state = request.GET.get("q", "").strip(), request.GET.get("state", "")
    today = Organisation.current().today()
    page = Paginator(with_roles_and_team(people(query, state), today), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    context = {
        "page": page,
        "lines": [person_line(person, today) for person in page],
        "query": query,
        "state": state,
        "states": STATES,
        "previous_url": _page_url(request, page.previous_page_number()) if page.has_previous() else "",
        "next_url": _page_url(request, page.next_page_number()) if page.has_next() else "",
    }
    return render(request, "settings/people.html", context)


def _page_url(request: HttpRequest, number: int) -> str:
    query = request.GET.copy()
    query["page"] = str(number)
    return f"?{query.urlencode()}"


@for_administrators
@after_confirming
def person_new(request: PersonRequest) -> HttpResponse:
    """A new person, invited at once if that is wished."""
    organisation = Organisation.current()
    form = NewPersonForm(posted(request), initial={"time_zone": organisation.time_zone})

    def save(data: dict[str, Any]) -> str:
        if data["invite"] and not within(LetterRate, request):
            raise InvalidInput(_("That is too many letters in an hour. Try again later."))
        person = services.add_person(
            person=form.save(commit=False),
            **{name: data[name] for name in ("email", "roles", "team", "starts_on")},
        )
        if data["invite"] and person.email:
            invite(person=person, by=request.user)
            return _("%(name)s is invited by mail.") % {"name": person}
        return _("%(name)s is added.") % {"name": person}

    return form_page(
        request, form, save, title=_("New person"), back=reverse("settings:people"), act=_("Add person")
    )


@for_administrators
def person_page(request: PersonRequest, pk: int) -> HttpResponse:
    """One person with their history of roles and teams."""
    person = get_object_or_404(people(), pk=pk)
    context = {
        "person": person,
        "state": state_of(person),
        "state_words": STATES[state_of(person)],
        "grants": person.role_grants.order_by("-starts_on", "role"),
        "memberships": person.memberships.select_related("team").order_by("-starts_on"),
        "absences": person.absences.order_by("-starts_on"),
        "invitations": person.invitations.select_related("invited_by")[:5],
        "today": Organisation.current().today(),
    }
    return render(request, "settings/person.html", context)


@for_administrators
@after_confirming
def person_edit(request: PersonRequest, pk: int) -> HttpResponse:
    """Name, address, time zone and language."""
    person = get_object_or_404(User, pk=pk)
    form = PersonForm(posted(request), instance=person)

    def save(data: dict[str, Any]) -> str:
        form.save()
        set_address(person=person, email=data["email"])
        return _("%(name)s is saved.") % {"name": person}

    return form_page(request, form, save, title=_("Person"), back=_place_of(person))


@for_administrators
@after_confirming
def person_roles(request: PersonRequest, pk: int) -> HttpResponse:
    """Which roles a person holds from a day on."""
    person = get_object_or_404(User, pk=pk)
    form = RolesForm(posted(request), initial={"roles": list(person.roles)})

    def save(data: dict[str, Any]) -> str:
        services.change_roles(person=person, **data)
        return _("The roles hold from %(day)s.") % {"day": day_in_record(data["starts_on"])}

    lead = _("Earlier roles stay in the records, and so do the scores they led to.")
    return form_page(
        request,
        form,
        save,
        title=_("Roles of %(name)s") % {"name": person},
        lead=lead,
        back=_place_of(person),
    )


@for_administrators
def person_team(request: PersonRequest, pk: int) -> HttpResponse:
    """To which team a person belongs from a day on."""
    person = get_object_or_404(User, pk=pk)
    current = person.memberships.on(Organisation.current().today()).first()
    form = TeamOfPersonForm(posted(request), initial={"team": current.team_id if current else None})

    def save(data: dict[str, Any]) -> str:
        join_team(person=person, **data)
        return _("The team holds from %(day)s.") % {"day": day_in_record(data["starts_on"])}

    lead = _("What was done before that day stays with the team of that time.")
    return form_page(
        request, form, save, title=_("Team of %(name)s") % {"name": person}, lead=lead, back=_place_of(person)
    )


@for_administrators
@after_confirming
def person_invite(request: PersonRequest, pk: int) -> HttpResponse:
    """Sends an invitation; somebody known by name only gets an address by it."""
    person = get_object_or_404(User, pk=pk)
    form = InviteForm(posted(request), initial={"email": person.email})

    def save(data: dict[str, Any]) -> str:
        if not within(LetterRate, request):
            raise InvalidInput(_("That is too many letters in an hour. Try again later."))
        invite(person=person, email=data["email"], by=request.user)
        return _("The invitation is on its way to %(email)s.") % {"email": data["email"]}

    return form_page(
        request,
        form,
        save,
        title=_("Invite %(name)s") % {"name": person},
        lead=_("The letter holds a link that works once and for seven days. Earlier letters end."),
        back=_place_of(person),
        act=_("Send invitation"),
    )


@require_POST
@for_administrators
def person_withdraw(request: PersonRequest, pk: int) -> HttpResponse:
    """Ends a person's open invitation."""
    person = get_object_or_404(User, pk=pk)
    try_act(request, lambda: withdraw_invitations(person=person), _("The invitation is withdrawn."))
    return redirect(_place_of(person))


@require_POST
@for_administrators
@after_confirming
def person_return(request: PersonRequest, pk: int) -> HttpResponse:
    """Gives somebody who left their access back."""
    person = get_object_or_404(User, pk=pk)
    said = _("%(name)s is active again.") % {"name": person}
    try_act(request, lambda: services.reactivate(person=person), said)
    return redirect(_place_of(person))
