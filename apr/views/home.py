"""The reader's day: where they stand, what needs them, what they did."""

from datetime import date, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from accounts.calendars import organisation_calendar
from accounts.guards import PersonRequest, for_people
from accounts.models import Organisation, Role, Team, User
from accounts.onlookers import onlookers_of
from apr import home_words
from apr.agenda import Agenda, agenda_of
from apr.logged import standing
from apr.models import Action, ActionType
from apr.numbers import hue, numbers_of
from apr.periods import Period, PeriodKind, period_containing
from apr.periods_shown import axis_of
from apr.score_words import seen_by
from apr.scorecards import OwnCard, Score, action_types, own_card, points_in_force, team_totals
from apr.services.obstacles import CLEARED
from apr.shortcuts import Shortcut, shortcuts
from apr.todos import Kind, ToDo, together
from foundation.charts import Run
from opportunities.models import Opportunity

SHOWN = 5  # things to do before the rest is folded away
TEAMS_SHOWN = 12


@require_safe
@for_people
def home(request: PersonRequest) -> HttpResponse:
    """The page of the day, for whoever reads it."""
    user, organisation = request.user, Organisation.current()
    today = user.today()
    month = period_containing(today, PeriodKind.MONTH)
    quarter = period_containing(today, PeriodKind.QUARTER, organisation.fiscal_first_month)
    card = own_card(user, month, quarter)
    agenda = agenda_of(user, today, organisation, organisation_calendar(organisation))
    teams = team_totals(_teams(user), month) if user.roles & {Role.LEADER, Role.ADMIN} else []
    has_own = card.score.target is not None or card.score.raw_points > 0
    context = {
        "today": today,
        "card": card,
        "agenda": agenda,
        "has_own": has_own,
        "teams": teams,
        "is_new": user.is_admin and not (agenda.todos or card.score.raw_points) and _is_empty(),
        "whose": hue(user.roles),
        **_opening(card, agenda, teams, has_own),
        **_to_do(user, agenda, organisation, show_all="all" in request.GET),
        **_own_panels(user, card, today),
    }
    return render(request, "apr/home.html", context)


def _teams(user: User) -> list[Team]:
    """The teams that open the page: those somebody leads, or for administrators the uppermost; then the
    teams right below them."""
    teams = list(Team.objects.visible_to(user).active().prefetch_related("leaders"))
    led = [team for team in teams if user in team.leaders.all()]
    first = led or [team for team in teams if team.parent_id is None]
    uppermost = {team.pk for team in first}
    below = [team for team in teams if team.parent_id in uppermost and team.pk not in uppermost]
    return [*first, *below][:TEAMS_SHOWN]


def _is_empty() -> bool:
    return not (Opportunity.objects.exists() or Action.objects.exists())


def _opening(card: OwnCard, agenda: Agenda, teams: list[Score], has_own: bool) -> dict[str, Any]:
    if teams and card.score.target is None:
        lead = home_words.cannot_wait(agenda) if agenda.todos else ""
        return {
            "sentence": home_words.teams_sentence(teams),
            "status": home_words.worst(teams),
            "lead": lead,
        }
    if not has_own and not agenda.todos:
        return {"sentence": home_words.nothing_yet(), "status": "", "lead": home_words.how_to_begin()}
    return {
        "sentence": home_words.own_sentence(card.score),
        "status": card.score.status,
        "lead": home_words.next_line(card.score, agenda),
    }


def _to_do(user: User, agenda: Agenda, organisation: Organisation, *, show_all: bool) -> dict[str, Any]:
    """The list with its buttons; what is folded away is counted once per deal."""
    types = [kind for kind in action_types() if kind.is_active]
    points = points_in_force(user.today())
    shown = agenda.todos if show_all else agenda.todos[:SHOWN]
    rest = agenda.todos[len(shown) :]
    cleared = next((kind for kind in types if kind.key == CLEARED), None)
    return {
        "todos": [(todo, _shortcuts(todo, user, types, points)) for todo in shown],
        "rest": rest,
        "rest_together": together(rest, organisation.reporting_currency),
        "points_for_clearing": points.get(cleared.pk) if cleared else None,
    }


def _shortcuts(todo: ToDo, user: User, types: list[ActionType], points: dict[int, int]) -> list[Shortcut]:
    if todo.kind != Kind.QUIET or todo.deal is None:
        return []
    return shortcuts(todo.deal, user, types, points)


# --- the column beside it -------------------------------------------------------------------------


def _own_panels(user: User, card: OwnCard, today: date) -> dict[str, Any]:
    score, run = card.score, card.run
    return {
        "month_label": home_words.month_name(score.period),
        "quarter_label": card.results.period.label(user.locale),
        "run_words": standing(score, user.locale),
        "run": Run(run.achieved, run.expected, score.target, run.away),
        "run_days": axis_of(score.period, today),
        "over_points": score.raw_points - score.counted_points,
        "bars": [
            {
                "label": kind.action_type.name,
                "value": kind.counted_points,
                "raw": kind.raw_points,
                "url": _rows(score.period, action_type=kind.action_type.pk),
            }
            for kind in sorted(score.by_type, key=lambda kind: -kind.counted_points)
        ],
        "rows_url": _rows(score.period),
        "confirmed_url": _rows(score.period, confirmation="confirmed"),
        "numbers": numbers_of(card.results, user.roles, reverse("apr:deals", args=[user.pk])),
        "seen_by": seen_by([onlooker.user.name for onlooker in onlookers_of(user)]),
    }


def _rows(period: Period, **filters: str | int) -> str:
    """The reader's log cut to the rows behind a figure of the period."""
    dates = {"since": period.start.isoformat(), "until": (period.end - timedelta(days=1)).isoformat()}
    return f"{reverse('apr:actions')}?{urlencode({**dates, **filters})}"
