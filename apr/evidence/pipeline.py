"""The pipeline of a quarter from the database: the steps that a forecast reads, and what stands beside it.

Of a step it matters when it took effect and when it was recorded: a backtest reads only what was known then.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from accounts.models import Membership, Organisation, Team
from accounts.rates import Rates
from apr.evidence.forecast import NONE, STEPS, Steps
from apr.periods import Period, PeriodKind, period_containing, periods_between
from opportunities.measures import Measures
from opportunities.models import ForecastCategory, Opportunity, Stage, StageChange

DAYS = 7


@dataclass(frozen=True)
class Pipeline:
    """Steps on the grid of the organisation's quarters; `quarter` is the number of the current one."""

    steps: Steps
    quarters: Sequence[Period]
    first: int
    elapsed: int
    part: float
    unpriced: int

    @property
    def quarter(self) -> int:
        return len(self.quarters) - 1

    @property
    def period(self) -> Period:
        return self.quarters[-1]


def deals_of(team: Team | None) -> QuerySet[Opportunity]:
    """Deals whose owner or partner manager belongs to the team, or below it, today; all without a team."""
    deals: QuerySet[Opportunity] = Opportunity.objects.all()
    if team is None:
        return deals
    today = Organisation.current().today()
    there = Membership.objects.on(today).filter(
        Q(user=OuterRef("owner")) | Q(user=OuterRef("partner_manager")),
        team__in=Team.objects.with_below({team.pk}),
    )
    return deals.filter(Exists(there))


def load_pipeline(team: Team | None, today: date) -> Pipeline | None:
    """All steps of these deals, in the reporting currency by the rate of the day; None without any."""
    organisation = Organisation.current()
    changes = StageChange.objects.order_by("opportunity", "effective_at", "id")
    if team is not None:
        changes = changes.filter(opportunity__in=deals_of(team).order_by().values("pk"))
    earliest = changes.order_by("effective_on").values_list("effective_on", flat=True).first()
    if earliest is None or earliest > today:
        return None
    month = organisation.fiscal_first_month
    now = period_containing(today, PeriodKind.QUARTER, month)
    quarters = periods_between(earliest, now.end, PeriodKind.QUARTER, month)
    grid = _Grid(quarters, organisation.tzinfo)
    steps, unpriced = _priced(changes, grid, Rates(organisation.reporting_currency))
    elapsed, days = divmod((today - now.start).days, DAYS)
    if elapsed >= STEPS:
        elapsed, days = STEPS - 1, DAYS - 1
    # The quarter in which somebody began to record is known in part only, those before it from hearsay.
    first = int(steps.known.min()) // STEPS + 1
    return Pipeline(steps, quarters, first, elapsed, days / DAYS, unpriced)


