"""The figures of a set of deals: how many, worth what, weighted, quiet, over their days. One query."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case, Count, F, Q, QuerySet, Sum, Value, When

from foundation.money import Money
from opportunities.measures import Measures


@dataclass
class Tally:
    """Figures in the reporting currency. Deals whose currency has no rate are counted but not summed."""

    measures: Measures
    count: int = 0
    open: int = 0
    minor: int = 0
    weighted_minor: int = 0
    quiet: int = 0
    quiet_minor: int = 0
    over: int = 0
    quiet_and_over: int = 0
    unpriced: Counter[str] = field(default_factory=Counter)

    @property
    def amount(self) -> Money:
        """What the deals are worth together."""
        return self.measures.whole(self.minor)

    @property
    def weighted(self) -> Money:
        """The same, each by the probability of its stage."""
        return self.measures.whole(self.weighted_minor)

    @property
    def quiet_amount(self) -> Money:
        """What the quiet ones among them are worth."""
        return self.measures.whole(self.quiet_minor)

    @property
    def without_rate(self) -> int:
        """How many deals are left out of the sums."""
        return self.unpriced.total()

    @property
    def currencies_without_rate(self) -> str:
        """The currencies of those deals."""
        return ", ".join(sorted(self.unpriced))

    def add(self, other: "Tally") -> None:
        """Adds the figures of other deals."""
        self.count += other.count
        self.open += other.open
        self.minor += other.minor
        self.weighted_minor += other.weighted_minor
        self.quiet += other.quiet
        self.quiet_minor += other.quiet_minor
        self.over += other.over
        self.quiet_and_over += other.quiet_and_over
        self.unpriced.update(other.unpriced)


def tally_by_stage(deals: QuerySet[Any], measures: Measures, expected: set[int]) -> dict[int, Tally]:
    """The figures of each stage that has deals among `deals` (with_visit).

    Each amount is converted by itself and rounded once, so amounts of other currencies come one by one
    from the database, those of the reporting currency as sums.
    """
    tallies: dict[int, Tally] = {}
    for row in _groups(deals, measures, expected):
        tallies.setdefault(row["stage"], Tally(measures)).add(_tally_of(row, measures))
    return tallies


def _groups(deals: QuerySet[Any], measures: Measures, expected: set[int]) -> Iterator[dict[str, Any]]:
    is_own = When(currency=measures.currency, then=Value(None))
    rows = (
        deals.order_by()
        .annotate(
            each=Case(is_own, default=F("amount_minor")),
            day=Case(is_own, default=F("closed_on")),
            quiet=_flag(measures.is_quiet()),
            over=_flag(measures.is_over(expected)),
        )
        .values("stage", "stage__probability", "status", "currency", "each", "day", "quiet", "over")
        .annotate(count=Count("pk"), total=Sum("amount_minor"), weighted=Sum(WEIGHTED))
    )
    return iter(rows)


WEIGHTED = F("amount_minor") * F("stage__probability") / 100


def _flag(condition: Q) -> Case:
    return Case(When(condition, then=Value(1)), default=Value(0))


def _tally_of(row: dict[str, Any], measures: Measures) -> Tally:
    count, currency = row["count"], row["currency"]
    is_quiet, is_over = bool(row["quiet"]), bool(row["over"])
    tally = Tally(
        measures,
        count=count,
        open=count * (row["status"] == "open"),
        quiet=count * is_quiet,
        over=count * is_over,
        quiet_and_over=count * (is_quiet and is_over),
    )
    if currency == measures.currency:
        tally.minor, tally.weighted_minor = row["total"] or 0, row["weighted"] or 0
    elif row["each"] is not None:
        price = measures.priced(row["each"], currency, row["day"])
        weighted = measures.priced(row["each"] * row["stage__probability"] // 100, currency, row["day"])
        if price is None or weighted is None:
            tally.unpriced[currency] = count
        else:
            tally.minor, tally.weighted_minor = price * count, weighted * count
    tally.quiet_minor = tally.minor * is_quiet
    return tally


def total_of(tallies: dict[int, Tally], measures: Measures) -> Tally:
    """All stages together."""
    total = Tally(measures)
    for tally in tallies.values():
        total.add(tally)
    return total
