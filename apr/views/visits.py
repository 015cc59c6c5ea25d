"""The visits behind the involvement of a person or a team: what can still be covered, first."""

from dataclasses import dataclass

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.guards import PersonRequest, for_people
from accounts.models import Team, User
from apr import pair_words as words
from apr.joint import Key, State, VisitRow, people_of, readable_people, visits_behind
from apr.periods_shown import Shown
from apr.readers import Reading, reading, scorecard_url, shown_for
from opportunities.models import Opportunity

PAGE = 100
# State, its words, and how its cell looks; in the order of the list.
STATES: dict[State, tuple[str | Promise, str]] = {
    State.OPEN: (_("can still be covered"), "still"),
    State.MISSED: (_("no partner manager"), "missed"),
    State.DONE: (_("covered"), "done"),
}


@dataclass(frozen=True)
class VisitLine:
    """A visit as the list says it; without its deal where the reader may not see that."""

    visit: VisitRow | None
    what: str
    state: str | Promise
    look: str


@require_safe
@for_people
def visits(request: PersonRequest, kind: str, pk: int) -> HttpResponse:
    """As many as the figure says; of a deal that the reader may not see only what became of the visit."""
    about = reading(request.user, kind, pk)
    shown = shown_for(request.GET, about)
    rows = visits_behind(_people(request.user, about, shown), shown.period)
    rows.sort(key=lambda row: list(STATES).index(row.row.state))
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    counts = {state: sum(row.row.state == state for row in rows) for state in STATES}
    context = {
        "about": about.subject,
        "back_url": scorecard_url(about, shown, request.user),
        "shown": shown,
        "counted": len(rows),
        "covered": counts[State.DONE],
        "open": counts[State.OPEN],
        "missed": counts[State.MISSED],
        "lines": _lines(request.user, list(page.object_list)),
        "page": page,
        "previous_url": shown.page_url(page.previous_page_number()) if page.has_previous() else "",
        "next_url": shown.page_url(page.next_page_number()) if page.has_next() else "",
    }
    return render(request, "apr/visits.html", context)


def _people(reader: User, about: Reading, shown: Shown) -> set[int]:
    """Whose visits they are. Of a person they are those of whole pairs, whose figures only leaders of a day
    of the period read."""
    if isinstance(about.subject, Team):
        return people_of(about.subject, shown.period)
    readable = readable_people(reader, shown.period)
    if not isinstance(about.subject, User) or (readable is not None and about.subject.pk not in readable):
        raise Http404
    return {about.subject.pk}


def _lines(reader: User, rows: list[VisitRow]) -> list[VisitLine]:
    asked = {row.deal.pk for row in rows}
    seen = set(Opportunity.objects.visible_to(reader).filter(pk__in=asked).values_list("pk", flat=True))

    def line(row: VisitRow) -> VisitLine:
        state, look = STATES[row.row.state]
        if row.deal.pk not in seen:
            return VisitLine(None, "", state, look)
        return VisitLine(row, words.what_is(Key.INVOLVEMENT, row.row), state, look)

    return [line(row) for row in rows]
