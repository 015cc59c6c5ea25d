"""What people see and say about themselves, and how they come in by invitation."""

from typing import Any

from allauth.account.utils import perform_login
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts.forms import AbsenceForm, AcceptForm, ProfileForm
from accounts.guards import PersonRequest, for_people, form_page, posted, say_refusal
from accounts.models import Absence, Invitation, User
from accounts.onlookers import onlookers_of, openings_of, people_led_by
from accounts.permissions import may_act_for
from accounts.readers import as_read_by
from accounts.services import people as services
from accounts.services.invitations import Standing, accept_invitation, find_invitation, standing
from foundation.errors import Refusal


@for_people
def profile(request: PersonRequest) -> HttpResponse:
    """Name, time zone, language; absences; security; who sees my scores."""
    person = User.objects.get(pk=request.user.pk)
    form = ProfileForm(posted(request), instance=person)

    def save(data: dict[str, Any]) -> str:
        form.save()
        return _("Your profile is saved.")

    return form_page(
        request,
        form,
        save,
        title=_("Profile"),
        back=reverse("accounts:profile"),
        template="accounts/profile.html",
        absences=person.absences.order_by("-starts_on"),
        onlookers=onlookers_of(person),
        openings=openings_of(person),
        led=people_led_by(person),
    )


@for_people
def absence_new(request: PersonRequest, pk: int) -> HttpResponse:
    """Days off for oneself or somebody one leads."""
    person = get_object_or_404(User.objects.visible_to(request.user), pk=pk)
    if not may_act_for(request.user, person):
        raise PermissionDenied
    form = AbsenceForm(posted(request))

    def save(data: dict[str, Any]) -> str:
        services.add_absence(
            person=person, starts_on=data["starts_on"], ends_on=data["ends_on"], by=request.user
        )
        return _("Nothing is expected on those days.")

    return form_page(
        request,
        form,
        save,
        title=_("Absence of %(name)s") % {"name": person},
        lead=_("Working days in it owe nothing to targets."),
        back=_back_from_absence(request.user, person),
        act=_("Add absence"),
        page="accounts/base.html",
    )


@require_POST
@for_people
def absence_remove(request: PersonRequest, pk: int) -> HttpResponse:
    """Takes an absence back."""
    absence = get_object_or_404(Absence.objects.visible_to(request.user).select_related("user"), pk=pk)
    if not may_act_for(request.user, absence.user):
        raise PermissionDenied
    services.remove_absence(absence=absence, by=request.user)
    messages.success(request, _("The absence is removed."))
    return redirect(_back_from_absence(request.user, absence.user))


def _back_from_absence(user: User, person: User) -> str:
    if user != person and user.is_admin:
        return reverse("settings:person", args=[person.pk])
    return reverse("accounts:profile")


@never_cache
@sensitive_post_parameters("password")
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Where a person who was invited chooses a password; says so when the letter is not good any more.

    It speaks the language of the letter, whatever the browser's is.
    """
    found = find_invitation(token)
    if found is None:
        return _invitation(request, token, None)
    with as_read_by(found.user):
        response = _invitation(request, token, found)
        response.headers["Content-Language"] = found.user.locale
        return response


def _invitation(request: HttpRequest, token: str, found: Invitation | None) -> HttpResponse:
    state = standing(found) if found else None
    if found is None or state != Standing.OPEN or not found.user.is_active:
        status = 404 if found is None else 410
        return render(
            request, "accounts/invitation_over.html", {"found": found, "state": state}, status=status
        )
    form = AcceptForm(posted(request), instance=found.user, initial=_first_values(found))
    if form.is_bound and form.is_valid():
        try:
            person = accept_invitation(token=token, **form.cleaned_data)
        except Refusal as refusal:
            say_refusal(form, refusal)
        else:
            messages.success(request, _("Welcome, %(name)s.") % {"name": person.short_name})
            # A second factor that they had before (they came by a provider) is asked for here as well.
            signed_in: HttpResponse = perform_login(request, person, redirect_url="/")
            return signed_in
    context = {"form": form, "invitation": found}
    return render(request, "accounts/invitation.html", context, status=422 if form.is_bound else 200)


def _first_values(found: Invitation) -> dict[str, str]:
    return {"time_zone": found.user.time_zone}
