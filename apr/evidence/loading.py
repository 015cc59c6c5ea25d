"""From the database to the panel: deals by their steps, people by their assignments, and what they did."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from accounts.models import Membership, Organisation, Team
from apr.evidence.logit import Ints
from apr.evidence.panel import LAGS, NOBODY, Deeds, Flags, Panel, Rows, staying
from apr.evidence.spans import FOREVER, Weeks
from apr.models import Action
from foundation.dated import DateRange
from opportunities.models import Assignment, Capacity, Stage, StageChange

LONGEST = 156  # weeks: three years


@dataclass(frozen=True)
class Loaded:
    """A panel, and what its numbers stand for. Kinds are (action type, capacity)."""

    panel: Panel
    dates: DateRange
    kinds: list[tuple[int, str]]
    people: list[int]
    deals: list[int]

    def kinds_where(self, *, action_type: int | None = None, capacity: str = "") -> frozenset[int]:
        """The numbers of the kinds of one action type, or of one capacity."""
        return frozenset(
            place
            for place, (kind, hat) in enumerate(self.kinds)
            if action_type in (None, kind) and capacity in ("", hat)
        )

    def within(self, team: Team) -> "Loaded":
        """The weeks of deals whose owner or partner manager belonged to the team, or one below it, then."""
        inside = self._membership(team)
        rows = self.panel.rows
        which = inside[rows.owner, rows.week] | inside[rows.manager, rows.week]
        return Loaded(self.panel.only(which), self.dates, self.kinds, self.people, self.deals)

    def digest(self) -> str:
        """A hash of everything that the study reads."""
        sums = hashlib.sha256(repr((self.dates, self.kinds, self.people)).encode())
        rows, deeds = self.panel.rows, self.panel.deeds
        for array in [*vars(rows).values(), *vars(deeds).values()]:
            sums.update(np.ascontiguousarray(array).tobytes())
        return sums.hexdigest()

    def _membership(self, team: Team) -> Flags:
        """People × weeks; the last row, for nobody, is empty."""
        teams = Team.objects.with_below({team.pk})
        place = {pk: number for number, pk in enumerate(self.people)}
        spans = [
            (place[user], starts_on.toordinal(), ends_on.toordinal() if ends_on else FOREVER)
            for user, starts_on, ends_on in Membership.objects.filter(team__in=teams).values_list(
                "user", "starts_on", "ends_on"
            )
            if user in place
        ]
        inside = np.zeros((len(self.people) + 1, self.panel.weeks), dtype=bool)
        users, starts, ends = _columns(spans, 3)
        weeks = Weeks(self.dates.start.toordinal(), self.panel.weeks)
        span, week = weeks.spread(
            starts - 1, ends - 1
        )  # a membership holds from the morning of its first day
        inside[users[span], week] = True
        return inside


def load(today: date | None = None) -> Loaded:
    """The whole organisation, at most three years back, up to the last week that is over."""
    organisation = Organisation.current()
    day = today or organisation.today()
    dates = _history(day)
    weeks = Weeks(dates.start.toordinal(), ((dates.end or day) - dates.start).days // 7)
    deals, visits, forward = _visits()
    people, assigned = _assigned(deals, organisation.tzinfo)
    kinds, deeds = _deeds(deals, dates, weeks)
    rows = _rows(weeks, visits, forward, assigned)
    return Loaded(Panel(rows, deeds, weeks.count), dates, kinds, people, list(deals))


def _history(today: date) -> DateRange:
    """Whole weeks from the first step of any deal on, at most LONGEST, up to this week's Monday."""
    monday = today - timedelta(days=today.weekday())
    first = StageChange.objects.order_by("effective_on").values_list("effective_on", flat=True).first()
    earliest = monday - timedelta(weeks=LONGEST)
    start = max(earliest, first - timedelta(days=first.weekday())) if first else monday
    return DateRange(min(start, monday), monday)


def _columns(rows: Iterable[tuple[int, ...]], width: int) -> list[Ints]:
    return list(np.array(list(rows), dtype=np.int64).reshape(-1, width).T)


