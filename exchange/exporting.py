"""Rows on their way out, as CSV that a spreadsheet opens without running anything."""

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from django.db.models import Model, QuerySet

from apr.models import Action
from opportunities.models import Opportunity

PAGE = 2_000
# A cell that begins so is a formula to a spreadsheet; an apostrophe makes it text again.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


class Writable(Protocol):
    """What text can be written to."""

    def write(self, text: str, /) -> object: ...


@dataclass(frozen=True)
class Export:
    """One kind of file: its rows in order of their ids, and each column with how to tell it."""

    rows: Callable[[], QuerySet[Any]]
    columns: dict[str, Callable[[Any], object]]


def export(kind: str, rows: QuerySet[Any], out: Writable) -> int:
    """Writes a header and one line for each row, page by page; returns how many rows there were.

    Amounts are decimals with a point, times ISO 8601 in UTC. No page holds more than PAGE rows in memory.
    """
    columns = EXPORTS[kind].columns
    writer = csv.writer(out)
    writer.writerow(columns)
    count = 0
    for row in _pages(rows):
        writer.writerow([cell(tell(row)) for tell in columns.values()])
        count += 1
    return count


def cell(value: object) -> object:
    """A value as it may stand in a file: nothing for None, and no text that begins like a formula."""
    if isinstance(value, str) and value.startswith(FORMULA_SIGNS):
        return f"'{value}"
    return "" if value is None else value


def _pages(rows: QuerySet[Any]) -> Iterator[Model]:
    """All rows by their ids, a page at a time: no server-side cursor, so it works through any pooler."""
    ordered, last = rows.order_by("pk"), 0
    while page := list(ordered.filter(pk__gt=last)[:PAGE]):
        yield from page
        last = page[-1].pk


def _partners(deal: Opportunity) -> str:
    involved: Iterable[Any] = deal.involvements.all()
    return "; ".join(f"{one.partner.name} ({one.kind})" for one in involved)


EXPORTS = {
    "opportunities": Export(
        lambda: Opportunity.objects.select_related(
            "customer", "funnel", "stage", "owner", "partner_manager", "lost_reason"
        ).prefetch_related("involvements__partner"),
        {
            "id": lambda deal: deal.pk,
            "name": lambda deal: deal.name,
            "customer": lambda deal: deal.customer and deal.customer.name,
            "funnel": lambda deal: deal.funnel.name,
            "stage": lambda deal: deal.stage.name,
            "status": lambda deal: deal.status,
            "owner": lambda deal: deal.owner and deal.owner.name,
            "partner_manager": lambda deal: deal.partner_manager and deal.partner_manager.name,
            "partners": _partners,
            "amount": lambda deal: deal.amount and deal.amount.decimal,
            "currency": lambda deal: deal.currency,
            "opened_on": lambda deal: deal.opened_on,
            "expected_close_on": lambda deal: deal.expected_close_on,
            "closed_on": lambda deal: deal.closed_on,
            "lost_reason": lambda deal: deal.lost_reason and deal.lost_reason.name,
            "external_source": lambda deal: deal.external_source,
            "external_id": lambda deal: deal.external_id,
        },
    ),
    "actions": Export(
        lambda: Action.objects.select_related(
            "action_type", "actor", "opportunity", "partner", "customer", "counterpart"
        ),
        {
            "id": lambda action: action.pk,
            "action_type": lambda action: action.action_type.key,
            "actor": lambda action: action.actor.name,
            "capacity": lambda action: action.capacity,
            "occurred_at": lambda action: action.occurred_at.isoformat(),
            "occurred_on": lambda action: action.occurred_on,
            "logged_at": lambda action: action.logged_at.isoformat(),
            "duration_minutes": lambda action: action.duration_minutes,
            "opportunity": lambda action: action.opportunity and action.opportunity.name,
            "partner": lambda action: action.partner and action.partner.name,
            "customer": lambda action: action.customer and action.customer.name,
            "counterpart": lambda action: action.counterpart and action.counterpart.name,
            "notes": lambda action: action.notes,
            "confirmation": lambda action: action.confirmation,
            "voided_at": lambda action: action.voided_at and action.voided_at.isoformat(),
            "source": lambda action: action.source,
            "external_id": lambda action: action.external_id,
        },
    ),
}
