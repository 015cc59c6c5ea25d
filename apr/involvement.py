"""Involvement until the ink: when a deal saw its partner manager, how long it did not, in which visits."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

from django.db.models import Case, Exists, Max, OuterRef, Q, Value, When

from accounts.calendar import WorkingCalendar
from apr.models import Action, ActionCapacity
from opportunities.models import Assignment, Capacity
from opportunities.visits import Visit, open_spans

AT_THE_INK = timedelta(days=14)  # the last days before the close, in which a partner manager should act


@dataclass(frozen=True)
class LastActions:
    """The dates of the last actions on a deal: of a partner manager, and of anybody."""

    by_partner_manager: date | None = None
    by_anybody: date | None = None


NEVER = LastActions()


def of_partner_managers() -> Q:
    """Actions that involve a partner manager: done as one, or coaching by the one assigned to the deal."""
    assigned = Assignment.objects.filter(
        opportunity=OuterRef("opportunity"), user=OuterRef("actor"), capacity=Capacity.PARTNER_MANAGER
    )
    coached = Q(Exists(assigned), capacity=ActionCapacity.COACH)
    return Q(capacity=ActionCapacity.PARTNER_MANAGER) | coached


def seen_since(day: date) -> Q:
    """The condition on deals that a partner manager did something on them on `day` or later."""
    standing = Action.objects.standing().filter(opportunity=OuterRef("pk"), occurred_on__gte=day)
    return Q(Exists(standing.filter(of_partner_managers())))


def last_actions(deal_ids: Iterable[int]) -> dict[int, LastActions]:
    """The last standing actions of each deal; deals without any are left out. One query."""
    rows = (
        Action.objects.standing()
        .filter(opportunity__in=deal_ids)
        .order_by()
        .values("opportunity")
        .annotate(by_pm=Max("occurred_on", filter=of_partner_managers()), by_anybody=Max("occurred_on"))
    )
    return {row["opportunity"]: LastActions(row["by_pm"], row["by_anybody"]) for row in rows}


def silence(last: date | None, since: date, today: date, calendar: WorkingCalendar) -> int:
    """Whole working days without an action: after `last` until yesterday. The day of the action and today are
    not silent. `since` is when the deal was opened, or re-opened: without an action since, it is silent from
    that day on."""
    first = since if last is None or last < since else last + timedelta(days=1)
    return calendar.working_days(first, today)


# --- until the ink: visits, silence and the last days (scoring.md) -------------------------------------

SHORTEST = 3  # a visit of fewer working days is left out unless it is covered


@dataclass(frozen=True)
class Deed:
    """An action on a deal, as the measures of involvement see it."""

    occurred_at: datetime
    occurred_on: date
    is_pm: bool
    is_ae: bool
    actor_id: int | None = None


@dataclass(frozen=True)
class Silence:
    """A stretch of an open deal without its partner manager, in whole working days.

    `after` is the day of the action before it, None at the opening; `until` is the day that ended it: of an
    action, of the close, or today where `runs`. Neither day is silent itself.
    """

    after: date | None
    since: date
    until: date
    days: int
    runs: bool


@dataclass(frozen=True)
class VisitCover:
    """A stage visit with its working days and the actions in it."""

    visit: Visit
    days: int
    over: int
    pm_actions: int
    ae_actions: int

    @property
    def is_covered(self) -> bool:
        """Whether a partner manager did something during the visit."""
        return self.pm_actions > 0

    @property
    def is_counted(self) -> bool:
        """Whether the visit is long enough to be judged, or covered anyway."""
        return self.is_covered or self.days >= SHORTEST


@dataclass(frozen=True)
class Involvement:
    """How a deal was accompanied. `silent_now` and `longest_silence` are working days without a partner
    manager; `silent_now` is None once the deal is closed. `silences` are all such stretches, in order.
    `ink_on` is the close, expected while it is open.
    """

    visits: list[VisitCover]
    last_pm_on: date | None
    silent_now: int | None
    silences: list[Silence]
    ink_on: date | None
    at_the_ink: int

    @property
    def longest_silence(self) -> int:
        """Working days of the longest stretch without a partner manager."""
        return max((silent.days for silent in self.silences), default=0)

    @property
    def open_since(self) -> date | None:
        """The day on which the deal was opened, or re-opened; None once it is closed."""
        spans = open_spans([cover.visit for cover in self.visits])
        return spans[-1][0] if spans and spans[-1][1] is None else None

    @property
    def counted(self) -> int:
        """Visits that are judged."""
        return sum(cover.is_counted for cover in self.visits)

    @property
    def covered(self) -> int:
        """Visits with an action of a partner manager."""
        return sum(cover.is_covered for cover in self.visits)

    @property
    def coverage(self) -> Fraction | None:
        """Covered / counted visits; None where none is judged yet."""
        return Fraction(self.covered, self.counted) if self.counted else None

    @property
    def silence_runs(self) -> bool:
        """Whether the longest silence is the one that still lasts."""
        return self.silent_now is not None and 0 < self.longest_silence == self.silent_now


def involvement_of(
    visits: Sequence[Visit],
    deeds: Sequence[Deed],
    *,
    calendar: WorkingCalendar,
    today: date,
    closed_on: date | None = None,
    expected_close_on: date | None = None,
) -> Involvement:
    """The measures of one deal from its visits and its standing actions."""
    pm_days = sorted({deed.occurred_on for deed in deeds if deed.is_pm})
    spans = open_spans(visits)
    ink_on = closed_on or expected_close_on
    silences = [one for span in spans for one in silences_in(span, pm_days, calendar, today)]
    return Involvement(
        visits=[_cover(visit, deeds, calendar, today) for visit in visits],
        last_pm_on=pm_days[-1] if pm_days else None,
        silent_now=silences[-1].days if silences and silences[-1].runs else None,
        silences=silences,
        ink_on=ink_on,
        at_the_ink=sum(is_at_the_ink(deed.occurred_on, ink_on) for deed in deeds if deed.is_pm),
    )


def _cover(visit: Visit, deeds: Sequence[Deed], calendar: WorkingCalendar, today: date) -> VisitCover:
    within = [deed for deed in deeds if visit.contains(deed.occurred_at)]
    return VisitCover(
        visit=visit,
        days=visit.working_days(calendar, today),
        over=visit.days_over(calendar, today),
        pm_actions=sum(deed.is_pm for deed in within),
        ae_actions=sum(deed.is_ae for deed in within),
    )


def silences_in(
    span: tuple[date, date | None], days: Iterable[date], calendar: WorkingCalendar, today: date
) -> list[Silence]:
    """The stretches between the actions while a deal was open: before the first one, between each two, and
    after the last one, until the close or through yesterday."""
    start, end = span[0], span[1] or today
    acted: list[date | None] = [day for day in sorted(set(days)) if start <= day <= end]
    stretches = zip([None, *acted], [*acted, None], strict=True)
    return [
        Silence(
            after=before,
            since=start if before is None else before,
            until=after or end,
            days=silence(before, start, after or end, calendar),
            runs=after is None and span[1] is None,
        )
        for before, after in stretches
    ]


def is_at_the_ink(day: date, ink_on: date | None) -> bool:
    """Whether a day is one of the 14 up to and including the close."""
    return ink_on is not None and ink_on - AT_THE_INK < day <= ink_on


def deeds_of(deal_ids: Iterable[int]) -> dict[int, list[Deed]]:
    """The standing actions of each deal, in order; deals without any are left out. One query."""
    rows = (
        Action.objects.standing()
        .filter(opportunity__in=deal_ids)
        .order_by("occurred_at", "id")
        .annotate(is_pm=Case(When(of_partner_managers(), then=Value(1)), default=Value(0)))
        .values_list("opportunity", "occurred_at", "occurred_on", "capacity", "is_pm", "actor")
    )
    deeds: dict[int, list[Deed]] = defaultdict(list)
    for deal_id, occurred_at, occurred_on, capacity, is_pm, actor_id in rows:
        is_ae = capacity == ActionCapacity.ACCOUNT_EXECUTIVE
        deeds[deal_id].append(Deed(occurred_at, occurred_on, bool(is_pm), is_ae, actor_id))
    return dict(deeds)
