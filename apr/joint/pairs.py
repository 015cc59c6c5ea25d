"""All pairs of a team or of the organisation in a period, in as many queries for five hundred as for one."""

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from django.db.models import Sum

from accounts.models import Organisation, User
from apr.joint.coaching import Coaching
from apr.joint.facts import Pair
from apr.joint.figures import SIDES, Key
from apr.joint.seen import readable_people
from apr.joint.store import are_kept, facts_in, window_of
from apr.joint.weights import weights
from apr.models import Action, CoachingTally
from apr.periods import Period
from apr.rollup.pending import Pending, pending
from apr.rollup.recompute import on_days, within
from apr.rollup.snapshot import reading
from apr.rollup.tallies import coached
from apr.scorecards.expectations import Frame
from apr.scoring import Component, joint_score, side_score
from foundation.dated import DateRange
from opportunities.models import Capacity


@dataclass(frozen=True)
class PairStanding:
    """A pair in a period, without the rows. `components` are the ten, in the order of the scorecard."""

    pm: User
    ae: User
    shared: int
    won: int
    lost: int
    components: dict[Key, Component]

    @property
    def pm_score(self) -> Fraction | None:
        """What the partner manager does of what is owed, 0 to 100; None is "too little to judge"."""
        return side_score(self.components[key] for key in SIDES[Capacity.PARTNER_MANAGER])

    @property
    def ae_score(self) -> Fraction | None:
        """The same of the account executive."""
        return side_score(self.components[key] for key in SIDES[Capacity.ACCOUNT_EXECUTIVE])

    @property
    def score(self) -> Decimal | None:
        """Joint accountability, to four decimals."""
        return joint_score(self.pm_score, self.ae_score)


@reading()
def pairs_of(
    period: Period, *, viewer: User | None, people: Collection[int] | None = None, today: date | None = None
) -> list[PairStanding]:
    """The pairs that `viewer` (None: whoever) may read, by the names of the partner manager and the other.

    A pair shares a deal in the period, or one of them brought one to the other. `people` leaves those in
    which one of the two is among them, such as the members of a team of either reporting line.
    """
    organisation = Organisation.current()
    readable = readable_people(viewer, period)
    marks, window = pending(None, period.dates), window_of(period, organisation, today)
    facts = facts_in(window, trust_nothing=marks.every_joint or not are_kept(period, organisation))
    wanted = {
        pair: counts
        for pair, counts in facts.items()
        if (counts["shared"] or counts[f"{Key.FOLLOW_THROUGH}_counted"])
        and (readable is None or readable & set(pair))
        and (people is None or not set(people).isdisjoint(pair))
    }
    users = User.objects.in_bulk({pk for pair in wanted for pk in pair})
    partners: dict[int, int] = Counter(pm for (pm, _ae), counts in facts.items() if counts["shared"])
    frame = Frame(organisation, period, {pm for pm, _ae in wanted}, judged_on=today)
    sessions, coaching = _coached(period, window.today, marks), Coaching()
    standings, weighed = [], weights()
    for pair, counts in wanted.items():
        expected = coaching.expected(frame, pair[0], partners[pair[0]] if counts["shared"] else 0)
        ratios: dict[Key, tuple[int, int | Fraction]] = {
            key: (counts[f"{key}_done"], counts[f"{key}_counted"]) for key in Key
        }
        ratios[Key.COACHING] = sessions[pair], expected
        standings.append(
            PairStanding(
                pm=users[pair[0]],
                ae=users[pair[1]],
                shared=counts["shared"],
                won=counts["won"],
                lost=counts["lost"],
                components={key: Component(key, *ratio, weighed[key]) for key, ratio in ratios.items()},
            )
        )
    return sorted(standings, key=lambda one: (one.pm.name, one.ae.name, one.pm.pk, one.ae.pk))


def _coached(period: Period, today: date, marks: Pending) -> dict[Pair, int]:
    """Coaching sessions of the period so far, by coach and by who was coached: stored, live where marked."""
    until = min(period.end, today + timedelta(days=1))
    if until <= period.start:
        return defaultdict(int)
    days = DateRange(period.start, until)
    tallies = CoachingTally.objects.filter(within(days, "day"))
    actions = Action.objects.filter(within(days, "occurred_on"))
    found: dict[Pair, int] = defaultdict(int)
    if marks.days and not marks.every_day:
        tallies = tallies.exclude(on_days(marks.days, "user", "day"))
        actions = actions.filter(on_days(marks.days, "actor", "occurred_on"))
    if marks.days or marks.every_day:
        for coach, _day, colleague, count in coached(actions):
            found[coach, colleague] += count
    if not marks.every_day:
        sums = tallies.order_by().values_list("user_id", "counterpart_id").annotate(total=Sum("count"))
        for coach, colleague, count in sums:
            found[coach, colleague] += count
    return found
