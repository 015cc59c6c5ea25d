"""A worker killed in the middle of an import, in a process of its own: another one ends the same."""

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from exchange.importing.plan import BATCH
from tests.exchange.files import HEADER, TEAMS

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.processes
ROWS = 4 * BATCH
DEALS = HEADER + "".join(f"K{n},Ana Kovac,GTX Basic,,Won,2017-01-05,2017-03-01,{n}\n" for n in range(ROWS))
SETUP = """
import sys
from accounts.models import RoleGrant, User
from exchange.importing.plan import apply_all, check
from exchange.importing.runs import apply_run, start_run, work_on_runs
apply_all(check(open(sys.argv[1], "rb").read(), kind="teams", preset="maven"), None)
elif_ = User.objects.create_user("elif@fieldstone.example", name="Elif Maes")
RoleGrant.objects.create(user=elif_, role="admin", starts_on="2020-01-01")
run = start_run(by=elif_, kind="opportunities", preset="maven", file_name="k.csv",
                content=open(sys.argv[2], "rb").read())
work_on_runs()
apply_run(run_id=run.pk, by=elif_)
"""
# Dies when the third batch is written and not yet committed.
DIE = """
import os, signal
from exchange.importing import runs
apply_records, batches = runs.apply_records, []
def deadly(*args):
    batches.append(apply_records(*args))
    if len(batches) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return batches[-1]
runs.apply_records = deadly
"""
WORK = "from exchange.importing.runs import work_on_runs; work_on_runs()"


@pytest.fixture
def python(tmp_path):
    """Starts a Python process with the product on a database of its own."""
    env = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    env |= {"DJANGO_SETTINGS_MODULE": "partnerhub.settings", "DEBUG": "True"}
    env["DATABASE_URL"] = f"sqlite:///{tmp_path}/k.sqlite3"
    started = []

    def start(code, *args):
        command = [sys.executable, "-c", f"import django; django.setup()\n{code}", *map(str, args)]
        process = subprocess.Popen(command, cwd=ROOT, env=env)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def ask(tmp_path, statement):
    with contextlib.closing(sqlite3.connect(tmp_path / "k.sqlite3", timeout=20)) as database:
        rows = database.execute(statement).fetchall()
        database.commit()
        return rows


def test_a_killed_import_ends_as_if_nothing_had_happened(python, tmp_path):
    (tmp_path / "teams.csv").write_text(TEAMS)
    (tmp_path / "deals.csv").write_text(DEALS)
    migrate = "from django.core.management import call_command; call_command('migrate', verbosity=0)"
    assert python(migrate).wait(timeout=180) == 0
    assert python(SETUP, tmp_path / "teams.csv", tmp_path / "deals.csv").wait(timeout=180) == 0
    assert ask(tmp_path, "SELECT count(*) FROM opportunities_opportunity") == [(0,)]

    done = 2 * BATCH
    assert python(DIE + WORK).wait(timeout=180) == -signal.SIGKILL
    assert ask(tmp_path, "SELECT rows_done, status FROM exchange_importrun") == [(done, "running")]
    assert ask(tmp_path, "SELECT count(*) FROM opportunities_opportunity") == [(done,)]

    assert python(WORK).wait(timeout=180) == 0  # the lease of the dead worker still holds: nothing happens
    assert ask(tmp_path, "SELECT rows_done FROM exchange_importrun") == [(done,)]
    ask(tmp_path, "UPDATE exchange_importrun SET leased_until = '2020-01-01 00:00:00'")
    assert python(WORK).wait(timeout=180) == 0
    assert ask(tmp_path, "SELECT status, rows_done, made, changed, unchanged FROM exchange_importrun") == [
        ("done", ROWS, ROWS, 0, 0)
    ]
    deals = "SELECT count(*), count(DISTINCT external_id), sum(amount_minor) FROM opportunities_opportunity"
    assert ask(tmp_path, deals) == [(ROWS, ROWS, sum(range(ROWS)) * 100)]
    assert ask(tmp_path, "SELECT count(*) FROM opportunities_stagechange") == [(2 * ROWS,)]
    assert ask(tmp_path, "SELECT count(*) FROM opportunities_assignment") == [(ROWS,)]
