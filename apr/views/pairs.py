"""Joint scorecards: for the two, those who lead either of them, and administrators."""

from dataclasses import replace
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.guards import PersonRequest, for_people
from accounts.models import Organisation, Role, Team, User
from accounts.onlookers import Onlooker, onlookers_of
from apr import pair_page as pages
from apr import pair_words as words
from apr.closing.pair_page import changed_rows, then_and_now
from apr.closing.reading import closing_of
from apr.joint import (
    JointScorecard,
    Key,
    PairStanding,
    joint_scorecard,
    joint_scorecard_and_trend,
    pair_for,
    pairs_of,
    people_of,
    readable_people,
)
from apr.numbers import Number, numbers_of
from apr.periods import PeriodKind
from apr.periods_shown import Shown, shown_period
from apr.rollup.snapshot import reading
from opportunities.measures import Measures
from opportunities.models import Assignment, Capacity

Choice = tuple[str, str, bool]  # name, address, whether it is the one shown
PAGE = 100
FEW = 20  # pairs that are found by looking


@require_safe
@for_people
def pairs(request: PersonRequest) -> HttpResponse:
    """The pairs somebody may read, from A to Z; nothing ranks them."""
    shown = _shown(request)
    teams = [team for team in Team.objects.shown_to(request.user) if team.is_active]
    team = _asked_team(request, teams)
    members = None if team is None else people_of(team, shown.period)
    every = pairs_of(shown.period, viewer=request.user, people=members)
    name = request.GET.get("name", "").strip()
    found = [one for one in every if _is_called(name, one)]
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "shown": shown,
        "team": team,
        "choices": _team_choices(teams, team, shown),
        "chosen": words.all_teams() if team is None else team.name,
        "name": name,
        "all_url": _team_url(shown, team),
        "can_find": len(every) > FEW,
        "page": page,
        "lines": [pages.pair_line(one, shown.period) for one in page.object_list],
        "previous_url": shown.page_url(page.previous_page_number()) if page.has_previous() else "",
        "next_url": shown.page_url(page.next_page_number()) if page.has_next() else "",
        "sentence": words.pairs_sentence(found or every, shown, request.user),
    }
    return render(request, "apr/pairs.html", context)


@require_safe
@for_people
def pair(request: PersonRequest, pm: int, ae: int) -> HttpResponse:
    """What two people owe each other, what they owe now, and what came of it."""
    shown = _shown(request)
    two = pair_for(request.user, pm, ae, shown.period)
    card, standings = joint_scorecard_and_trend(*two, shown.period, viewer=request.user)
    measures = Measures.now()
    steps = pages.trend(card, standings)
    pm_choices, ae_choices = _choices(request.user, card, shown)
    onlookers = _onlookers(card, request.user)
    known_title, known_lines = then_and_now(card)
    context = {
        "shown": shown,
        "card": card,
        "names": words.short_names(card.pm, card.ae),
        "sentence": words.sentence(card, shown),
        "lead": words.lead(card, shown),
        "why_not": words.too_little(card),
        "sides": pages.both_sides(card),
        "is_weighted": pages.is_weighted(card),
        "pm_choices": pm_choices,
        "ae_choices": ae_choices,
        "seen_by": words.seen_by(card, request.user, onlookers, most=1 if len(onlookers) > 2 else 2),
        "seen_by_all": words.seen_by(card, request.user, onlookers, most=12),
        "closed": card.outcomes.won.count + card.outcomes.lost.count,
        "closed_alone": card.outcomes.alone_won + card.outcomes.alone_lost,
        "deals_title": words.deals_title(card.shared_count),
        "strips": pages.strips(card, measures),
        "strips_span": pages.strips_span(card),
        "axis": pages.axis(card),
        "hidden": card.shared_count - len(card.shared),
        "silence_days": measures.organisation.silence_days,
        "steps": steps,
        "trend_words": pages.trend_words(steps),
        "known_title": known_title,
        "known_lines": known_lines,
        "known_url": pages.pair_url("apr:pair_known", card.pm.pk, card.ae.pk, shown.period),
        **_numbers(request.user, card),
    }
    return render(request, "apr/pair.html", context)


