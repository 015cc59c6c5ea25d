"""Rows on their way out, as CSV that a spreadsheet opens without running anything."""

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO, Any, Protocol

from django.db.models import Model, Prefetch, QuerySet

from accounts.models import User
from apr.models import Action
from apr.permissions import may_read_notes
from audit.models import Kind
from audit.recording import record
from foundation.spreadsheets import cell
from opportunities.models import Opportunity
from partners.models import Partner, PartnerManagement

PAGE = 2_000


class Writable(Protocol):
    """What text can be written to."""

    def write(self, text: str, /) -> object: ...


class Echo:
    """Hands each line back to whoever has it written."""

    def write(self, text: str) -> str:
        return text


@dataclass(frozen=True)
class Export:
    """One kind of file: its rows in order of their ids, and each column with how to tell it."""

    rows: Callable[[], QuerySet[Any]]
    columns: dict[str, Callable[[Any], object]]
    private: frozenset[str] = frozenset()
    may_read: Callable[[User | None, Any], bool] = lambda reader, row: True

    def line(self, row: Any, reader: User | None, private: bool = False) -> list[object]:
        """The cells of a row; of what is private those that the reader may read, or all that is asked for."""
        hides = self.private and not private and not self.may_read(reader, row)
        hidden = self.private if hides else frozenset()
        return [cell(None if name in hidden else tell(row)) for name, tell in self.columns.items()]


def export(kind: str, rows: QuerySet[Any], out: Writable, private: bool = False) -> int:
    """Writes a header and one line for each row; returns how many rows there were. As `csv_lines`."""
    count = -1  # the header is no row
    for line in csv_lines(kind, rows, private=private):
        out.write(line)
        count += 1
    return count


def csv_lines(
    kind: str, rows: QuerySet[Any], reader: User | None = None, private: bool = False
) -> Iterator[str]:
    """A header and one line for each row, page by page; the export is on record before the first is out.

    What is private stays out of it, unless the reader may read it, or an operator at the command line (who is
    no reader) asks for all of it with `private`. Amounts are decimals with a point, times ISO 8601 in UTC. No
    page holds more than PAGE rows in memory.
    """
    _put_on_record(kind, rows, private)
    writer, form = csv.writer(Echo()), EXPORTS[kind]
    yield writer.writerow(form.columns)
    for row in _pages(rows):
        yield writer.writerow(form.line(row, reader, private))


def workbook(kind: str, rows: QuerySet[Any], reader: User | None = None) -> IO[bytes]:
    """The same as an XLSX file, written to disk page by page and read from its beginning.

    Amounts are numbers and days are dates, so that a spreadsheet can reckon with them.
    """
    from openpyxl import Workbook  # here, because it takes a quarter of a second that no start should wait
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE as CONTROLS

    def plain(value: object) -> object:
        """The format knows no control characters."""
        return CONTROLS.sub(" ", value) if isinstance(value, str) else value

    _put_on_record(kind, rows)
    book, form = Workbook(write_only=True), EXPORTS[kind]
    sheet = book.create_sheet(kind)
    sheet.append(list(form.columns))
    for row in _pages(rows):
        sheet.append([plain(value) for value in form.line(row, reader)])
    file = TemporaryFile()  # noqa: SIM115 - closed by whoever sends it
    book.save(file)
    file.seek(0)
    return file


def _put_on_record(kind: str, rows: QuerySet[Any], private: bool = False) -> None:
    what = {"rows": rows.count()} | ({"private": True} if private else {})
    record(Kind.EXPORT, "exported", label=kind, after=what)


def _may_read_notes(reader: User | None, action: Action) -> bool:
    return not action.action_type.is_coaching if reader is None else may_read_notes(reader, action)


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
        private=frozenset({"notes"}),
        may_read=_may_read_notes,
    ),
    "partners": Export(
        lambda: Partner.objects.prefetch_related(
            Prefetch("managements", PartnerManagement.objects.filter(ends_on=None).select_related("user"))
        ),
        {
            "id": lambda partner: partner.pk,
            "name": lambda partner: partner.name,
            "type": lambda partner: partner.type,
            "tier": lambda partner: partner.tier,
            "lifecycle": lambda partner: partner.lifecycle,
            "region": lambda partner: partner.region,
            "partner_managers": lambda partner: "; ".join(one.user.name for one in partner.managements.all()),
        },
    ),
}
