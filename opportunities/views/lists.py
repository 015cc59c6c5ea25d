"""The list of deals: filtered, sorted, in pages, with the figures of all that the filters leave."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import F, QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts.guards import PersonRequest, for_people
from foundation.wording import money_in_thousands
from opportunities.filters import ListFilters
from opportunities.lines import deal_lines
from opportunities.measures import Measures
from opportunities.models import Opportunity, Stage
from opportunities.permissions import may_begin
from opportunities.tallies import Tally, tally_by_stage, total_of

PAGE_SIZE = 50
SORTS = {
    "name": F("name").asc(),
    "amount": F("comparable").asc(nulls_first=True),
    "close": F("expected_close_on").asc(nulls_last=True),
    "stage": F("stage__position").asc(),
    "days": F("stage_entered_at").desc(),
}
REVERSED = {
    "name": F("name").desc(),
    "amount": F("comparable").desc(nulls_last=True),
    "close": F("expected_close_on").desc(nulls_last=True),
    "stage": F("stage__position").desc(),
    "days": F("stage_entered_at").asc(),
}
USUAL = "-amount"


class CountedPaginator(Paginator[Any]):
    """Pages of rows that were counted before."""

    def __init__(self, rows: QuerySet[Any], count: int) -> None:
        super().__init__(rows, PAGE_SIZE)
        self.__dict__["count"] = count


@for_people
def opportunity_list(request: PersonRequest) -> HttpResponse:
    """Deals that the reader sees; `sort` is a key of SORTS, with a minus for the other direction."""
    visible, measures = Opportunity.objects.visible_to(request.user), Measures.now()
    stages = Stage.objects.filter(is_active=True).select_related("funnel").order_by("funnel", "position")
    filterset = ListFilters(request.GET, deals=visible, measures=measures, stages=stages)
    tallies = tally_by_stage(filterset.qs, measures, filterset.expected)
    total = total_of(tallies, measures)
    sort = request.GET.get("sort", USUAL)
    page = CountedPaginator(in_order(filterset.qs, sort), total.count).get_page(request.GET.get("page"))
    lines = deal_lines(page.object_list, measures)
    context = {
        "filterset": filterset,
        "total": total,
        "funnel": funnel_rows(stages, tallies, request.GET),
        "measures": measures,
        "lines": lines,
        "deals": [line.deal for line in lines],
        "columns": sort_columns(request.GET, sort),
        "sort": sort,
        "page": page,
        "previous_url": with_query(request.GET, page=page.previous_page_number())
        if page.has_previous()
        else "",
        "next_url": with_query(request.GET, page=page.next_page_number()) if page.has_next() else "",
        "may_begin": may_begin(request.user),
        "is_fresh": not total.count and not filterset.is_narrow,
    }
    return render(request, "opportunities/list.html", context)


def funnel_rows(stages: Iterable[Stage], tallies: dict[int, Tally], query: QueryDict) -> list[dict[str, Any]]:
    """The open stages that have deals, in order, as the funnel chart and its table take them."""
    found = [(stage, tallies[stage.pk]) for stage in stages if stage.pk in tallies and stage.kind == "open"]
    return [
        {
            "label": stage.name,
            "count": tally.count,
            "amount": tally.minor,
            "weighted": tally.weighted_minor,
            "shown": money_in_thousands(tally.amount),
            "note": _("weighted %(amount)s") % {"amount": money_in_thousands(tally.weighted)},
            "url": with_query(query, stage=stage.pk, page=""),
            "total": tally.amount,
            "weighted_total": tally.weighted,
        }
        for stage, tally in found
    ]


def in_order(deals: QuerySet[Any], sort: str) -> QuerySet[Any]:
    """The deals sorted; by the usual order where the wish is unknown."""
    key, is_down = sort.removeprefix("-"), sort.startswith("-")
    orders = REVERSED if is_down else SORTS
    return deals.order_by(orders.get(key, REVERSED["amount"]), "-pk")


def sort_columns(query: QueryDict, sort: str) -> dict[str, dict[str, str]]:
    """For each sorted column where its head leads, and how the rows stand now."""
    columns = {}
    for key in SORTS:
        is_now = sort.removeprefix("-") == key
        other = f"-{key}" if sort == key or (not is_now and key in {"amount", "days"}) else key
        now = ("descending" if sort.startswith("-") else "ascending") if is_now else ""
        columns[key] = {"url": with_query(query, sort=other, page=""), "now": now}
    return columns


def with_query(query: QueryDict, **changes: object) -> str:
    """The address with some parameters changed, and none empty."""
    values = {**{key: query[key] for key in query}, **changes}
    return "?" + urlencode({key: value for key, value in values.items() if value != ""})
