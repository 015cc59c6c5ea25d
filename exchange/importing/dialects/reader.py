"""A file read from its first row to its last: each line becomes a record, or a reason why not."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from exchange.importing.dialects import actions, deals, facts
from exchange.importing.dialects.cells import Cells
from exchange.importing.dialects.directory import Directory
from exchange.importing.dialects.header import Sheet, find_table, is_tail, match_columns, missing_fields
from exchange.importing.dialects.sheets import LONGEST_CELL, Line, refuse
from exchange.importing.dialects.values import Evidence, orders_of
from exchange.importing.problems import Problem
from exchange.importing.records import Record

History = dict[str, list[tuple[datetime, str]]]


@dataclass(frozen=True)
class Row:
    """What became of a line: its record, or the problems for which it is refused."""

    line: int
    cells: list[str]
    name: str
    record: Record | None
    problems: list[Problem]


def read_rows(table: Sheet, kind: str, world: Directory, currency: str, history: History) -> Iterator[Row]:
    """Every row below the header, each id once; the lines that end a report are passed over."""
    field_of = world.choices.columns
    column_of = {field: column for column, field in field_of.items()}
    seen: dict[str, int] = {}
    alike: Counter[str] = Counter()
    for line in table.rows:
        if is_tail(line.cells, len(table.columns)):
            world.told[_("Lines with totals or legal words that were passed over: %(count)s.")] += 1
            continue
        told = told_by(field_of, table, line)
        row = Cells(line.number, told, column_of, world, alike, world.choices.dates)
        _check_shape(row, line.cells, len(table.columns))
        record = None if row.complaints.found else _record(row, kind, currency, history)
        first = seen.setdefault(record.external_id, line.number) if record else line.number
        if first != line.number:
            row.complain("id", _("This stands on line %(first)s already.") % {"first": first})
        if row.complaints.found:
            world.drop()
            record = None
        else:
            world.keep()
        name = next(
            (told[key] for key in ("name", "subject", "email", "last_name", "id") if told.get(key)), ""
        )
        yield Row(line.number, line.cells, " ".join(name.split())[:200], record, row.complaints.found)


def _check_shape(row: Cells, cells: list[str], width: int) -> None:
    if len(cells) > width:
        reason = _("This line has %(found)s cells, the header has %(wanted)s.")
        row.complaints.add(row.line, "", reason % {"found": len(cells), "wanted": width})
    if any(len(cell) > LONGEST_CELL for cell in cells):
        row.complaints.add(row.line, "", _("A cell is too long; is a quotation mark missing?"))
    if any("\0" in cell for cell in cells):
        row.complaints.add(row.line, "", _("A cell holds zero bytes."))
    if row.yes("is_deleted"):
        row.complain("is_deleted", _("This was deleted in the other system."))


def _record(row: Cells, kind: str, currency: str, history: History) -> Record | None:
    if kind == "opportunities":
        return deals.deal(row, currency, history)
    if kind == "actions":
        return actions.action(row)
    if kind == "people":
        return facts.person(row)
    return facts.partner(row) if kind == "partners" else facts.customer(row)


def read_history(content: bytes, preset: str, world: Directory) -> History:
    """The steps of each deal by its id, from a file of its own that goes with the deals.

    Raises FileRefused where a column is missing or a line cannot be read: a history with holes is none.
    """
    table = find_table(content, preset, "history")
    columns = match_columns(table.columns, preset, "history")
    if missing := missing_fields("history", columns):
        words = _("The history of stages has no column for: %(fields)s.")
        raise refuse(words % {"fields": ", ".join(missing)}, table.header_line)
    order = _order_of_history(content, preset, columns) or world.choices.dates
    column_of = {field: name for name, field in columns.items()}
    steps: History = {}
    for line in table.rows:
        if is_tail(line.cells, len(table.columns)):
            continue
        row = Cells(line.number, told_by(columns, table, line), column_of, world, Counter(), order)
        at, stage = row.when("at"), row.text("stage", 80, needed=True)
        row.complaints.refuse()
        if at is not None and not row.yes("is_deleted"):
            steps.setdefault(row.key("deal_id"), []).append((at.instant(world.organisation.tzinfo), stage))
    return steps


def _order_of_history(content: bytes, preset: str, columns: dict[str, str]) -> str:
    """The order of the dates in it, as far as it proves one itself."""
    table, order = find_table(content, preset, "history"), Evidence()
    for line in table.rows:
        at = told_by(columns, table, line).get("at", "")
        order.hear(orders_of(at), at[:30])
    return order.settle("", "")


def told_by(columns: dict[str, str], table: Sheet, line: Line) -> dict[str, str]:
    """The cells of a line by the fields that their columns tell."""
    pairs = zip(table.columns, line.cells, strict=False)
    return {columns[name]: cell for name, cell in pairs if name in columns}
