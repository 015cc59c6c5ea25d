"""The chain of hashes: entries get their place one after another, and anybody can compute it again.

An entry is written in its writer's transaction without touching the chain, so writers never wait for one
another. Right after the commit (and by a tick of the worker, should that fail) it is sealed: the end of the
chain is locked, and each waiting entry is hashed together with the hash before.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import structlog
from django.db import transaction

from audit.models import Entry, Head, Seal, Unsealed

log = structlog.get_logger(__name__)
BATCH = 500
PAGE = 2_000


def hash_of(previous: str, number: int, facts: dict[str, Any]) -> str:
    """SHA-256 over the hash before, the place and the facts as JSON with sorted keys."""
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(f"{previous}\n{number}\n{text}".encode()).hexdigest()


def seal() -> int:
    """Gives every waiting entry its place in the chain, oldest first; returns how many."""
    sealed = 0
    while count := _seal_some():
        sealed += count
    return sealed


@transaction.atomic
def _seal_some() -> int:
    head, _made = Head.objects.select_for_update().get_or_create(pk=1)
    waiting = list(Unsealed.objects.select_related("entry").order_by("pk")[:BATCH])
    if not waiting:
        return 0
    seals = []
    for one in waiting:
        head.number += 1
        head.hash = hash_of(head.hash, head.number, one.entry.facts)
        seals.append(Seal(number=head.number, entry=one.entry, hash=head.hash))
    Seal.objects.bulk_create(seals)
    Unsealed.objects.filter(pk__in=[one.pk for one in waiting]).delete()
    head.save()
    # A copy of the end outside the database: whoever rewrites the chain would have to rewrite the logs too.
    transaction.on_commit(lambda: log.info("audit", number=head.number, hash=head.hash))
    return len(waiting)


@dataclass(frozen=True)
class Fault:
    """Where the chain does not hold, and why."""

    number: int | None
    entry_id: int | None
    words: str

    def __str__(self) -> str:
        place = f"place {self.number}" if self.number is not None else f"entry {self.entry_id}"
        return f"{place}: {self.words}"


@dataclass(frozen=True)
class Verdict:
    """What a verification found: how many places were checked, how many entries wait, and all faults."""

    checked: int
    waiting: int
    faults: list[Fault]
    number: int
    hash: str


def verify(noted: tuple[int, str] | None = None) -> Verdict:
    """Computes the chain again up to where it ends now. `noted` is a place and its hash known from elsewhere.

    Needs no lock: places are only ever added behind that end.
    """
    head = Head.objects.filter(pk=1).first() or Head()
    faults: list[Fault] = []
    previous, expected, seen = "", 0, False
    for one, entry in _places(head.number):
        expected += 1
        if one.number != expected:
            faults.append(Fault(expected, None, f"missing; the next place is {one.number}"))
            expected = one.number
        elif words := _fault(one, entry, previous):
            faults.append(Fault(one.number, one.entry_id, words))
        if noted is not None and one.number == noted[0]:
            seen = True
            if one.hash != noted[1]:
                faults.append(Fault(one.number, one.entry_id, "differs from the hash that was noted"))
        previous = one.hash
    if (head.number, head.hash) != (expected, previous):
        faults.append(Fault(expected, None, f"ends the chain, which ought to end at {head.number}"))
    if noted is not None and not seen:
        faults.append(Fault(noted[0], None, "was noted and is not there"))
    outside = Entry.objects.filter(seal__isnull=True).exclude(pk__in=Unsealed.objects.values("pk"))
    faults += [Fault(None, pk, "stands outside the chain") for pk in outside.values_list("pk", flat=True)]
    return Verdict(expected, Unsealed.objects.count(), faults, head.number, head.hash)


def _fault(one: Seal, entry: Entry | None, previous: str) -> str:
    if entry is None:
        return f"entry {one.entry_id} is gone"
    if hash_of(previous, one.number, entry.facts) != one.hash:
        return f"entry {one.entry_id} or its hash was changed"
    return ""


def _places(end: int) -> Iterator[tuple[Seal, Entry | None]]:
    """All places up to `end` in order with their entries, a page at a time."""
    last = 0
    while page := list(Seal.objects.filter(number__gt=last, number__lte=end).order_by("number")[:PAGE]):
        entries = Entry.objects.in_bulk([one.entry_id for one in page])
        for one in page:
            yield one, entries.get(one.entry_id)
        last = page[-1].number
