"""The rows behind a figure: actions that add up to points, deals that add up to results."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.guards import PersonRequest, for_people
from accounts.models import Organisation, User
from accounts.rates import Rates
from apr.models import ActionCapacity, ActionType
from apr.numbers import OWNED, PARTNERED
from apr.readers import figures_of, reading, scorecard_url, shown_for
from apr.score_words import rows_sentence
from apr.scorecards import (
    ActionPoints,
    Score,
    action_points,
    points_by_capacity,
    result_rows,
    score_rows,
)
from apr.scorecards.figures import Points, total_points
from foundation.keyset import page_after
from foundation.money import Money
from opportunities.models import Opportunity

PAGE = 100
ABOUT = ("action_type", "actor", "opportunity", "partner", "customer", "counterpart")
METRICS = dict([*OWNED, *PARTNERED, ("pipeline_created", _("Pipeline created")), ("win_rate", _("Win rate"))])


@require_safe
@for_people
def rows(request: PersonRequest, kind: str, pk: int | None = None) -> HttpResponse:
    """The actions of a score, or of one type or capacity of it, with what each adds to it."""
    about = reading(request.user, kind, pk)
    shown = shown_for(request.GET, about)
    action_type, capacity = _asked_type(request), _asked_capacity(request)
    actions = score_rows(
        about.subject,
        shown.period,
        viewer=request.user,
        action_type=action_type,
        capacity=capacity,
        within=about.within,
    )
    page, has_more = page_after(actions.select_related(*ABOUT), request.GET.get("after", ""), PAGE)
    points = action_points(page)
    score, _results = figures_of(about, shown.period)
    total = (
        points_by_capacity(actions, shown.period).get(capacity, Points())
        if capacity
        else _total(score, action_type)
    )
    context = {
        "about": about.subject,
        "back_url": scorecard_url(about, shown, request.user),
        "shown": shown,
        "sentence": rows_sentence(total, shown),
        "score": score,
        "action_type": action_type,
        "capacity": capacity,
        "all_url": f"?period={shown.period.key}",
        "rows": [(action, points[action.pk]) for action in page],
        "total": total,
        "this_page": _page_total(points.values()) if has_more or "after" in request.GET else None,
        "next_url": _after(request, page[-1].pk) if has_more else "",
        "with_people": not isinstance(about.subject, User),
    }
    return render(request, "apr/score_rows.html", context)


@dataclass(frozen=True)
class DealLine:
    """A deal with its amount in the reporting currency; None where there is no rate."""

    deal: Opportunity
    amount: Money | None


@require_safe
@for_people
def deals(request: PersonRequest, kind: str, pk: int | None = None) -> HttpResponse:
    """The deals of a result, in the reporting currency by the rate of their close."""
    about = reading(request.user, kind, pk)
    shown = shown_for(request.GET, about)
    metric = request.GET.get("metric", "won")
    if metric not in METRICS:
        raise Http404
    found = result_rows(about.subject, shown.period, metric, viewer=request.user, within=about.within)
    _score, results = figures_of(about, shown.period)
    lines = _priced(found.select_related("customer", "stage", "owner", "partner_manager"))
    is_rate = metric == "win_rate"
    counted = results.wins + results.losses if is_rate else getattr(results, metric).count
    context = {
        "about": about.subject,
        "back_url": scorecard_url(about, shown, request.user),
        "shown": shown,
        "metric": metric,
        "metrics": [(key, name, key == metric) for key, name in METRICS.items()],
        "name": METRICS[metric],
        "lines": lines,
        "results": results,
        "total": None if is_rate else getattr(results, metric),
        "counted": counted,
        "unseen": counted - len(lines),
    }
    return render(request, "apr/score_deals.html", context)


def _asked_type(request: HttpRequest) -> ActionType | None:
    asked = request.GET.get("action_type", "")
    if not asked:
        return None
    if not asked.isdecimal():
        raise Http404
    return get_object_or_404(ActionType, pk=int(asked))


def _asked_capacity(request: HttpRequest) -> ActionCapacity | None:
    asked = request.GET.get("capacity", "")
    if not asked:
        return None
    if asked not in ActionCapacity.values:
        raise Http404
    return ActionCapacity(asked)


def _total(score: Score, action_type: ActionType | None) -> Points:
    return total_points(
        Points(one.count, one.raw_points, one.counted_points, one.confirmed_points)
        for one in score.by_type
        if action_type is None or one.action_type == action_type
    )


def _page_total(points: Iterable[ActionPoints]) -> Points:
    return total_points(Points(1, one.raw, one.counted, one.confirmed) for one in points)


def _priced(found: Iterable[Opportunity]) -> list[DealLine]:
    """Closed deals at the rate of their close, open ones at today's: as the figure counts them."""
    organisation = Organisation.current()
    rates, today = Rates(organisation.reporting_currency), organisation.today()

    def price(deal: Opportunity) -> Money | None:
        if deal.amount_minor is None:
            return None
        day: date = deal.closed_on or today
        minor = rates.price(deal.amount_minor, deal.currency, day)
        return None if minor is None else Money(minor, organisation.reporting_currency)

    return [DealLine(deal, price(deal)) for deal in found]


def _after(request: HttpRequest, pk: int) -> str:
    query = request.GET.copy()
    query["after"] = str(pk)
    return f"?{query.urlencode()}"
