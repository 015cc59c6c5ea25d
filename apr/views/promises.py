"""The page of promises: mine and those made to me, open or settled, and how many were kept both ways."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.guards import PersonRequest, for_people
from accounts.models import Organisation, Role, User
from accounts.permissions import acted_for_by
from apr.filters import chosen_person, people_led_by
from apr.periods_shown import Shown, shown_period
from apr.promises import RELATED, BothWays, KeptRate, both_ways, promised_by, promised_to
from foundation.paging import page_links
from foundation.wording import number
from opportunities.models import Commitment

PAGE = 50


class Side(StrEnum):
    """Whose promises are listed."""

    MINE = "mine"
    THEIRS = "theirs"


class State(StrEnum):
    """Which of them: open, settled, or those that the figure of the period counts."""

    OPEN = "open"
    SETTLED = "settled"
    DUE = "due"


STATES = {
    State.OPEN: gettext_lazy("Open"),
    State.SETTLED: gettext_lazy("Settled"),
    State.DUE: gettext_lazy("Due in the period"),
}


@dataclass(frozen=True)
class Line:
    """A promise as its reader sees it: the other person, whether it is overdue, and whether they may say
    what became of it."""

    row: Commitment
    other: User | None
    is_late: bool
    may_settle: bool


@require_safe
@for_people
def promises(request: PersonRequest) -> HttpResponse:
    """What somebody promised and was promised; both people of a promise see the same row."""
    organisation, reader = Organisation.current(), request.user
    person = chosen_person(reader, request.GET.get("person"))
    shown = shown_period(request.GET, organisation.today(), organisation.fiscal_first_month)
    side = _chosen(Side, request.GET.get("side"), Side.MINE)
    state = _chosen(State, request.GET.get("state"), State.OPEN)
    colleagues = list(_colleagues(person, reader))
    colleague = next((one for one in colleagues if str(one.pk) == request.GET.get("with")), None)
    rates = both_ways(person, reader, colleague, shown.period, shown.today, organisation.tzinfo)
    rate = rates.mine if side == Side.MINE else rates.theirs
    found = list(rate.rows) if state == State.DUE else _listed(person, reader, colleague, side, state)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "person": person,
        "people": list(people_led_by(reader)) if reader.roles & {Role.LEADER, Role.ADMIN} else [],
        "colleagues": colleagues,
        "colleague": colleague,
        "shown": shown,
        "rates": rates,
        "sentence": _sentence(person, reader, rates, shown),
        "sides": _sides(request, side, person, reader),
        "states": [(words, _url(request, state=one), one == state) for one, words in STATES.items()],
        "mine_url": _url(request, side=Side.MINE, state=State.DUE),
        "theirs_url": _url(request, side=Side.THEIRS, state=State.DUE),
        "side": side,
        "state": state,
        "lines": _lines(list(page.object_list), side, reader),
        "count": page.paginator.count,
        **page_links(request, page),
    }
    return render(request, "apr/promises.html", context)


def _chosen(kinds: Any, asked: str | None, otherwise: Any) -> Any:
    return kinds(asked) if asked in set(kinds) else otherwise


def _colleagues(person: User, reader: User) -> QuerySet[User]:
    """With whom the person shares a promise that the reader sees."""
    rows = Commitment.objects.visible_to(reader)
    shared = Q(Exists(rows.filter(made_by=person, made_to=OuterRef("pk"))))
    shared |= Q(Exists(rows.filter(made_to=person, made_by=OuterRef("pk"))))
    people: QuerySet[User] = User.objects.visible_to(reader).filter(shared)
    return people.order_by("name", "pk")


def _listed(
    person: User, reader: User, colleague: User | None, side: Side, state: State
) -> QuerySet[Commitment]:
    rows = Commitment.objects.visible_to(reader).select_related(*RELATED)
    sided = (promised_by if side == Side.MINE else promised_to)(rows, person, colleague)
    if state == State.OPEN:
        return sided.filter(outcome="open").order_by("due_on", "pk")
    return sided.exclude(outcome="open").order_by("-settled_at", "-pk")


def _lines(rows: list[Commitment], side: Side, reader: User) -> list[Line]:
    acts_for = acted_for_by(reader)
    return [
        Line(
            row,
            row.made_to if side == Side.MINE else row.made_by,
            row.is_overdue(row.made_by.today()),
            row.outcome == "open" and (reader.is_admin or row.made_by_id in acts_for),
        )
        for row in rows
    ]


def _sides(request: PersonRequest, side: Side, person: User, reader: User) -> list[tuple[str, str, bool]]:
    own = person == reader
    names = {
        Side.MINE: _("I promised") if own else _("%(who)s promised") % {"who": person.short_name},
        Side.THEIRS: _("Promised to me") if own else _("Promised to %(who)s") % {"who": person.short_name},
    }
    return [(words, _url(request, side=one), one == side) for one, words in names.items()]


def _url(request: PersonRequest, **changes: str) -> str:
    query = request.GET.copy()
    query.pop("page", None)
    for name, value in changes.items():
        query[name] = value
    return f"?{query.urlencode()}"


def _sentence(person: User, reader: User, rates: BothWays, shown: Shown) -> str:
    """What was kept both ways."""
    if not rates.mine.due and not rates.theirs.due:
        return _("No promise fell due in %(period)s so far.") % {"period": shown.label}
    words = {"who": person.short_name, "period": shown.label}
    parts = []
    if rates.mine.due:
        said = _("You kept %(part)s promises due in %(period)s")
        said = said if person == reader else _("%(who)s kept %(part)s promises due in %(period)s")
        parts.append(said % {**words, "part": _part(rates.mine)})
    if rates.theirs.due:
        said = (
            _("colleagues kept %(part)s to you") if rates.mine.due else _("Colleagues kept %(part)s to you")
        )
        if person != reader:
            said = _("colleagues kept %(part)s to %(who)s")
        parts.append(said % {**words, "part": _part(rates.theirs)})
    return _("%(sentence)s.") % {"sentence": ", ".join(parts)}


def _part(rate: KeptRate) -> str:
    return _("%(kept)s of %(due)s") % {"kept": number(rate.kept), "due": number(rate.due)}
