"""A file read and checked: everything that applying it needs, or everything that is wrong with it."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Organisation, User
from exchange.importing.applying import apply_records
from exchange.importing.cells import Row
from exchange.importing.dialects.columns import KINDS_OF_FILES
from exchange.importing.dialects.systems import DIALECTS
from exchange.importing.preparing import adopt_currency, prepare_funnel
from exchange.importing.presets import layout_of
from exchange.importing.problems import Complaints
from exchange.importing.reading import read_table
from exchange.importing.records import Counts, Record
from exchange.importing.world import World
from foundation.errors import InvalidInput

BATCH = 500


@dataclass(frozen=True)
class ImportPlan:
    """Checked records of one kind, ready to be applied in batches."""

    kind: str
    preset: str
    source: str
    currency: str
    records: list[Record]

    def batches(self, done: int = 0) -> Iterator[list[Record]]:
        """The records that are left after the first `done`, some at a time."""
        for start in range(done, len(self.records), BATCH):
            yield self.records[start : start + BATCH]


def currency_of(preset: str, kind: str, chosen: str) -> str:
    """The currency of amounts without one: the chosen one, else the preset's, else the organisation's."""
    usual = "" if preset in DIALECTS else layout_of(preset, kind)[0].currency
    if preset in DIALECTS and kind not in KINDS_OF_FILES:
        raise InvalidInput(
            _("This preset does not bring %(kind)s. It brings: %(kinds)s.")
            % {"kind": kind, "kinds": ", ".join(KINDS_OF_FILES)},
            field="kind",
        )
    return chosen.upper() or usual or Organisation.current().reporting_currency


def check(content: bytes, *, kind: str, preset: str, currency: str = "") -> ImportPlan:
    """Reads and checks the whole file without changing anything.

    Raises InvalidInput for an unknown kind or preset, FileRefused with line, column and reason for the rest.
    """
    dialect, layout = layout_of(preset, kind)
    currency = currency_of(preset, kind, currency)
    table = read_table(content, layout.required)
    world, complaints = World(dialect.source), Complaints()
    records: list[Record] = []
    seen: dict[str, int] = {}
    for line, cells in table.rows:
        row = Row(line, cells, complaints)
        record = layout.record(row, world, currency)
        if record is None:
            continue
        first = seen.setdefault(record.external_id, line)
        if record.external_id and first != line:
            row.complain(layout.required[0], _("This stands on line %(first)s already.") % {"first": first})
        records.append(record)
    complaints.refuse()
    return ImportPlan(kind, preset, dialect.source, currency, records)


def prepare(plan: ImportPlan) -> list[str]:
    """What must stand before the first row; returns what is worth telling."""
    if plan.kind != "opportunities":
        return []
    if plan.preset == "maven":
        prepare_funnel()
    note = adopt_currency(plan.currency)
    return [note] if note else []


def apply_all(plan: ImportPlan, by: User | None) -> Counts:
    """Applies a checked file from the first row to the last, batch by batch."""
    counts = Counts(notes=prepare(plan))
    world = World(plan.source)
    for batch in plan.batches():
        counts += apply_records(batch, world, by)
    return counts


def rehearse(plan: ImportPlan, by: User | None) -> Counts:
    """What applying would do: done and taken back in one transaction, so that the answer is the true one."""
    with transaction.atomic():
        counts = apply_all(plan, by)
        transaction.set_rollback(True)
    return counts
