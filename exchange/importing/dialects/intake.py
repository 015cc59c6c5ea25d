"""A file with all decisions taken: said row by row what it would do, and brought in batch by batch."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from django.utils.translation import gettext as _

from accounts.models import User
from exchange.importing.applying import apply_records
from exchange.importing.comparing import outcomes
from exchange.importing.dialects.choices import Choices
from exchange.importing.dialects.directory import Directory
from exchange.importing.dialects.header import find_table
from exchange.importing.dialects.reader import Row, read_history, read_rows
from exchange.importing.dialects.systems import DIALECTS
from exchange.importing.records import Counts
from exchange.models import Outcome

BATCH = 500


@dataclass(frozen=True)
class Intake:
    """A file, what it holds, and the decisions about it. `history` is the file of stage changes of deals."""

    content: bytes
    kind: str
    preset: str
    currency: str
    choices: Choices
    history: bytes = b""

    def world(self) -> Directory:
        """What is here now, seen with the eyes of this file; one for each reading."""
        return Directory(self.preset, DIALECTS[self.preset], self.choices)

    def batches(self, world: Directory, done: int = 0) -> Iterator[list[Row]]:
        """The rows after the first `done`, some at a time; nothing of the file but these is held.

        Raises FileRefused for a file that cannot be read to its end, or a history with a faulty line.
        """
        steps = read_history(self.history, self.preset, world) if self.history else {}
        table = find_table(
            self.content, self.preset, self.kind, self.choices.sheet, list(self.choices.columns)
        )
        rows = read_rows(table, self.kind, world, self.currency, steps)
        for _row in islice(rows, done):
            world.forget_fresh()
        while batch := list(islice(rows, BATCH)):
            yield batch


def foresee(rows: Sequence[Row], world: Directory) -> dict[int, Outcome]:
    """What bringing these rows in would do, by line; nothing is changed."""
    records = [row.record for row in rows if row.record]
    told = outcomes(records, world)
    for identity in world.adopted:
        told[identity] = Outcome.CHANGED
    world.forget_fresh()
    return {row.line: told[row.record.external_id] if row.record else Outcome.REFUSED for row in rows}


def bring(rows: Sequence[Row], world: Directory, by: User | None) -> Counts:
    """Brings these rows in, with what they name; inside the transaction of the caller."""
    world.save_fresh()
    counts = apply_records([row.record for row in rows if row.record], world, by)
    counts.refused = sum(row.record is None for row in rows)
    return counts


def tally(told: dict[int, Outcome]) -> Counts:
    """How many lines have which outcome."""
    found = list(told.values())
    return Counts(
        made=found.count(Outcome.MADE),
        changed=found.count(Outcome.CHANGED),
        unchanged=found.count(Outcome.UNCHANGED),
        refused=found.count(Outcome.REFUSED),
    )


def notes_of(world: Directory) -> list[str]:
    """What is worth telling about the whole file."""
    notes = [words % {"count": count} for words, count in world.told.items()]
    if world.funnel.new_names:
        words = _(
            "Stages made in the funnel “%(funnel)s”: %(stages)s. See to their probabilities under Settings."
        )
        notes.insert(0, words % {"funnel": world.funnel.name, "stages": ", ".join(world.funnel.new_names)})
    return notes
