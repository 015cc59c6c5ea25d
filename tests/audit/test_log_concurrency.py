"""Many writers at once: every committed entry has its one place in the chain, and nobody waits for ever."""

import threading

import pytest
from django.db import close_old_connections, connection, transaction

from audit.chain import seal, verify
from audit.models import Entry, Kind, Seal, Unsealed
from audit.recording import record

pytestmark = pytest.mark.django_db(transaction=True)
WRITERS, EACH = 6, 12
LONG = 120  # seconds


def write(writer: int) -> None:
    """Some of a writer's transactions are taken back, some write several entries. Failures fail the test."""
    try:
        for number in range(EACH):
            with transaction.atomic():
                for _ in range(1 + number % 3):
                    record(Kind.EXPORT, "exported", label=f"{writer}-{number}")
                if number % 4 == 3:
                    transaction.set_rollback(True)
    finally:
        connection.close()


def test_writers_and_sealers_at_once():
    before = Entry.objects.count()
    threads = [threading.Thread(target=write, args=(n,)) for n in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONG)
    close_old_connections()
    seal()
    kept = sum(1 + number % 3 for number in range(EACH) if number % 4 != 3)
    assert Entry.objects.count() - before == WRITERS * kept
    assert not Unsealed.objects.exists()
    assert list(Seal.objects.values_list("number", flat=True)) == list(range(1, Entry.objects.count() + 1))
    assert verify().faults == []


def test_an_entry_that_commits_late_gets_a_later_place():
    """Its number is smaller than that of one sealed before, which must not leave it out."""
    started, sealed = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            record(Kind.EXPORT, "exported", label="slow")
            started.set()
            sealed.wait(LONG)
        connection.close()

    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    thread = threading.Thread(target=slow)
    thread.start()
    assert started.wait(LONG)
    record(Kind.EXPORT, "exported", label="quick")
    sealed.set()
    thread.join(LONG)
    slow_one, quick = Entry.objects.get(label="slow"), Entry.objects.get(label="quick")
    assert slow_one.pk < quick.pk
    assert slow_one.seal.number > quick.seal.number
    assert verify().faults == []
