"""Attainment by quartile of the APR of the month before: does who did more then reach more now?

Each person is compared with those who carry the same kind of number in the same month, by the counted points
of the month before. So neither a strong month nor a role makes the difference.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import numpy as np

from accounts.models import Membership, Organisation, Team
from apr.evidence.comparisons import Compared
from apr.evidence.means import clustered_gap, clustered_mean
from apr.evidence.proportions import SHOWN_FROM
from apr.periods import Period, PeriodKind, periods_between
from apr.scorecards import MemberScore, Results, organisation_scorecard
from foundation.dated import DateRange

QUARTILES = ("first", "second", "third", "fourth")  # from the fewest points to the most
PEOPLE = 5  # behind a mean, at least
PEERS = 4  # to be divided in four


@dataclass(frozen=True)
class PersonMonth:
    """What somebody attained of their number in a month, and their points of the month before.

    `since` is the first day of the month before, `until` the last of this one, `kind` what the number is of.
    """

    user_id: int
    month: str
    since: date
    until: date
    points: int
    attained: float
    kind: tuple[str, ...]


def person_months(dates: DateRange) -> list[PersonMonth]:
    """Whoever had a number in a month of these dates and in the one before it, by month, then from A to Z."""
    end = dates.end or dates.start
    months = periods_between(dates.start, end, PeriodKind.MONTH, Organisation.current().fiscal_first_month)
    whole = [month for month in months if dates.start <= month.start and month.end <= end]
    found = []
    for (before, then), (month, now) in pairwise((month, _cards(month)) for month in whole):
        for pk, member in now.items():
            kind, attained = _attained(member.results)
            if kind and pk in then and _attained(then[pk].results)[0]:
                points, last = then[pk].score.counted_points, month.end - timedelta(days=1)
                found.append(PersonMonth(pk, month.key, before.start, last, points, attained, kind))
    return found


def quartiles(team: Team | None, months: Sequence[PersonMonth]) -> Compared:
    """Mean attainment of each quartile with its interval, and the people × months behind it.

    Of a team those who belonged to it, or below it, on every day of both months.
    """
    seen = months if team is None else list(_of_team(team, months))
    chosen: dict[str, list[PersonMonth]] = {name: [] for name in QUARTILES}
    for one, place in _placed(seen):
        chosen[QUARTILES[place]].append(one)
    groups = [_Group(rows) for rows in chosen.values()]
    is_shown = all(group.is_shown for group in groups)
    figures: dict[str, object] = {"key": "quartiles", "kind": "attainment", "is_shown": is_shown}
    for name, group in zip(QUARTILES, groups, strict=True):
        figures[name] = group.figures(is_shown=is_shown)
    if is_shown:
        top, bottom = groups[-1], groups[0]
        gap = clustered_gap(top.values, top.people, bottom.values, bottom.people)
        figures["gap"] = (gap.value, gap.low, gap.high)
    rows = {
        f"quartiles.{name}": [[one.user_id, one.month, one.points, round(one.attained, 6)] for one in found]
        for name, found in chosen.items()
    }
    return Compared(figures, rows)


class _Group:
    """The people × months of a quartile, as numbers."""

    def __init__(self, rows: Sequence[PersonMonth]) -> None:
        self.values = np.array([one.attained for one in rows], dtype=float)
        self.people = np.array([one.user_id for one in rows], dtype=np.int64)
        self.count = len(np.unique(self.people))

    @property
    def is_shown(self) -> bool:
        return len(self.values) >= SHOWN_FROM and self.count >= PEOPLE

    def figures(self, *, is_shown: bool) -> dict[str, object]:
        found: dict[str, object] = {"whole": len(self.values), "people": self.count}
        if is_shown:
            mean = clustered_mean(self.values, self.people)
            found |= {"mean": mean.value, "low": max(mean.low, 0.0), "high": mean.high}
        return found


def _cards(month: Period) -> dict[int, MemberScore]:
    return {member.user.pk: member for member in organisation_scorecard(month).members}


def _attained(results: Results) -> tuple[tuple[str, ...], float]:
    """Which amounts a person has targets for, and what part of them together was reached.

    Where money is left out for want of a rate, nothing is said.
    """
    if results.missing_rates:
        return (), 0.0
    measures = {"won": results.won, "sourced": results.sourced_won, "influenced": results.influenced_won}
    carried = {name: one for name, one in measures.items() if one.target}
    wanted = sum(one.target for one in carried.values() if one.target)
    reached = sum(one.amount.minor for one in carried.values())
    return tuple(carried), float(reached / wanted) if wanted else 0.0


def _of_team(team: Team, months: Iterable[PersonMonth]) -> Iterator[PersonMonth]:
    stays: dict[int, list[DateRange]] = defaultdict(list)
    belonged = Membership.objects.filter(team__in=Team.objects.with_below({team.pk})).order_by("starts_on")
    for user, starts_on, ends_on in belonged.values_list("user", "starts_on", "ends_on"):
        stays[user].append(DateRange(starts_on, ends_on))
    return (one for one in months if _covered(stays[one.user_id], one.since, one.until))


def _covered(stays: Iterable[DateRange], day: date, last: date) -> bool:
    """Whether the stays, in order, hold every day from the one to the other."""
    for stay in stays:
        if stay.contains(last) and stay.start <= day:
            return True
        if stay.contains(day) and stay.end is not None:
            day = stay.end
    return False


def _placed(seen: Iterable[PersonMonth]) -> Iterator[tuple[PersonMonth, int]]:
    """Each with their quartile, 0 to 3, among those of the same quarter and kind of number; in their order.

    Who has the same points stands in the same quartile. Where too few are there, or all have the same, nobody
    is placed.
    """
    listed = list(seen)
    peers: dict[tuple[str, tuple[str, ...]], list[int]] = defaultdict(list)
    for one in listed:
        peers[one.month, one.kind].append(one.points)
    for one in listed:
        points = peers[one.month, one.kind]
        if len(points) >= PEERS and len(set(points)) > 1:
            fewer, same = sum(other < one.points for other in points), points.count(one.points)
            yield one, (4 * fewer + 2 * same) // len(points)
