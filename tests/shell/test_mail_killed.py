"""A worker killed between "sent" and "marked", in a process of its own: nobody gets the letter twice."""

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.processes
TRANSPORT = """
import os, signal
from django.core.mail.backends.base import BaseEmailBackend

class EmailBackend(BaseEmailBackend):
    def send_messages(self, messages):
        with open(os.environ["DELIVERED"], "a") as file:
            for message in messages:
                file.write(f"{message.subject} {message.extra_headers['Message-ID']}\\n")
        if messages[0].subject == os.environ.get("KILL_AT"):
            os.kill(os.getpid(), signal.SIGKILL)
"""
WRITE = """
from django.core.mail import send_mail
for name in ("first", "second", "third"):
    send_mail(name, "text", None, ["ana@fieldstone.example"])
"""
SEND = """
from django.conf import settings
settings.MAIL_TRANSPORT = "deadly.EmailBackend"
from accounts.mail import send_waiting_mail
send_waiting_mail()
"""
AGAIN = """
from accounts.mail import OutgoingMail, send_again
send_again([OutgoingMail.objects.get(state="unsure").pk])
"""


@pytest.fixture
def run(tmp_path):
    """Runs code with the product on a database of its own; returns the exit code."""
    (tmp_path / "deadly.py").write_text(TRANSPORT)
    env = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    env |= {"DJANGO_SETTINGS_MODULE": "partnerhub.settings", "DEBUG": "True"}
    env |= {"DATABASE_URL": f"sqlite:///{tmp_path}/m.sqlite3", "DELIVERED": str(tmp_path / "delivered")}
    env["PYTHONPATH"] = str(tmp_path)

    def start(code, **more):
        command = [sys.executable, "-c", f"import django; django.setup()\n{code}"]
        return subprocess.run(command, cwd=ROOT, env=env | more, timeout=180, check=False).returncode

    return start


def ask(tmp_path, statement):
    with contextlib.closing(sqlite3.connect(tmp_path / "m.sqlite3", timeout=20)) as database:
        rows = database.execute(statement).fetchall()
        database.commit()
        return rows


def test_what_was_handed_over_is_never_sent_again_by_itself(run, tmp_path):
    assert run("from django.core.management import call_command; call_command('migrate', verbosity=0)") == 0
    assert run(WRITE) == 0
    assert run(SEND, KILL_AT="second") == -signal.SIGKILL
    states = "SELECT subject, state FROM accounts_outgoingmail ORDER BY id"
    assert ask(tmp_path, states) == [("first", "sent"), ("second", "sending"), ("third", "waiting")]

    assert run(SEND) == 0  # another worker: the claim of the dead one still holds
    assert ask(tmp_path, states) == [("first", "sent"), ("second", "sending"), ("third", "sent")]
    ask(tmp_path, "UPDATE accounts_outgoingmail SET claimed_at = '2020-01-01 00:00:00'")
    assert run(SEND) == 0
    assert ask(tmp_path, states) == [("first", "sent"), ("second", "unsure"), ("third", "sent")]
    delivered = (tmp_path / "delivered").read_text().splitlines()
    assert [line.split()[0] for line in delivered] == ["first", "second", "third"]

    assert run(AGAIN) == 0  # an administrator's decision
    assert run(SEND) == 0
    delivered = (tmp_path / "delivered").read_text().splitlines()
    assert delivered[1] == delivered[3]  # the same letter by its identity: whoever got it knows it again
