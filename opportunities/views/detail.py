"""The page of one deal."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from accounts.guards import PersonRequest, for_people
from opportunities.lines import deal_lines
from opportunities.measures import Measures
from opportunities.models import Opportunity
from opportunities.permissions import may_edit, may_move


@for_people
def detail(request: PersonRequest, pk: int) -> HttpResponse:
    """A deal with its facts and every step of its history."""
    deal = get_object_or_404(Opportunity.objects.visible_to(request.user), pk=pk)
    measures = Measures.now()
    line = deal_lines(Opportunity.objects.filter(pk=deal.pk), measures)[0]
    context = {
        "line": line,
        "deal": line.deal,
        "involvements": deal.involvements.select_related("partner"),
        "steps": deal.stage_changes.select_related("changed_by", "lost_reason").order_by(
            "-effective_at", "-id"
        ),
        "may_move": may_move(request.user, line.deal),
        "may_edit": may_edit(request.user, line.deal),
    }
    return render(request, "opportunities/detail.html", context)
