"""Writing to the audit log. An entry is written in the transaction of what it tells, so neither is without
the other; its place in the chain is given right after the commit (audit.chain)."""

from collections.abc import Mapping
from typing import Any

from django.db import connection, transaction
from django.db.models import Model

from audit.chain import seal
from audit.context import current
from audit.models import Entry, Kind, Unsealed

LABEL_LENGTH = 200
Facts = Mapping[str, Any]


def record(
    kind: Kind,
    act: str,
    *,
    of: Model | None = None,
    label: str = "",
    person: int | None = None,
    by: int | None = None,
    before: Facts | None = None,
    after: Facts | None = None,
) -> Entry:
    """Writes down that `act` (a past participle such as `exported`) was done to the row `of`.

    `person` and `by` are numbers of people: about whom it is, and who did it (else whoever is at work, see
    audit.context). `label` names the object without naming people. `before` and `after` hold plain values:
    no secrets, no notes, people as `person_word(number)`.
    """
    context = current()
    with transaction.atomic():
        entry = Entry.objects.create(
            kind=kind,
            act=act,
            actor_id=by if by is not None else context.actor_id,
            person_id=person,
            object_type=of._meta.label_lower if of is not None else "",
            object_id=str(of.pk) if of is not None else "",
            label=label[:LABEL_LENGTH],
            before=dict(before or {}),
            after=dict(after or {}),
            via=context.via,
            network=context.network,
            request_id=context.request_id,
        )
        Unsealed.objects.create(entry=entry)
        _seal_after_commit()
    return entry


def person_word(number: int | None) -> str | None:
    """How a person stands among the values of an entry; pages put the name in its place."""
    return None if number is None else f"person:{number}"


def _seal_after_commit() -> None:
    """Once for all entries of a transaction."""
    if not any(waiting[1] is _seal for waiting in connection.run_on_commit):
        # A chain that cannot be written now is written by the worker's next tick: nobody's act fails by it.
        transaction.on_commit(_seal, robust=True)


def _seal() -> None:
    seal()