@dataclass(frozen=True)
class _Grid:
    """Days as steps of quarters; what lies before the first day is in step 0."""

    quarters: Sequence[Period]
    zone: ZoneInfo

    def steps(self, days: list[date]) -> np.ndarray:
        starts = np.array([one.start.toordinal() for one in self.quarters])
        ordinals = np.array([day.toordinal() for day in days], dtype=np.int64)
        place = np.maximum(np.searchsorted(starts, ordinals, side="right") - 1, 0)
        within = np.clip((ordinals - starts[place]) // DAYS, 0, STEPS - 1)
        return np.asarray(place * STEPS + within, dtype=np.int64)

    def day(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()


def _priced(changes: QuerySet[StageChange], grid: _Grid, rates: Rates) -> tuple[Steps, int]:
    """The steps as arrays, and how many have an amount but no rate (they count nothing)."""
    order = Stage.objects.filter(kind="open").order_by("position", "pk").values_list("pk", flat=True)
    places = {pk: place for place, pk in enumerate(order)}
    ends = {"won": len(places), "lost": len(places) + 1}
    end = grid.quarters[-1].end
    deals: dict[int, int] = {}
    rows, effective, recorded, closes, unpriced = [], [], [], [], 0
    columns = changes.values_list(
        "opportunity", "effective_on", "recorded_at", "to_stage", "to_kind", "amount_minor", "currency",
        "probability", "expected_close_on",
    )  # fmt: skip
    for deal, on, known, stage, kind, minor, currency, probability, close in columns.iterator(10_000):
        price = rates.price(minor, currency, on) if minor else 0
        unpriced += price is None
        rows.append(
            (
                deals.setdefault(deal, len(deals)),
                ends.get(kind, places.get(stage, 0)),
                price or 0,
                probability,
            )
        )
        effective.append(on)
        recorded.append(max(grid.day(known), on))
        closes.append(close)
    numbers, to, amount, chance = (np.array(column) for column in zip(*rows, strict=True))
    first = grid.quarters[0].start
    expected = grid.steps([close or first for close in closes]) // STEPS
    is_near = np.array([close is not None and first <= close < end for close in closes])
    return (
        Steps(
            stages=len(places),
            deal=numbers,
            at=grid.steps(effective),
            known=grid.steps(recorded),
            to=to,
            amount=amount.astype(float),
            chance=chance / 100,
            closes=np.where(is_near, expected, NONE),
        ),
        unpriced,
    )


CATEGORIES = (ForecastCategory.COMMIT, ForecastCategory.BEST_CASE, ForecastCategory.PIPELINE)


def expected_in(deals: QuerySet[Opportunity], period: Period) -> dict[str, QuerySet[Opportunity]]:
    """Open deals expected to close in the period, by the forecast category of their stage; and those won."""
    due = deals.filter(status="open", expected_close_on__gte=period.start, expected_close_on__lt=period.end)
    found = {str(category): due.filter(stage__forecast_category=category) for category in CATEGORIES}
    won = deals.filter(status="won", closed_on__gte=period.start, closed_on__lt=period.end)
    return {"won": won, **found}


@dataclass(frozen=True)
class Change:
    """A deal whose pipeline changed since a day, with its amount before and now in the reporting currency."""

    kind: str
    deal: Opportunity
    before: int | None
    now: int | None


KINDS = ("won", "lost", "added", "progressed", "pushed", "shrunk")


def changes_since(deals: QuerySet[Opportunity], since: date, measures: Measures) -> dict[str, list[Change]]:
    """What happened to the pipeline since the morning of a day: each deal under each word that fits it.

    Won, lost, and added are told once and nothing else of that deal; an open deal may have progressed, been
    pushed (its close is later) and shrunk. Before is the last step that was known then.
    """
    morning = datetime.combine(since, datetime.min.time(), measures.organisation.tzinfo)
    steps = StageChange.objects.filter(opportunity=OuterRef("pk"), effective_at__lt=morning)
    last = steps.filter(recorded_at__lt=morning).order_by("-effective_at", "-id")
    touched = deals.filter(Q(status="open") | Q(closed_on__gte=since)).annotate(
        **{f"was_{name}": _first(last, name) for name in ("amount_minor", "expected_close_on", "to_kind")},
        was_position=_first(last, "to_stage__position"),
    )
    found: dict[str, list[Change]] = {kind: [] for kind in KINDS}
    for deal in touched.select_related("customer", "stage", "owner", "partner_manager").order_by("pk"):
        before, now = (
            None if minor is None else measures.priced(minor, deal.currency, deal.closed_on)
            for minor in (deal.was_amount_minor, deal.amount_minor)  # type: ignore[attr-defined]
        )
        for kind in _kinds(deal):
            found[kind].append(Change(kind, deal, before, now))
    return found


def _first(steps: QuerySet[StageChange], name: str) -> Subquery:
    return Subquery(steps.values(name)[:1])


def _kinds(deal: Opportunity) -> Iterable[str]:
    was_kind, was_position = deal.was_to_kind, deal.was_position  # type: ignore[attr-defined]
    was_amount, was_close = deal.was_amount_minor, deal.was_expected_close_on  # type: ignore[attr-defined]
    if deal.status != "open":
        if was_kind in (None, "open"):
            yield deal.status
        return
    if was_kind != "open":
        yield "added"
        return
    if deal.stage.position > was_position:
        yield "progressed"
    if was_close and deal.expected_close_on and deal.expected_close_on > was_close:
        yield "pushed"
    if was_amount is not None and (deal.amount_minor or 0) < was_amount:
        yield "shrunk"
