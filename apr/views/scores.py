"""A person's scorecard: where they stand in a period, how they got there, and what came of it."""

from dataclasses import dataclass
from datetime import date

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.guards import PersonRequest, for_people
from accounts.models import Organisation, User
from accounts.onlookers import onlookers_of
from apr import score_words as words
from apr.closing.page import closed_line
from apr.numbers import hue, numbers_of
from apr.open_deals import open_deals_of
from apr.periods_shown import Shown, label_of, shown_period
from apr.readers import Reading, person_for
from apr.scorecards import (
    OwnCard,
    TypeScore,
    WeekPoints,
    own_card,
    points_by_capacity,
    score_rows,
)
from apr.scorecards.figures import Points
from foundation.charts import Column, Run, share
from foundation.wording import day_in_record, number, short_day


@require_safe
@for_people
def me(request: PersonRequest) -> HttpResponse:
    """My points."""
    return _scorecard(request, request.user, None)


@require_safe
@for_people
def person(request: PersonRequest, pk: int) -> HttpResponse:
    """The same page for who leads somebody, within the days of the teams they lead."""
    return _scorecard(request, *person_for(request.user, pk))


def _scorecard(request: PersonRequest, person: User, within: frozenset[int] | None) -> HttpResponse:
    is_own, today = person == request.user, person.today()
    shown = shown_period(request.GET, today, Organisation.current().fiscal_first_month)
    weeks_until = min(today, shown.last_day)
    card = own_card(person, shown.period, shown.results, within=within, weeks_until=weeks_until)
    name = "" if is_own else person.short_name
    deals_url = reverse("apr:deals", args=[person.pk])
    context = {
        "person": person,
        "is_own": is_own,
        "shown": shown,
        "card": card,
        "sentence": words.person_sentence(card.score, shown, name),
        "lead": words.person_lead(card.score, shown, is_own=is_own),
        "narrowed": _narrowed(card, shown, within),
        "whose": hue(person.roles),
        "run": Run(card.run.achieved, card.run.expected, card.score.target, card.run.away),
        "run_words": _run_words(card, shown),
        "rows_url": _rows_url(person, shown.period.key),
        "types": [_type_line(kind, card, person) for kind in card.score.by_type],
        "capacities": _capacities(person, shown, request.user, within),
        "action_count": sum(kind.count for kind in card.score.by_type),
        "weeks": [_column(week, person) for week in card.weeks],
        "is_empty": not card.score.by_type and card.score.target is None,
        "has_weeks": any(week.counted_points or week.target for week in card.weeks),
        "weeks_words": _("Points of the last %(n)s weeks against their targets") % {"n": len(card.weeks)},
        "numbers": numbers_of(card.results, person.roles, deals_url),
        "deals_url": deals_url,
        "results_over": card.results.period.end <= today,
        "results_label": label_of(card.results.period),
        "closed": closed_line(Reading(person, within), card.score, card.results, shown),
        "discipline": open_deals_of(person, request.user) if shown.is_running else None,
        "seen_by": _seen_by(person, is_own),
    }
    return render(request, "apr/person.html", context)


@dataclass(frozen=True)
class TypeLine:
    """What came from one action type, with the bar of its counted points and the outline of the rest."""

    kind: TypeScore
    width: float
    over: float
    url: str


def _type_line(kind: TypeScore, card: OwnCard, person: User) -> TypeLine:
    top = max(one.raw_points for one in card.score.by_type)
    url = _rows_url(person, card.score.period.key, action_type=kind.action_type.pk)
    over = share(max(kind.raw_points - kind.counted_points, 0), top)
    return TypeLine(kind, share(kind.counted_points, top), over, url)


@dataclass(frozen=True)
class CapacityLine:
    """What was done wearing one hat."""

    label: str
    points: Points
    url: str


def _capacities(
    person: User, shown: Shown, reader: User, within: frozenset[int] | None
) -> list[CapacityLine]:
    rows = score_rows(person, shown.period, viewer=reader, within=within)
    return [
        CapacityLine(
            str(capacity.label), points, _rows_url(person, shown.period.key, capacity=capacity.value)
        )
        for capacity, points in points_by_capacity(rows, shown.period).items()
    ]


def _column(week: WeekPoints, person: User) -> Column:
    return Column(
        label=str(int(week.period.key[-2:])),
        value=week.counted_points,
        target=week.target,
        url=_rows_url(person, week.period.key),
    )


def _rows_url(person: User, period: str, **filters: int | str) -> str:
    query = urlencode({"period": period, **filters})
    return f"{reverse('apr:rows', args=[person.pk])}?{query}"


def _run_words(card: OwnCard, shown: Shown) -> str:
    points = words.points_of(card.score)
    if not shown.is_running:
        return _("%(points)s in %(period)s") % {"points": points, "period": shown.label}
    parts = {"points": points, "day": short_day(shown.today)}
    said = _("%(points)s by %(day)s") % parts
    if card.score.expected_to_date is None:
        return said
    expected = number(card.score.expected_to_date)
    return _("%(said)s; %(expected)s were expected by yesterday") % {"said": said, "expected": expected}


def _narrowed(card: OwnCard, shown: Shown, within: frozenset[int] | None) -> str:
    """What is said where the reader sees only some days of the period."""
    if within is None or card.days == [shown.period.dates]:
        return ""
    if not card.days:
        return _("On no day of this period did they belong to a team that you lead.")
    spans = [
        _("%(first)s to %(last)s") % {"first": _day(one.start), "last": _day(one.days()[-1])}
        for one in card.days
    ]
    return _("You see the days in the teams that you lead: %(days)s.") % {"days": ", ".join(spans)}


def _day(day: date) -> str:
    return day_in_record(day)


def _seen_by(person: User, is_own: bool) -> str:
    if is_own:
        return words.seen_by([one.user.name for one in onlookers_of(person)])
    return _("%(name)s sees the same figures, and that you can see them.") % {"name": person.short_name}
