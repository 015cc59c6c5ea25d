"""Do our actions precede our results? For leaders about their teams, for administrators about everybody."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.guards import PersonRequest, for_people
from accounts.models import Organisation, Role, Team, User
from apr.evidence import beside_words, words
from apr.evidence.comparisons import LANDMARK
from apr.evidence.panel import LAGS
from apr.evidence.recording import ORGANISATION
from apr.evidence.study import VERSION, Verdict
from apr.models import ActionType, EvidenceReport
from apr.periods import parse_period
from foundation.wording import reader_locale
from opportunities.models import Opportunity
from opportunities.views.lists import with_query

PAGE = 100


@dataclass(frozen=True)
class Scope:
    """Whose evidence is read: a team's, or that of the organisation (`team_id` 0)."""

    team_id: int
    name: str
    choices: list[tuple[str, str, bool]]


def scope_of(request: HttpRequest, reader: User, url_name: str) -> Scope | None:
    """The team asked for, or the first that the reader may open; None for who leads none. Else 404."""
    if not reader.roles & {Role.LEADER, Role.ADMIN}:
        raise PermissionDenied
    found = {team.pk: team for team in Team.objects.visible_to(reader).active()}
    names = {ORGANISATION: Organisation.current().name} if reader.is_admin else {}
    tops = [team for team in found.values() if team.parent_id not in found]
    names |= {team.pk: team.name for team in [*tops, *(t for t in found.values() if t not in tops)]}
    asked = request.GET.get("team", "")
    if not names and not asked:
        return None
    chosen = next(iter(names)) if not asked else int(asked) if asked.isdecimal() else -1
    if chosen not in names:
        raise Http404
    url = reverse(url_name)
    choices = [(name, f"{url}?{urlencode({'team': pk})}", pk == chosen) for pk, name in names.items()]
    return Scope(chosen, names[chosen], choices if len(choices) > 1 else [])


@require_safe
@for_people
def evidence(request: PersonRequest) -> HttpResponse:
    """The verdict first, then what it rests on, then what stands beside it."""
    scope = scope_of(request, request.user, "apr:evidence")
    report = None
    if scope is not None:
        report = EvidenceReport.objects.defer("rows").filter(team_id=scope.team_id, version=VERSION).first()
    context: dict[str, Any] = {"scope": scope, "report": report}
    if scope is not None and report is not None:
        context |= _told(report, scope)
    return render(request, "apr/evidence.html", context)


def _told(report: EvidenceReport, scope: Scope) -> dict[str, Any]:
    kept = report.findings
    finding = words.finding_from(kept["headline"])
    family = [words.finding_from(one) for one in kept["family"]]
    types = dict(ActionType.objects.values_list("pk", "name"))
    beside = {one["key"]: beside_words.beside(one, scope.team_id) for one in kept["beside"]}
    return {
        "finding": finding,
        "sentence": words.sentence(finding),
        "lead": words.lead(finding, kept["actions"]),
        "placebo": words.placebo_words(finding),
        "smallest": words.smallest_words(finding),
        "advances_url": beside_words.rows_url(scope.team_id, "advanced.all"),
        "deals_url": beside_words.rows_url(scope.team_id, "deals.all"),
        "questions": [
            {
                "line": words.question(one, types),
                "advances_url": beside_words.rows_url(scope.team_id, f"advanced.{rows}"),
            }
            for one, rows in zip(family, kept["rows"], strict=True)
        ],
        "has_actions": bool(kept["actions"]),
        "tested": sum(one.effect is not None for one in family),
        "in_favour": sum(one.verdict == Verdict.FIRST for one in family),
        "picture": _picture(kept["picture"]) if kept["actions"] and finding.advances else None,
        "beside": [one for key, one in beside.items() if key != "quartiles"],
        "quartiles": beside["quartiles"],
        "curve_steps": [(day - LANDMARK, str(day)) for day in (LANDMARK, 14, 30, 60, 90)],
        "curve_words": (_("coached"), _("not coached")),
    }


def _picture(kept: list[dict[str, Any]]) -> dict[str, Any]:
    """What was done in the weeks round an advance, and round weeks without one."""
    steps = []
    for step, one in enumerate(kept):
        steps.append((step, f"{-one['lag']:+d}".replace("-", "−") if one["lag"] else _("this week")))
    return {
        "advanced": [one["advanced"] for one in kept],
        "stayed": [one["stayed"] for one in kept],
        "steps": steps,
        "mark": max(LAGS),
        "n_advanced": kept[max(LAGS)]["n_advanced"],
        "n_stayed": kept[max(LAGS)]["n_stayed"],
        "words": (_("deals that advance"), _("those that do not")),
    }


@require_safe
@for_people
def evidence_rows(request: PersonRequest) -> HttpResponse:
    """The rows behind a figure, as they were when it was computed."""
    scope = scope_of(request, request.user, "apr:evidence")
    report = None
    if scope is not None:
        report = EvidenceReport.objects.filter(team_id=scope.team_id, version=VERSION).first()
    of = request.GET.get("of", "")
    if scope is None or report is None or of not in report.rows:
        raise Http404
    rows = report.rows[of]
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    is_people = of.startswith("quartiles.")
    listed = _people_rows if is_people else _deal_rows
    shown = listed(list(page.object_list), request.user)
    context = {
        "scope": scope,
        "report": report,
        "name": beside_words.rows_name(of),
        "count": len(rows),
        "rows": shown,
        "unseen": len(page.object_list) - len(shown),
        "page": page,
        "back_url": f"{reverse('apr:evidence')}?{urlencode({'team': scope.team_id})}",
        "previous_url": with_query(request.GET, page=page.previous_page_number())
        if page.has_previous()
        else "",
        "next_url": with_query(request.GET, page=page.next_page_number()) if page.has_next() else "",
    }
    return render(request, f"apr/evidence_{'people' if is_people else 'rows'}.html", context)


def _deal_rows(keys: Sequence[int], reader: User) -> list[Opportunity]:
    about = ("customer", "stage", "owner", "partner_manager")
    found = Opportunity.objects.visible_to(reader).select_related(*about).in_bulk(keys)
    return [found[key] for key in keys if key in found]


@dataclass(frozen=True)
class PersonRow:
    """What somebody attained in a month, and what they did in the one before; both open."""

    person: User
    before: str
    before_url: str
    points: int
    month: str
    month_url: str
    attained: float


def _people_rows(rows: Sequence[tuple[int, str, int, float]], reader: User) -> list[PersonRow]:
    found = User.objects.scores_visible_to(reader).in_bulk([pk for pk, *_rest in rows])
    first_month, locale = Organisation.current().fiscal_first_month, str(reader_locale())

    def told(pk: int, key: str, points: int, attained: float) -> PersonRow:
        month = parse_period(key, first_month)
        before = month.previous()
        urls = (
            f"{reverse(f'apr:{name}', args=[pk])}?{urlencode({'period': period.key})}"
            for name, period in (("rows", before), ("person", month))
        )
        labels = (before.label(locale), month.label(locale))
        return PersonRow(found[pk], labels[0], next(urls), points, labels[1], next(urls), attained)

    return [told(*row) for row in rows if row[0] in found]
