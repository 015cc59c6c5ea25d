"""A deal as list and board show it: the row with what is counted from it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from opportunities.measures import Measures
from opportunities.models import InvolvementKind, Opportunity


@dataclass(frozen=True)
class DealLine:
    """One deal with its working days in the stage; `scale` is that of all bars beside it."""

    deal: Any
    days: int
    today: date
    scale: int = 0

    @property
    def expected(self) -> int | None:
        """Working days that the deal should stay in its stage at most."""
        expected: int | None = self.deal.expected_days
        return expected

    @property
    def over(self) -> int:
        """Working days beyond the expected ones; 0 for closed deals and where nothing is expected."""
        if not self.deal.is_open or self.expected is None:
            return 0
        return max(self.days - self.expected, 0)

    @property
    def partner_kind(self) -> str:
        """What the partner does for the deal, in words."""
        kind = self.deal.partner_kind
        return str(InvolvementKind(kind).label) if kind else ""

    @property
    def is_late(self) -> bool:
        """Whether the deal should have closed by now."""
        deal: Opportunity = self.deal
        return deal.is_overdue(self.today)

    @property
    def step_is_late(self) -> bool:
        """Whether the next step is past its day."""
        due = self.deal.next_step_due_on
        return due is not None and due < self.today


def with_line(deals: Any) -> QuerySet[Any]:
    """The deals with everything that `DealLine` reads."""
    annotated = deals.with_visit().with_open_since().with_partner().with_next_step()
    rows: QuerySet[Any] = annotated.select_related("stage", "customer", "owner", "partner_manager")
    return rows


def deal_lines(deals: Any, measures: Measures) -> list[DealLine]:
    """A line for each deal of a queryset (or a page of one), in their order. One query."""
    rows = list(with_line(deals))
    days = {deal.pk: measures.days_in_stage(deal) for deal in rows}
    scale = _scale(rows, days)
    return [DealLine(deal, days[deal.pk], measures.today, scale) for deal in rows]


def _scale(deals: Iterable[Any], days: dict[int, int]) -> int:
    """One scale for all bars: up to the longest stay, yet no more than half again the longest expected."""
    pairs = [(days[deal.pk], deal.expected_days) for deal in deals if deal.is_open and deal.expected_days]
    expected = max((expected for _spent, expected in pairs), default=0)
    return max(expected, min(max((spent for spent, _expected in pairs), default=0), expected * 3 // 2))
