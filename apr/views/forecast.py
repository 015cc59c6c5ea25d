"""What the quarter should win, or why nobody can say; and what changed in the pipeline since a day."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.guards import PersonRequest, for_people
from accounts.models import Team, User
from apr.evidence import outlook_words as words
from apr.evidence.pipeline import KINDS, Change, changes_since, deals_of, expected_in
from apr.models import EvidenceReport
from apr.periods import Period, PeriodKind, parse_period, period_containing
from apr.views.evidence import Scope, scope_of
from foundation.dated import EARLIEST
from foundation.money import Money
from foundation.wording import money_in_full, reader_locale
from opportunities.measures import Measures
from opportunities.models import Opportunity

WEEKS_BACK = 4
SHOWN = 200
ABOUT = ("customer", "stage", "owner", "partner_manager")


@dataclass(frozen=True)
class Asked:
    """What the address asks for: changes since which day, and which figure is opened."""

    since: date
    opened: str
    refused: str = ""


@require_safe
@for_people
def forecast(request: PersonRequest) -> HttpResponse:
    """The forecast, what is committed beside it, its backtest, and the changes since a day."""
    scope = scope_of(request, request.user, "apr:forecast")
    context: dict[str, Any] = {"scope": scope}
    if scope is not None:
        measures = Measures.now()
        first_month = measures.organisation.fiscal_first_month
        asked = _asked(request, measures.today)
        quarter = period_containing(measures.today, PeriodKind.QUARTER, first_month)
        context |= _outlook(scope, quarter, first_month)
        context |= _live(scope, request.user, quarter, asked, measures)
    return render(request, "apr/forecast.html", context)


def _asked(request: PersonRequest, today: date) -> Asked:
    """A day that cannot be read, or is to come, is said and replaced by four weeks ago."""
    usual, typed = today - timedelta(weeks=WEEKS_BACK), request.GET.get("since", "")
    opened = request.GET.get("of", "")
    if opened and opened not in (*words.EXPECTED, *(f"change.{kind}" for kind in KINDS)):
        raise Http404
    if not typed:
        return Asked(usual, opened)
    try:
        since = date.fromisoformat(typed)
    except ValueError:
        return Asked(
            usual, opened, _("“%(typed)s” is not a date. Write it like 2026-09-01.") % {"typed": typed}
        )
    if not EARLIEST <= since <= today:
        return Asked(usual, opened, _("Choose a day that is not in the future."))
    return Asked(since, opened)


def _outlook(scope: Scope, quarter: Period, first_month: int) -> dict[str, Any]:
    """What the worker computed of this quarter; of an older one nothing is shown."""
    report = EvidenceReport.objects.defer("rows", "findings").filter(team_id=scope.team_id).first()
    stored = report.forecast if report else {}
    is_late = report is None or stored.get("quarter", quarter.key) != quarter.key
    kept = None if is_late else words.kept_from(stored)
    label = quarter.label(str(reader_locale()))
    tested = zip(kept.keys, kept.test.tested, strict=True) if kept else ()
    return {
        "report": report,
        "kept": kept,
        "quarter": quarter,
        "quarter_label": label,
        "sentence": words.sentence(kept, label),
        "lead": _("No look was taken at it yet. It needs a running worker.") if is_late else words.lead(kept),
        "tested": [
            {
                "label": parse_period(key, first_month).label(str(reader_locale())),
                "forecast": kept.money(one.outlook.value),
                "between": _("%(low)s to %(high)s")
                % {"low": kept.money(one.outlook.low), "high": kept.money(one.outlook.high)},
                "actual": kept.money(one.actual),
                "is_covered": one.is_covered,
            }
            for key, one in tested
            if kept
        ],
    }


def _live(scope: Scope, reader: User, quarter: Period, asked: Asked, measures: Measures) -> dict[str, Any]:
    """What stands beside it, from the deals as they are now, with the rows of the figure that is opened."""
    team = Team.objects.get(pk=scope.team_id) if scope.team_id else None
    deals = deals_of(team) & Opportunity.objects.visible_to(reader)
    expected = {
        key: [Change(key, deal, None, _price(deal, measures)) for deal in found.select_related(*ABOUT)]
        for key, found in expected_in(deals, quarter).items()
    }
    changes = changes_since(deals, asked.since, measures)
    rows = {**expected, **{f"change.{kind}": found for kind, found in changes.items()}}
    chosen = rows.get(asked.opened, [])

    def figure(key: str, name: object, note: object = "") -> words.Figure:
        found = rows[key]
        total = money_in_full(measures.whole(sum(one.now or 0 for one in found)))
        is_current = key == asked.opened
        return words.Figure(key, str(name), str(note), len(found), total, _url(scope, asked, key), is_current)

    return {
        "since": asked.since,
        "refused": asked.refused,
        "expected": [figure(key, name) for key, name in words.EXPECTED.items()],
        "changes": [
            figure(f"change.{kind}", name, words.CHANGES_MEAN[kind]) for kind, name in words.CHANGES.items()
        ],
        "opened": asked.opened,
        "opened_name": words.name_of(asked.opened),
        "rows": [_row(change, measures.currency) for change in chosen[:SHOWN]],
        "more": max(len(chosen) - SHOWN, 0),
        "without_rate": sum(_lacks_rate(one) for found in expected.values() for one in found),
    }


def _lacks_rate(one: Change) -> bool:
    return one.now is None and one.deal.amount_minor is not None


def _url(scope: Scope, asked: Asked, key: str) -> str:
    query = urlencode([("team", scope.team_id), ("since", asked.since.isoformat()), ("of", key)])
    return f"{reverse('apr:forecast')}?{query}#rows"


def _price(deal: Opportunity, measures: Measures) -> int | None:
    if deal.amount_minor is None:
        return None
    return measures.priced(deal.amount_minor, deal.currency, deal.closed_on)


def _row(change: Change, currency: str) -> dict[str, Any]:
    def shown(minor: int | None) -> str:
        return "–" if minor is None else money_in_full(Money(minor, currency))

    return {
        "deal": change.deal,
        "before": shown(change.before),
        "now": shown(change.now),
        "was_close": getattr(change.deal, "was_expected_close_on", None),
    }
