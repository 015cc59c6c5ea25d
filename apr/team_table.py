"""The scorecard of a team as its page shows it: a line for each person, from A to Z, and one for all."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode

from accounts.models import Role, Team, User
from apr.joint import Coverage, Visits
from apr.models import Target
from apr.numbers import Number, hue, numbers_of
from apr.open_deals import OpenDeals
from apr.periods_shown import Shown
from apr.score_words import membership_words, names_among
from apr.scorecards import MemberScore, Score, TeamScorecard
from foundation.charts import Run
from foundation.money import Money
from foundation.wording import number

# The roles that carry a number.
CARRIERS = frozenset({Role.PARTNER_MANAGER, Role.ACCOUNT_EXECUTIVE})


@dataclass(frozen=True)
class Line:
    """One person: what holds for them, the points, the results they carry, their open deals, and the visits
    of their shared deals: None for whom involvement does not concern."""

    user: User
    note: str
    whose: str
    score: Score
    rows_url: str
    numbers: list[Number]
    deals: OpenDeals | None
    visits: Visits | None
    visits_url: str
    is_open: bool
    toggle_url: str


@dataclass(frozen=True)
class Table:
    """The lines with what stands under them. `spread` are results that people hold together more often than
    the team does: the sum by person beside the team's; `spread_visits` is the same of visits."""

    lines: list[Line]
    rows_url: str
    numbers: list[Number]
    spread: list[tuple[Number, Money]]
    roles: frozenset[str]
    deals: OpenDeals | None
    visits: Visits
    visits_url: str
    spread_visits: Visits | None


def roles_of(members: Iterable[MemberScore]) -> frozenset[str]:
    """The roles, of those that carry a number, that somebody in the team holds; the card knows them."""
    return frozenset(role for member in members for role in member.user.roles & CARRIERS)


def table_of(
    card: TeamScorecard,
    shown: Shown,
    roles: frozenset[str],
    deals: dict[int, OpenDeals] | None,
    coverage: Coverage,
    opened: str,
) -> Table:
    """The table of a team's card; `deals` are the people's open deals where today is looked at, `coverage`
    their involvement in the period of the results, `opened` the id of the person whose line is open."""
    lines = _on_one_scale([_line(member, shown, deals, coverage, opened) for member in card.members])
    urls = _urls(card.subject)
    numbers = numbers_of(card.results, roles, urls[1])
    sums = [(one, _sum_by_person(one, lines)) for one in numbers]
    return Table(
        lines=lines,
        rows_url=f"{urls[0]}?{urlencode({'period': card.period.key})}",
        numbers=numbers,
        spread=[(one, total) for one, total in sums if total != one.measure.amount],
        roles=roles,
        deals=None if deals is None else _every(deals),
        visits=coverage.together,
        visits_url=shown.results_url_of("apr:team_visits", card.subject.pk),
        spread_visits=_spread(lines, coverage.together),
    )


def small_runs(lines: Iterable[Line], members: Sequence[MemberScore]) -> list[dict[str, Any]]:
    """The small multiples, in the order of the table; none where there is nothing to draw."""
    if not any(member.score.raw_points or member.score.target for member in members):
        return []
    names = names_among(members)
    return [
        {
            "name": names[line.user.pk],
            "run": Run(member.run.achieved, member.run.expected, member.score.target, member.run.away),
            "shown": number(member.score.counted_points),
            "status": member.score.status,
            "url": line.rows_url,
        }
        for line, member in zip(lines, members, strict=True)
        if member.run is not None and member.days
    ]


def common_target(card: TeamScorecard) -> Target | None:
    """The target that holds for each person of a team, where all have the same and the team has none."""
    every = {member.score.why.pk: member.score.why for member in card.members if member.score.why is not None}
    return next(iter(every.values())) if card.total.why is None and len(every) == 1 else None


def whose(roles: Collection[str]) -> str:
    """The hue of a chart of many people: theirs where all have one role, none where they are mixed."""
    return hue(roles) if len(roles) == 1 else ""


def _line(
    member: MemberScore,
    shown: Shown,
    deals: dict[int, OpenDeals] | None,
    coverage: Coverage,
    opened: str,
) -> Line:
    user = member.user
    is_open = opened == str(user.pk)
    query = shown.query.copy()
    query.pop("open", None)
    if not is_open:
        query["open"] = str(user.pk)
    carries = user.roles & CARRIERS
    return Line(
        user=user,
        note=membership_words(member, shown.period.dates),
        whose=hue(carries),
        score=member.score,
        rows_url=f"{reverse('apr:rows', args=[user.pk])}?{urlencode({'period': shown.period.key})}",
        numbers=numbers_of(member.results, carries, reverse("apr:deals", args=[user.pk])),
        deals=None if deals is None or not carries else deals.get(user.pk, OpenDeals()),
        visits=coverage.by_person.get(user.pk, Visits()) if carries else None,
        visits_url=shown.results_url_of("apr:visits", user.pk),
        is_open=is_open,
        toggle_url=f"?{query.urlencode()}#person-{user.pk}",
    )


def _every(deals: dict[int, OpenDeals]) -> OpenDeals:
    """The open deals of the team, each once."""
    return OpenDeals(list({one.deal.pk: one for own in deals.values() for one in own.deals}.values()))


def _spread(lines: Iterable[Line], together: Visits) -> Visits | None:
    """The visits added up by person, where that is not what the team has."""
    own = [line.visits for line in lines if line.visits is not None]
    by_person = Visits(sum(one.covered for one in own), sum(one.counted for one in own))
    return None if by_person == together else by_person


def _on_one_scale(lines: list[Line]) -> list[Line]:
    """The lines with one scale for each result, for those who have no target to be drawn against."""
    tops: dict[str, int] = defaultdict(int)
    for one in (one for line in lines for one in line.numbers):
        tops[one.metric] = max(tops[one.metric], one.measure.amount.minor)
    return [
        replace(line, numbers=[replace(one, top=tops[one.metric]) for one in line.numbers]) for line in lines
    ]


def _sum_by_person(of_team: Number, lines: Iterable[Line]) -> Money:
    minor = sum(
        one.measure.amount.minor for line in lines for one in line.numbers if one.metric == of_team.metric
    )
    return Money(minor, of_team.measure.amount.currency)


def _urls(subject: object) -> tuple[str, str]:
    """The pages of the rows and of the deals of a team, or of the organisation."""
    if isinstance(subject, Team):
        return reverse("apr:team_rows", args=[subject.pk]), reverse("apr:team_deals", args=[subject.pk])
    return reverse("apr:organisation_rows"), reverse("apr:organisation_deals")
