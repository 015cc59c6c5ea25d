"""The page of one deal."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.vary import vary_on_headers

from accounts.guards import PersonRequest, for_people
from accounts.models import User
from accounts.permissions import leads
from foundation.money import Money
from opportunities.lines import deal_lines
from opportunities.measures import Measures
from opportunities.models import Commitment, CommitmentOutcome, Obstacle, Opportunity
from opportunities.permissions import may_edit, may_move
from opportunities.views.handovers import standing


@vary_on_headers("HX-Request")
@for_people
def detail(request: PersonRequest, pk: int) -> HttpResponse:
    """A deal: how it stands, how it was accompanied, what is promised, what blocks it, what happened."""
    visible = get_object_or_404(Opportunity.objects.visible_to(request.user), pk=pk)
    measures = Measures.now()
    line = deal_lines(Opportunity.objects.filter(pk=visible.pk), measures)[0]
    deal: Opportunity = line.deal
    if request.headers.get("HX-Target") == "timeline":
        return render(request, "opportunities/_timeline.html", {"deal": deal, "measures": measures})
    assignments = list(deal.assignments.select_related("user").order_by("capacity", "-starts_at"))
    context = {
        "line": line,
        "deal": deal,
        "measures": measures,
        "weighted": _weighted(deal),
        "involvements": list(deal.involvements.select_related("partner")),
        "assignments": [row for row in assignments if row.ends_at is None],
        "former": [row for row in assignments if row.ends_at is not None],
        "may_move": may_move(request.user, deal),
        "may_edit": may_edit(request.user, deal),
        **standing(request.user, deal, measures),
        **_promises(request.user, deal),
        **_obstacles(request.user, deal, measures),
    }
    return render(request, "opportunities/detail.html", context)


def _weighted(deal: Opportunity) -> Money | None:
    """The amount by the probability of the stage, rounded down."""
    if deal.amount_minor is None:
        return None
    return Money(deal.amount_minor * deal.stage.probability // 100, deal.currency)


def _promises(reader: User, deal: Opportunity) -> dict[str, Any]:
    """The open promises, the nearest first; who may settle each, asked once for each person."""
    rows = deal.commitments.filter(outcome=CommitmentOutcome.OPEN).select_related("made_by", "made_to")
    promises: list[Commitment] = list(rows.order_by("due_on", "id"))
    others = {row.made_by for row in promises} - {reader}
    settles = {reader.pk} | {one.pk for one in others if reader.is_admin or leads(reader, one)}
    return {
        "promises": [
            {
                "row": row,
                "kind": _kind(row.made_by, deal),
                "is_late": row.is_overdue(row.made_by.today()),
                "may_settle": row.made_by_id in settles,
            }
            for row in promises
        ]
    }


def _kind(person: User, deal: Opportunity) -> str:
    """Whose colours a promise has: those of the place on this deal."""
    return {deal.partner_manager_id: "pm", deal.owner_id: "ae"}.get(person.pk, "")


def _obstacles(reader: User, deal: Opportunity, measures: Measures) -> dict[str, Any]:
    related = ("raised_by", "assigned_to", "partner", "kind", "cleared_by", "cleared_with")
    rows: list[Obstacle] = list(deal.obstacles.select_related(*related).order_by("raised_at", "id"))
    edits = may_edit(reader, deal)
    lines = [
        {
            "row": row,
            "days_open": measures.days_open(row),
            "may_clear": edits or reader == row.assigned_to,
        }
        for row in rows
    ]
    return {
        "obstacles": [line for line in lines if line["row"].cleared_at is None],  # type: ignore[attr-defined]
        "cleared": [line for line in lines if line["row"].cleared_at is not None],  # type: ignore[attr-defined]
    }
