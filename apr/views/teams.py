"""The scorecards of teams: for those who lead them, and administrators."""

from collections import Counter
from dataclasses import dataclass

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.guards import PersonRequest, for_people
from accounts.models import Organisation, Role, Team, User
from apr import score_words as words
from apr.closing.page import closed_line
from apr.joint import coverage_of, people_of, visits_behind
from apr.models import ActionCategory, ActionType
from apr.numbers import numbers_of
from apr.open_deals import OpenDeals, open_deals, quiet_count
from apr.periods import Period
from apr.periods_shown import Shown, label_of, shown_period
from apr.readers import Reading
from apr.scorecards import Score, TeamScorecard, Totals, organisation_figures, team_scorecard, team_totals
from apr.team_table import CARRIERS, Table, common_target, roles_of, small_runs, table_of, whose
from opportunities.measures import Measures


@dataclass(frozen=True)
class TeamLine:
    """A team in the tree, `depth` steps under the uppermost one that the reader sees."""

    team: Team
    depth: int
    score: Score


@require_safe
@for_people
def teams(request: PersonRequest) -> HttpResponse:
    """All teams somebody may open, as the tree they are; who leads a single one goes straight to it."""
    found = _as_tree(list(Team.objects.visible_to(request.user).active().prefetch_related("leaders")))
    if len(found) == 1 and not request.user.is_admin:
        return redirect("apr:team", found[0][0].pk)
    organisation = Organisation.current()
    shown = shown_period(request.GET, organisation.today(), organisation.fiscal_first_month)
    total, scores = _scores([team for team, _depth in found], shown, with_all=request.user.is_admin)
    context = {
        "shown": shown,
        "lines": [TeamLine(team, depth, score) for (team, depth), score in zip(found, scores, strict=True)],
        "total": total,
        "numbers": numbers_of(total.results, CARRIERS, reverse("apr:organisation_deals")) if total else [],
        "results_over": shown.is_over,
        "results_label": shown.label,
        "deals_url": reverse("apr:organisation_deals"),
        "pending": max([one.pending_changes for one in scores], default=0),
        "sentence": words.teams_sentence(scores, shown),
        "closed": closed_line(Reading(organisation), total.score, total.results, shown) if total else None,
    }
    return render(request, "apr/teams.html", context)


@require_safe
@for_people
def team(request: PersonRequest, pk: int) -> HttpResponse:
    """People × points, pace and results, from A to Z; nothing ranks them."""
    visible = Team.objects.all().shown_to(request.user)
    found = next((one for one in visible if one.pk == pk), None)
    if found is None:
        raise Http404
    organisation = Organisation.current()
    shown = shown_period(request.GET, organisation.today(), organisation.fiscal_first_month)
    card = team_scorecard(found, shown.period, results_in=shown.results, with_runs=True)
    measures = Measures.now()
    roles = roles_of(card.members)
    deals = _deals(card, request.user, measures) if shown.is_running else None
    opened = request.GET.get("open", "")
    coverage = coverage_of(people_of(found, card.results.period), card.results.period)
    table = table_of(card, shown, roles, deals, coverage, opened)
    silent = quiet_count(deals.values()) if deals else 0
    results_label = label_of(card.results.period)
    context = {
        "team": found,
        "choices": _choices(visible, found, shown),
        "shown": shown,
        "card": card,
        "table": table,
        "sentence": words.team_sentence(card, shown, silent),
        "lead": words.team_lead(card.members, shown, results_label),
        "results_label": results_label,
        "numbers_words": words.numbers_in(table.numbers),
        "results_over": card.results.period.end <= shown.today,
        "deals_url": reverse("apr:team_deals", args=[found.pk]),
        "ends": [shown.axis[0], shown.axis[-1]],
        "each": common_target(card),
        "coaching": _coaching_type() if opened else None,
        "opened_visits": _opened_visits(table, card.results.period),
        "runs": small_runs(table.lines, card.members),
        "whose": whose(roles),
        "closed": closed_line(Reading(found), card.total, card.results, shown),
        "as_of": timezone.localtime(timezone=request.user.tzinfo),
    }
    return render(request, "apr/team.html", context)


def _scores(teams: list[Team], shown: Shown, *, with_all: bool) -> tuple[Totals | None, list[Score]]:
    """The figures of everybody, for who may see them, and the score of each team."""
    return organisation_figures(shown.period, teams) if with_all else (None, team_totals(teams, shown.period))


def _choices(visible: list[Team], found: Team, shown: Shown) -> list[tuple[str, str, bool]]:
    """The teams among which the reader may choose; nothing where there is no choice."""
    teams = [team for team in visible if team.is_active or team == found]
    return [(one.name, shown.url_of("apr:team", one.pk), one == found) for one in teams if len(teams) > 1]


def _deals(card: TeamScorecard, viewer: User, measures: Measures) -> dict[int, OpenDeals]:
    """The open deals of the people who are in the team now."""
    here = [one.user for one in card.members if any(days.contains(measures.today) for days in one.days)]
    return open_deals(
        {user.pk for user in here if Role.PARTNER_MANAGER in user.roles},
        {user.pk for user in here if Role.ACCOUNT_EXECUTIVE in user.roles},
        viewer=viewer,
        measures=measures,
    )


def _opened_visits(table: Table, period: Period) -> Counter[str]:
    """How many visits of the person whose line is open are covered, can still be, or were missed."""
    people = {line.user.pk for line in table.lines if line.is_open and line.visits}
    return Counter(one.row.state for one in visits_behind(people, period)) if people else Counter()


def _coaching_type() -> ActionType | None:
    """The type to log when a leader coaches somebody."""
    return ActionType.objects.filter(category=ActionCategory.COACHING, is_active=True).first()


def _as_tree(found: list[Team]) -> list[tuple[Team, int]]:
    """The teams with their depth, each under the one above it, by name."""
    known = {team.pk for team in found}

    def below(parent: int | None, depth: int) -> list[tuple[Team, int]]:
        here = [team for team in found if (team.parent_id if team.parent_id in known else None) == parent]
        return [line for team in here for line in [(team, depth), *below(team.pk, depth + 1)]]

    return below(None, 0)
