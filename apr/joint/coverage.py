"""Involvement of people in a period: the visits of their joint scorecards, added up over whom they work with.

A person's visits are those of the deals that they share with anybody, on whichever side. So a visit stands
with both of a pair, and once in any total above: for a team, the pairs of its people.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from accounts.models import Organisation, User
from apr.joint import rows
from apr.joint.facts import Pair
from apr.joint.rows import Row, Shared, State, Window
from apr.joint.store import are_kept, stored, to_reckon, window_of
from apr.joint.stories import CHUNK, accompanied
from apr.models import StaleWide
from apr.periods import Period
from apr.rollup.pending import EVERY_JOINT
from apr.rollup.snapshot import reading
from opportunities.models import Assignment, Opportunity


class Visits(NamedTuple):
    """How many visits had an action of a partner manager, of how many that count."""

    covered: int = 0
    counted: int = 0

    @property
    def uncovered(self) -> int:
        """Those without."""
        return self.counted - self.covered


@dataclass(frozen=True)
class Coverage:
    """The visits of each person, and those of all of them, each once."""

    by_person: dict[int, Visits]
    together: Visits


@dataclass(frozen=True)
class VisitRow:
    """A visit with the deal, and the two whose it is."""

    row: Row
    deal: Opportunity
    pm: User
    ae: User


@reading()
def coverage_of(people: Collection[int], period: Period) -> Coverage:
    """Involvement of these people in a period, from what is stored of pairs, live where that is out of date.

    Three queries, and five for each 500 deals of theirs that are stale.
    """
    organisation = Organisation.current()
    window = window_of(period, organisation)
    trust_nothing = not are_kept(period, organisation) or _all_are_stale()
    pairs: dict[Pair, list[int]] = defaultdict(lambda: [0, 0])
    if not trust_nothing:
        of_them = stored(window).filter(Q(pm__in=people) | Q(ae__in=people)).order_by()
        sums = of_them.values_list("pm_id", "ae_id").annotate(
            done=Sum("involvement_done"), counted=Sum("involvement_counted")
        )
        pairs.update({(pm, ae): [done, counted] for pm, ae, done, counted in sums})
    for one, row in _live(to_reckon(window, trust_nothing=trust_nothing), people, window):
        counts = pairs[one.pm_id, one.ae_id]
        counts[0] += row.state == State.DONE
        counts[1] += 1
    by_person = {
        person: _sum(counts for pair, counts in pairs.items() if person in pair) for person in set(people)
    }
    return Coverage(by_person, _sum(pairs.values()))


@reading()
def visits_behind(people: Collection[int], period: Period) -> list[VisitRow]:
    """The rows of these figures: deals by name, the visits of each in order. Six queries."""
    organisation = Organisation.current()
    window = window_of(period, organisation)
    found = list(_live(to_reckon(window, trust_nothing=True), people, window))
    users = User.objects.in_bulk({pk for one, _row in found for pk in (one.pm_id, one.ae_id)})
    lines = [VisitRow(row, one.story.deal, users[one.pm_id], users[one.ae_id]) for one, row in found]
    return sorted(lines, key=lambda line: (line.deal.name, line.deal.pk))


def _live(
    deals: QuerySet[Opportunity], people: Collection[int], window: Window
) -> Iterator[tuple[Shared, Row]]:
    """The visits on those of the deals that one of these people shares with somebody in the period."""
    theirs = Assignment.objects.filter(opportunity=OuterRef("pk"), user__in=people)
    ids = list(deals.filter(Exists(theirs)).values_list("pk", flat=True))
    for at in range(0, len(ids), CHUNK):
        for story in accompanied(Opportunity.objects.filter(pk__in=ids[at : at + CHUNK])):
            one = rows.shared(story, window)
            if one is not None and not {one.pm_id, one.ae_id}.isdisjoint(people):
                yield from ((one, row) for row in rows.involvement(one, window))


def _all_are_stale() -> bool:
    return StaleWide.objects.filter(reason__in=EVERY_JOINT).exists()


def _sum(counts: Iterable[list[int]]) -> Visits:
    both = list(counts)
    return Visits(sum(done for done, _all in both), sum(every for _done, every in both))
