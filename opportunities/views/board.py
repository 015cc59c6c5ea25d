"""The board: the open deals of one funnel, a column for each stage, the largest deals first."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, F, OuterRef, QuerySet, Window
from django.db.models.functions import RowNumber
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from accounts.guards import PersonRequest, for_people
from accounts.models import User
from opportunities.filters import DealFilters
from opportunities.lines import DealLine, deal_lines
from opportunities.measures import Measures
from opportunities.models import Funnel, Opportunity, Stage, StageKind
from opportunities.permissions import may_begin, movable
from opportunities.tallies import Tally, tally_by_stage, total_of

CARDS = 25
LARGEST_FIRST = (F("comparable").desc(nulls_last=True), F("pk").desc())


@dataclass
class Column:
    """A stage with its figures and the cards that are shown of it."""

    stage: Stage
    tally: Tally
    list_url: str
    more_url: str = ""
    lines: list[DealLine] = field(default_factory=list)

    @property
    def hidden(self) -> int:
        """How many cards are not shown yet."""
        return self.tally.count - len(self.lines)


@for_people
def board(request: PersonRequest) -> HttpResponse:
    """One funnel, filtered like the list: `?funnel=`, else the first in which the reader has deals."""
    funnels = _funnels(request)
    if not funnels:
        raise Http404
    funnel = next((one for one in funnels if str(one.pk) == request.GET.get("funnel")), funnels[0])
    measures = Measures.now()
    filterset = _filters(request, funnel, measures)
    tallies = tally_by_stage(filterset.qs, measures, filterset.expected)
    stages = list(funnel.stages.order_by("position", "pk"))
    columns = [
        Column(stage, tallies.get(stage.pk, Tally(measures)), _url("list", request, funnel, stage=stage.pk))
        for stage in stages
        if stage.kind == StageKind.OPEN and (stage.is_active or stage.pk in tallies)
    ]
    lines = deal_lines(_first_cards(filterset.qs), measures)
    _fill(columns, lines, request, funnel)
    context = {
        "funnels": [(one.name, _url("board", request, one), one == funnel) for one in funnels],
        "funnel": funnel,
        "filterset": filterset,
        "measures": measures,
        "total": total_of(tallies, measures),
        "columns": columns,
        "top": max((column.tally.minor for column in columns), default=0),
        "closing": [stage for stage in stages if stage.kind != StageKind.OPEN and stage.is_active],
        "path": request.get_full_path(),
        "may_begin": may_begin(request.user),
        **_about(request.user, lines),
    }
    return render(request, "opportunities/board.html", context)


@for_people
def more(request: PersonRequest, stage_id: int) -> HttpResponse:
    """The next cards of a column, from `?from=` on."""
    stage = get_object_or_404(Stage.objects.select_related("funnel"), pk=stage_id)
    measures = Measures.now()
    filterset = _filters(request, stage.funnel, measures)
    deals = filterset.qs.filter(stage=stage).order_by(*LARGEST_FIRST)
    begin = request.GET.get("from", "")
    start = int(begin) if begin.isdecimal() and len(begin) < 8 else 0
    lines = deal_lines(deals[start : start + CARDS + 1], measures)
    shown, is_more = lines[:CARDS], len(lines) > CARDS
    column = Column(stage, Tally(measures), _url("list", request, stage.funnel, stage=stage.pk), lines=shown)
    if is_more:
        column.more_url = _more_url(request, stage.funnel, stage, start + CARDS)
    context = {"column": column, "measures": measures, **_about(request.user, shown)}
    return render(request, "opportunities/_cards.html", context)


def _funnels(request: PersonRequest) -> list[Funnel]:
    """The funnels to choose from: those with open deals of the reader's first, among them the default one."""
    deals = Opportunity.objects.visible_to(request.user).open().filter(funnel=OuterRef("pk"))
    funnels = Funnel.objects.filter(is_active=True).annotate(is_used=Exists(deals))
    return list(funnels.order_by("-is_used", "-is_default", "name"))


def _filters(request: PersonRequest, funnel: Funnel, measures: Measures) -> DealFilters:
    deals = Opportunity.objects.visible_to(request.user).open().filter(funnel=funnel)
    return DealFilters(request.GET, deals=deals, measures=measures)


def _first_cards(deals: QuerySet[Any]) -> QuerySet[Any]:
    """The largest deals of each stage, in order."""
    placed = deals.annotate(
        place=Window(RowNumber(), partition_by=[F("stage")], order_by=list(LARGEST_FIRST))
    ).filter(place__lte=CARDS)
    return deals.filter(pk__in=placed.values("pk")).order_by(*LARGEST_FIRST)


def _fill(columns: list[Column], lines: list[DealLine], request: PersonRequest, funnel: Funnel) -> None:
    """Puts each line into its column, and says where the rest is."""
    by_stage = {column.stage.pk: column for column in columns}
    for line in lines:
        by_stage[line.deal.stage_id].lines.append(line)
    for column in columns:
        if column.hidden > 0:
            column.more_url = _more_url(request, funnel, column.stage, len(column.lines))


def _about(user: User, lines: list[DealLine]) -> dict[str, Any]:
    """What cards need beside their lines."""
    deals = [line.deal for line in lines]
    return {"deals": deals, "movable": movable(user, deals)}


def _more_url(request: PersonRequest, funnel: Funnel, stage: Stage, start: int) -> str:
    path = reverse("opportunities:board_more", args=[stage.pk])
    return f"{path}?{_query(request, funnel)}&from={start}"


def _url(name: str, request: PersonRequest, funnel: Funnel, **more: object) -> str:
    return f"{reverse(f'opportunities:{name}')}?{_query(request, funnel, **more)}"


def _query(request: PersonRequest, funnel: Funnel, **more: object) -> str:
    """The filters of this request for another address."""
    kept = {key: value for key, value in request.GET.items() if value and key != "from"}
    return urlencode({**kept, "funnel": funnel.pk, **more})