def _visits() -> tuple[dict[int, int], list[Ints], list[Ints]]:
    """Deals by number; visits to open stages (deal, stage, start, end, opened); forward steps (deal, day)."""
    positions = dict(Stage.objects.values_list("pk", "position"))
    deals: dict[int, int] = {}
    visits: list[tuple[int, ...]] = []
    forward: list[tuple[int, ...]] = []
    opened = since = stage = deal = -1
    steps = StageChange.objects.order_by("opportunity", "effective_at", "id").values_list(
        "opportunity", "effective_on", "to_stage", "to_kind"
    )
    for pk, on, to_stage, kind in steps.iterator(10_000):
        day = on.toordinal()
        if pk not in deals:
            if stage >= 0:
                visits.append((deal, stage, since, FOREVER, opened))
            deal = deals[pk] = len(deals)
            opened, stage = day, -1
        if stage >= 0:
            visits.append((deal, stage, since, day, opened))
            if kind == "won" or (kind == "open" and positions[to_stage] > positions[stage]):
                forward.append((deal, day))
        stage, since = (to_stage, day) if kind == "open" else (-1, day)
    if stage >= 0:
        visits.append((deal, stage, since, FOREVER, opened))
    return deals, _columns(visits, 5), _columns(forward, 2)


def _assigned(deals: dict[int, int], zone: ZoneInfo) -> tuple[list[int], dict[str, list[Ints]]]:
    """People by number, and for each capacity who was on which deal: (deal, person, start, end)."""

    def day(moment: datetime | None) -> int:
        return moment.astimezone(zone).date().toordinal() if moment else FOREVER

    people: dict[int, int] = {}
    spans: dict[str, list[tuple[int, ...]]] = {capacity: [] for capacity in Capacity.values}
    rows = Assignment.objects.order_by("starts_at", "pk").values_list(
        "opportunity", "user", "capacity", "starts_at", "ends_at"
    )
    for deal, user, capacity, starts_at, ends_at in rows.iterator(10_000):
        if deal in deals:
            person = people.setdefault(user, len(people))
            spans[capacity].append((deals[deal], person, day(starts_at), day(ends_at)))
    return list(people), {capacity: _columns(found, 4) for capacity, found in spans.items()}


def _deeds(deals: dict[int, int], dates: DateRange, weeks: Weeks) -> tuple[list[tuple[int, str]], Deeds]:
    """Actions on deals that count, also in the weeks just outside the history."""
    kinds: dict[tuple[int, str], int] = {}
    around = timedelta(weeks=max(LAGS))
    found = (
        Action.objects.that_count()
        .filter(opportunity__isnull=False, occurred_on__gte=dates.start - around)
        .order_by("action_type", "capacity", "opportunity", "occurred_on")
        .values_list("opportunity", "occurred_on", "action_type", "capacity")
    )
    rows = [
        (deals[deal], on.toordinal(), kinds.setdefault((kind, capacity), len(kinds)))
        for deal, on, kind, capacity in found.iterator(10_000)
        if deal in deals and (dates.end is None or on < dates.end + around)
    ]
    deal, days, kind = _columns(rows, 3)
    return list(kinds), Deeds(deal, weeks.of(days), kind)


def _rows(weeks: Weeks, visits: list[Ints], forward: list[Ints], assigned: dict[str, list[Ints]]) -> Rows:
    """A row per deal and week at whose beginning it was open."""
    deal, stage, since, until, opened = visits
    place, week = weeks.spread(since, until)
    order = np.lexsort((week, deal[place]))
    place, week = place[order], week[order]
    monday = weeks.first + 7 * week
    keys = deal[place] * weeks.count + week

    def placed(deals: Ints, at: Ints) -> tuple[Ints, Flags]:
        """Where these deals and weeks stand among the rows, and which of them do."""
        wanted = deals * weeks.count + at
        found = np.minimum(np.searchsorted(keys, wanted), max(len(keys) - 1, 0))
        return found, (at >= 0) & (at < weeks.count) & (keys[found] == wanted if len(keys) else wanted < 0)

    advanced = np.zeros(len(keys), dtype=bool)
    found, hit = placed(forward[0], weeks.of(forward[1]))
    advanced[found[hit]] = True

    def who(capacity: str) -> Ints:
        on, person, starts, ends = assigned[capacity]
        people = np.full(len(keys), NOBODY)
        span, at = weeks.spread(starts, ends)
        found, hit = placed(on[span], at)
        people[found[hit]] = person[span][hit]
        return people

    return Rows(
        deal=deal[place],
        week=week,
        owner=who(Capacity.ACCOUNT_EXECUTIVE),
        manager=who(Capacity.PARTNER_MANAGER),
        stage=stage[place],
        weeks_in_stage=(monday - since[place]) // 7,
        weeks_open=(monday - opened[place]) // 7,
        advanced=advanced,
        stays=staying(deal[place], week),
    )
