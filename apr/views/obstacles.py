"""Obstacles that wait, by partner; clearing one, or several of a partner at once."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.guards import PersonRequest, for_people, form_page, posted, say_refusal
from accounts.models import Role, User
from apr.filters import chosen_person, people_led_by
from apr.logged import say_logged
from apr.models import Action
from apr.obstacles import ClearTogetherForm, PartnerGroup, groups_of, points_for_clearing
from apr.services.obstacles import clear_obstacles
from apr.shortcuts import new_key
from foundation.errors import Refusal
from foundation.returning import came_from
from foundation.wording import number
from opportunities.measures import Measures
from opportunities.models import Obstacle
from opportunities.permissions import may_clear
from opportunities.phrases import begun_with
from partners.models import Partner


@for_people
def obstacles(request: PersonRequest) -> HttpResponse:
    """What waits for somebody, grouped by partner; a group is cleared with one resolution and one action."""
    person = chosen_person(request.user, request.POST.get("person") or request.GET.get("person"))
    sent = _sent(request, person)
    if sent is not None and sent.is_valid() and _clear(request, person, sent):
        return redirect(_here(request, person))
    groups = groups_of(person, request.user, Measures.now(), sent)
    leads = bool(request.user.roles & {Role.LEADER, Role.ADMIN})
    context = {
        "person": person,
        "people": list(people_led_by(request.user)) if leads else [],
        "groups": groups,
        "points": points_for_clearing(person),
        "sentence": _sentence(groups, person, request.user),
        "lead": _lead(groups),
        "here": _here(request, person),
    }
    return render(request, "apr/obstacles.html", context, status=422 if sent is not None else 200)


def _sent(request: PersonRequest, person: User) -> ClearTogetherForm | None:
    """The form of one group, where it was sent."""
    if request.method != "POST":
        return None
    asked = request.POST.get("partner", "")
    partner = get_object_or_404(
        Partner.objects.visible_to(request.user),
        pk=int(asked) if asked.isdecimal() and len(asked) < 19 else 0,
    )
    return ClearTogetherForm(request.POST, person=person, viewer=request.user, partner=partner)


def _clear(request: PersonRequest, person: User, form: ClearTogetherForm) -> bool:
    data = form.cleaned_data
    try:
        action = clear_obstacles(
            obstacle_ids=[row.pk for row in data["obstacle"]],
            by=request.user,
            actor=person,
            partner=data["partner"],
            resolution=data["resolution"],
            request_key=data["request_key"],
        )
    except Refusal as refusal:
        say_refusal(form, refusal)
        return False
    _say_cleared(request, len(data["obstacle"]), action)
    return True


def _say_cleared(request: HttpRequest, count: int, action: Action | None) -> None:
    if action is not None:
        say_logged(request, action)
    words = ngettext("%(n)s obstacle cleared.", "%(n)s obstacles cleared.", count)
    messages.success(request, words % {"n": number(count)})


def _here(request: PersonRequest, person: User) -> str:
    query = "" if person == request.user else f"?{urlencode({'person': person.pk})}"
    return reverse("apr:obstacles") + query


def _sentence(groups: list[PartnerGroup], person: User, reader: User) -> str:
    count = sum(len(group.lines) for group in groups)
    if not count:
        return _("No obstacle waits for %(who)s.") % {
            "who": _("you") if person == reader else person.short_name
        }
    if person == reader:
        words = ngettext("%(n)s obstacle waits for you.", "%(n)s obstacles wait for you.", count)
    else:
        words = ngettext("%(n)s obstacle waits for %(who)s.", "%(n)s obstacles wait for %(who)s.", count)
    return words % {"n": begun_with(count), "who": person.short_name}


def _lead(groups: list[PartnerGroup]) -> str:
    """What one call can do."""
    first = next((group for group in groups if group.partner is not None), None)
    if first is None or len(first.lines) < 2:
        return ""
    return _("One call to %(partner)s can clear %(n)s of them.") % {
        "partner": first.partner,
        "n": number(len(first.lines)),
    }


class ClearForm(forms.Form):
    """How one obstacle was cleared, with whose help, and whether that is logged."""

    resolution = forms.CharField(
        label=gettext_lazy("How was it cleared?"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    cleared_with = forms.ModelChoiceField(
        queryset=Partner.objects.none(),
        label=gettext_lazy("With which partner?"),
        required=False,
        empty_label=gettext_lazy("Without a partner"),
    )
    logged = forms.BooleanField(required=False)
    request_key = forms.CharField(max_length=64, widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, obstacle: Any, points: int | None, **kwargs: Any) -> None:
        initial = {
            "cleared_with": obstacle.asks_partner_id,
            "logged": obstacle.needs_partner,
            "request_key": new_key(),
        }
        super().__init__(*args, **{"auto_id": "clear-%s", "initial": initial, **kwargs})
        fields: Any = self.fields
        on_deal = Partner.objects.filter(involvements__opportunity=obstacle.opportunity_id)
        named = Partner.objects.filter(pk=obstacle.partner_id)
        fields["cleared_with"].queryset = (on_deal | named).distinct()
        if points is None:
            del fields["logged"]
        else:
            fields["logged"].label = _("Log it: Obstacle cleared with partner, +%(n)s") % {"n": points}


@for_people
def obstacle_clear(request: PersonRequest, pk: int) -> HttpResponse:
    """Says that one obstacle is out of the way, and how."""
    related = ("opportunity__owner", "opportunity__partner_manager", "assigned_to")
    visible = Obstacle.objects.visible_to(request.user).with_partner_to_ask().select_related(*related)
    obstacle: Obstacle = get_object_or_404(visible, pk=pk)
    if not may_clear(request.user, obstacle):
        raise PermissionDenied
    form = ClearForm(posted(request), obstacle=obstacle, points=points_for_clearing(request.user))

    def save(data: dict[str, Any]) -> str:
        clear_obstacles(
            obstacle_ids=[obstacle.pk],
            by=request.user,
            actor=request.user,
            partner=data["cleared_with"],
            resolution=data["resolution"],
            logged=data.get("logged", False),
            request_key=data["request_key"] or new_key(),
        )
        return _("Cleared: %(what)s") % {"what": obstacle.description}

    return form_page(
        request,
        form,
        save,
        page="opportunities/form_page.html",
        title=_("Obstacle cleared"),
        lead=obstacle.description,
        back=came_from(request, obstacle.opportunity.get_absolute_url()),
        act=_("Cleared"),
        deal=obstacle.opportunity,
    )
