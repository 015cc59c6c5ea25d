"""The settings for teams: the tree, who leads, and who belongs to them since when."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.guards import PersonRequest, after_confirming, for_administrators, form_page, posted, try_act
from accounts.models import Organisation, Team
from accounts.services import teams as services
from accounts.settings_forms import MemberForm, TeamForm
from foundation.wording import day_in_record


@dataclass(frozen=True)
class Branch:
    """A team with its depth in the tree and how many people belong to it today."""

    team: Team
    depth: int
    members: int


def _tree() -> list[Branch]:
    """The teams in use, each under the one it is part of."""
    today = Organisation.current().today()
    lasting = Q(memberships__ends_on__isnull=True) | Q(memberships__ends_on__gt=today)
    current = Q(memberships__starts_on__lte=today) & lasting
    teams = (
        Team.objects.active()
        .annotate(members_today=Count("memberships", filter=current))
        .prefetch_related("leaders")
        .order_by("kind", "name")
    )
    below: dict[int | None, list[Any]] = defaultdict(list)
    known = {team.pk for team in teams}
    for team in teams:
        below[team.parent_id if team.parent_id in known else None].append(team)

    def walk(parent: int | None, depth: int) -> list[Branch]:
        branches = []
        for team in below[parent]:
            branches += [Branch(team, depth, team.members_today), *walk(team.pk, depth + 1)]
        return branches

    return walk(None, 0)


@for_administrators
def teams_page(request: PersonRequest) -> HttpResponse:
    """All teams as a tree."""
    retired = Team.objects.filter(is_active=False)
    return render(request, "settings/teams.html", {"branches": _tree(), "retired": retired})


@for_administrators
def team_page(request: PersonRequest, pk: int) -> HttpResponse:
    """One team: its people today, to come and before."""
    team = get_object_or_404(Team.objects.select_related("parent").prefetch_related("leaders"), pk=pk)
    today = Organisation.current().today()
    rows = team.memberships.select_related("user").order_by("user__name", "starts_on")
    context = {
        "team": team,
        "members": [row for row in rows if row.ends_on is None or row.ends_on > today],
        "former": [row for row in rows if row.ends_on is not None and row.ends_on <= today],
        "today": today,
    }
    return render(request, "settings/team.html", context)


@for_administrators
@after_confirming
def team_form(request: PersonRequest, pk: int | None = None) -> HttpResponse:
    """A new team, or the name, kind, place and leaders of one."""
    team = get_object_or_404(Team, pk=pk) if pk else None
    form = TeamForm(posted(request), instance=team)

    def save(data: dict[str, Any]) -> str:
        form.save()
        return _("The team is saved.")

    back = reverse("settings:team", args=[team.pk]) if team else reverse("settings:teams")
    return form_page(request, form, save, title=_("Team") if team else _("New team"), back=back)


@for_administrators
def team_join(request: PersonRequest, pk: int) -> HttpResponse:
    """Somebody joins the team from a day on, and leaves the one before."""
    team = get_object_or_404(Team.objects.active(), pk=pk)
    form = MemberForm(posted(request))

    def save(data: dict[str, Any]) -> str:
        services.join_team(team=team, **data)
        words = _("%(name)s belongs to %(team)s from %(day)s.")
        return words % {"name": data["person"], "team": team, "day": day_in_record(data["starts_on"])}

    return form_page(
        request,
        form,
        save,
        title=_("Join %(team)s") % {"team": team},
        lead=_("A person belongs to one team at a time. What they did before stays where it was done."),
        back=reverse("settings:team", args=[pk]),
        act=_("Add to team"),
    )


@require_POST
@for_administrators
def team_toggle(request: PersonRequest, pk: int) -> HttpResponse:
    """Retires a team without people, or restores it."""
    team = get_object_or_404(Team, pk=pk)
    if team.is_active:
        today = Organisation.current().today()
        try_act(request, lambda: services.retire_team(team=team, today=today), _("The team is retired."))
    else:
        try_act(request, lambda: services.restore_team(team=team), _("The team is in use again."))
    return redirect("settings:team", pk)
