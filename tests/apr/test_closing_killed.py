"""Closing in processes of its own: killed in the middle, and two at once."""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection

from apr.models import Closing, KnownAction, KnownScorecard
from apr.services.closing import ask_to_close, close_waiting, reopen
from foundation.errors import Conflict
from tests.factories import ActionFactory, AEFactory, TargetFactory, TeamFactory

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120  # seconds
pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]
# Says so when it has stored the actions, and waits for a word (or its end) before it goes on.
STOPPING = """
import sys
from apr.closing import storing
everybody = storing.everybody
def stop(*args):
    print("in the middle", flush=True)
    sys.stdin.readline()
    return everybody(*args)
storing.everybody = stop
"""
CLOSE = "from apr.services.closing import close_waiting\nprint(close_waiting({pk}), flush=True)"


@pytest.fixture
def closing():
    people = [AEFactory() for _ in range(3)]
    TeamFactory(members=people)
    TargetFactory(role="account_executive")
    for person in people:
        ActionFactory.create_batch(2, actor=person, occurred_at=datetime(2026, 9, 2, 9, tzinfo=UTC))
    return ask_to_close(key="2026-09", by=None)


@pytest.fixture
def python():
    """Starts a Python process with the product on the database of the tests."""
    started = []
    name, url = str(connection.settings_dict["NAME"]), os.environ.get("TEST_DATABASE_URL", "")
    url = f"{url.rsplit('/', 1)[0]}/{name}" if url else f"sqlite:///{Path(name).resolve()}"
    env = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "partnerhub.settings", "DEBUG": "True"}

    def start(code):
        command = [sys.executable, "-c", f"import django; django.setup()\n{code}"]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        process = subprocess.Popen(command, cwd=ROOT, env=env, **pipes)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def in_the_middle(python, closing):
    """A process that has stored the actions and not yet the figures."""
    process = python(STOPPING + CLOSE.format(pk=closing.pk))
    assert process.stdout.readline() == "in the middle\n"
    return process


def stored():
    return KnownAction.objects.count(), KnownScorecard.objects.count()


def test_a_killed_closing_leaves_nothing_and_the_next_one_does_it_whole(python, closing):
    process = in_the_middle(python, closing)
    assert stored() == (0, 0)  # nobody sees half of it
    if connection.vendor == "postgresql":  # SQLite would wait for its one writer
        assert close_waiting(closing.pk) is False
        with pytest.raises(Conflict):
            reopen(closing_id=closing.pk, reason="In between", by=None)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    closing.refresh_from_db()
    assert (closing.status, stored()) == ("waiting", (0, 0))
    until = time.monotonic() + PATIENCE  # PostgreSQL has yet to notice, and lets go of the row then
    while not close_waiting(closing.pk):
        assert time.monotonic() < until
    # three people, their team, everybody
    assert (Closing.objects.get().status, stored()) == ("done", (6, 5))


def test_two_workers_close_a_period_once(python, closing):
    first = in_the_middle(python, closing)
    second = python(CLOSE.format(pk=closing.pk))
    if connection.vendor == "postgresql":
        assert second.stdout.readline() == "False\n"
    first.stdin.write("go on\n")
    first.stdin.flush()
    assert first.stdout.readline() == "True\n"
    if connection.vendor == "sqlite":
        assert second.stdout.readline() == "False\n"
    assert (first.wait(PATIENCE), second.wait(PATIENCE)) == (0, 0)
    assert (Closing.objects.get().status, stored()) == ("done", (6, 5))