@require_safe
@for_people
def rows(request: PersonRequest, pm: int, ae: int) -> HttpResponse:
    """The rows behind one component, as many as its figure says."""
    shown = _shown(request)
    two = pair_for(request.user, pm, ae, shown.period)
    card = joint_scorecard(*two, shown.period, viewer=request.user)
    asked = request.GET.get("component", Key.INVOLVEMENT)
    if asked not in set(Key):
        raise Http404
    part = pages.part_of(card, Key(asked))
    back = pages.pair_url("apr:pair", card.pm.pk, card.ae.pk, shown.period)
    every = [(one, pages.rows_url(card, one.key)) for one in card.standing.measures]
    context = {
        "shown": shown,
        "card": card,
        "part": part,
        "back_url": back,
        "components": [
            (str(words.NAMES[one.key]), "pm" if place < len(Key) // 2 else "ae", url, one.key == asked)
            for place, (one, url) in enumerate(every)
        ],
        "names": words.short_names(card.pm, card.ae),
    }
    return render(request, "apr/pair_rows.html", context)


@require_safe
@for_people
def known(request: PersonRequest, pm: int, ae: int) -> HttpResponse:
    """What was known of a pair when the period was closed, what stands now, and the rows between."""
    shown = _shown(request)
    two = pair_for(request.user, pm, ae, shown.period)
    with reading():
        whole = joint_scorecard(*two, shown.period)
        closing = closing_of(shown.period)
        title, lines = then_and_now(whole)
        changed = None if closing is None else changed_rows(closing, whole, request.user)
    context = {
        "shown": shown,
        "card": whole,
        "names": words.short_names(*two),
        "back_url": pages.pair_url("apr:pair", pm, ae, shown.period),
        "closing": closing,
        "known_title": title,
        "known_lines": lines,
        "changed": changed,
    }
    return render(request, "apr/pair_known.html", context)


def _shown(request: PersonRequest) -> Shown:
    """The period asked for; the quarter where none is, for what people owe each other takes weeks."""
    organisation = Organisation.current()
    first = organisation.fiscal_first_month
    return shown_period(request.GET, organisation.today(), first, PeriodKind.QUARTER)


# --- beside the figures ------------------------------------------------------------------------------


def _choices(reader: User, card: JointScorecard, shown: Shown) -> tuple[list[Choice], list[Choice]]:
    """With whom else either of the two works, as far as the reader may know: other partner managers of the
    one, other account executives of the other."""
    pms = _beside(card.ae, Capacity.ACCOUNT_EXECUTIVE, Capacity.PARTNER_MANAGER)
    aes = _beside(card.pm, Capacity.PARTNER_MANAGER, Capacity.ACCOUNT_EXECUTIVE)
    people = User.objects.annotate(is_pm=Exists(pms), is_ae=Exists(aes))
    works = Q(is_active=True) & (Q(is_pm=True) | Q(is_ae=True))
    found = list(people.filter(works | Q(pk__in=(card.pm.pk, card.ae.pk))).order_by("name", "pk"))
    readable = readable_people(reader, shown.period)

    def choice(pm: User, ae: User, who: User) -> Choice:
        return who.name, pages.pair_url("apr:pair", pm.pk, ae.pk, shown.period), who in (card.pm, card.ae)

    def may_read(pm: User, ae: User) -> bool:
        return readable is None or not readable.isdisjoint({pm.pk, ae.pk})

    def is_other(who: User, is_beside: bool) -> bool:
        return is_beside and who not in (card.pm, card.ae)

    return (
        [
            choice(one, card.ae, one)
            for one in found
            if one == card.pm or (is_other(one, one.is_pm) and may_read(one, card.ae))
        ],
        [
            choice(card.pm, one, one)
            for one in found
            if one == card.ae or (is_other(one, one.is_ae) and may_read(card.pm, one))
        ],
    )


def _beside(other: User, post: Capacity, beside: Capacity) -> QuerySet[Assignment]:
    """The assignments of people who were `beside` on a deal on which the other one had the `post`."""
    shared = Assignment.objects.filter(opportunity=OuterRef("opportunity"), user=other, capacity=post)
    return Assignment.objects.filter(Exists(shared), user=OuterRef("pk"), capacity=beside)


def _onlookers(card: JointScorecard, reader: User) -> list[str]:
    """The names of who sees these figures besides the two, the nearest leaders first."""
    found = onlookers_of(card.pm, card.ae)

    def reach(one: Onlooker) -> tuple[bool, bool, str]:
        return one.team is None, one.team is not None and one.team.parent_id is None, one.user.name

    ordered = sorted(found, key=reach)
    return [one.user.name for one in ordered]


def _numbers(reader: User, card: JointScorecard) -> dict[str, list[Number]]:
    """Both numbers; the deals behind one open for those who may read that person's scorecard."""
    people = {card.pm.pk, card.ae.pk}
    readable = set(User.objects.scores_visible_to(reader).filter(pk__in=people).values_list("pk", flat=True))

    def of(person: User, role: Role) -> list[Number]:
        outcomes = card.outcomes
        results = outcomes.pm_results if role == Role.PARTNER_MANAGER else outcomes.ae_results
        found = numbers_of(results, {role}, reverse("apr:deals", args=[person.pk]))
        return found if person.pk in readable else [replace(one, url="") for one in found]

    return {
        "pm_numbers": of(card.pm, Role.PARTNER_MANAGER),
        "ae_numbers": of(card.ae, Role.ACCOUNT_EXECUTIVE),
    }


# --- the list ----------------------------------------------------------------------------------------


def _is_called(name: str, one: PairStanding) -> bool:
    """Whether one of the two has these letters in the name; all have none."""
    return any(name.casefold() in person.name.casefold() for person in (one.pm, one.ae))


def _asked_team(request: PersonRequest, teams: list[Team]) -> Team | None:
    """The team by whose people the list is narrowed; 404 for one that the reader does not see."""
    asked = request.GET.get("team", "")
    if not asked:
        return None
    found = next((team for team in teams if str(team.pk) == asked), None)
    if found is None:
        raise Http404
    return found


def _team_choices(teams: list[Team], team: Team | None, shown: Shown) -> list[tuple[str, str, bool]]:
    if len(teams) < 2:
        return []
    return [(words.all_teams(), _team_url(shown, None), team is None)] + [
        (one.name, _team_url(shown, one), one == team) for one in teams
    ]


def _team_url(shown: Shown, team: Team | None) -> str:
    query: Any = shown.query.copy()
    for key in ("team", "page", "name"):
        query.pop(key, None)
    if team is not None:
        query["team"] = str(team.pk)
    return f"?{query.urlencode()}"
