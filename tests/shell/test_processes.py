"""Real processes: what `run.py`, the supervisor and the worker do when things end."""

import contextlib
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from partnerhub import supervisor
from partnerhub.family import Family
from partnerhub.supervisor import Supervisor

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.processes
PATIENCE = 120  # seconds: a busy machine is slow, and nothing here is about how fast it is


def wait_for(condition, seconds):
    """What `condition` answers, as soon as that is true; fails after so many seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answer := condition():
            return answer
        time.sleep(0.05)
    pytest.fail(f"waited {seconds} s in vain")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def processes_with(variable):
    """Ids and lines of the living processes with this variable, which all parts of one start have."""
    command = ["ps", "-axEww"] if sys.platform == "darwin" else ["ps", "axeww"]
    listing = subprocess.run([*command, "-o", "pid,stat,args"], capture_output=True, text=True, check=True)
    rows = [line.split(None, 2) for line in listing.stdout.splitlines()[1:]]
    return [(int(pid), line) for pid, state, line in rows if variable in line and not state.startswith("Z")]


def part_running(variable, words):
    return next((pid for pid, line in processes_with(variable) if words in line), None)


def is_ready(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/ready/", timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False


def ignore_interrupts():
    """What a shell does to a command that it starts in the background."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@pytest.fixture
def site(tmp_path):
    """`run.py` in a process of its own, on its own database and port."""
    if not (ROOT / ".venv").exists():
        pytest.skip("run.py has not set up .venv here")
    port, mark = free_port(), f"PARTNERHUB_TEST={tmp_path}"
    of_the_tests = {"DJANGO_SETTINGS_MODULE", "DEBUG", "LOG_LEVEL", "CACHE_URL", "SITE_URL"}
    env = {name: value for name, value in os.environ.items() if name not in of_the_tests}
    command = [sys.executable, "run.py", "--port", str(port), "--no-demo"]
    command += ["--database-url", f"sqlite:///{tmp_path}/site.sqlite3", "--broker-url", "memory://"]
    log = tmp_path / "log"
    with log.open("w") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=env | {"PARTNERHUB_TEST": str(tmp_path)},
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=ignore_interrupts,
        )
    process.port, process.mark, process.log = port, mark, log
    wait_for(lambda: is_ready(port) or process.poll() is not None, PATIENCE)
    assert process.poll() is None, log.read_text()
    wait_for(lambda: "PartnerHub is ready" in log.read_text(), PATIENCE)
    yield process
    for pid, _line in processes_with(mark):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait()


def test_a_taken_port_is_refused_at_once_and_clearly():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        command = [sys.executable, "run.py", "--port", str(port)]
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    assert done.returncode == 1
    assert f"Port {port}" in done.stdout
    assert "Choose another: python3 run.py --port" in done.stdout


def test_a_part_that_ends_is_started_again_and_ctrl_c_ends_everything(site):
    worker = part_running(site.mark, "manage.py worker")
    os.kill(worker, signal.SIGKILL)
    wait_for(lambda: "worker ended (signal 9). Starting it again in 1 s." in site.log.read_text(), PATIENCE)
    wait_for(lambda: part_running(site.mark, "manage.py worker") not in (None, worker), PATIENCE)
    wait_for(lambda: is_ready(site.port), PATIENCE)

    site.send_signal(signal.SIGINT)
    assert site.wait(timeout=PATIENCE) == 0
    assert processes_with(site.mark) == []
    assert site.log.read_text().endswith("PartnerHub has ended.\n")


def test_nothing_stays_behind_when_the_supervisor_is_killed(site):
    assert len(processes_with(site.mark)) >= 4  # supervisor, guard, web with its process, worker
    site.kill()
    site.wait()
    wait_for(lambda: processes_with(site.mark) == [], PATIENCE)


def test_the_worker_ticks_without_a_broker(site, tmp_path):
    def beats():
        with contextlib.closing(sqlite3.connect(tmp_path / "site.sqlite3")) as database:
            return database.execute("SELECT queue FROM partnerhub_heartbeat ORDER BY queue").fetchall()

    assert wait_for(lambda: len(beats()) == 4 and beats(), PATIENCE) == [
        ("analysis",), ("exchange",), ("mail",), ("rollup",),
    ]  # fmt: skip


def test_a_part_that_keeps_failing_is_given_up(monkeypatch, capsys):
    monkeypatch.setattr(supervisor, "LONGEST_PAUSE", 0.01)
    parts = {"web": [sys.executable, "-c", "print('no such table'); raise SystemExit(3)"]}
    with Family(ROOT) as family:
        code = Supervisor(family, dict(os.environ), parts).run(is_ready=lambda: False, on_ready=lambda: None)
    said = capsys.readouterr().out
    assert code == 1
    assert said.count("web ended (exit code 3)") == 4
    assert "web ended 5 times within a minute (last: exit code 3). Giving up." in said
    assert "web | no such table" in said


def test_what_a_part_leaves_in_its_group_ends_with_it(tmp_path):
    grandchild = "import os, time; os.fork() or time.sleep(60)"  # the parent ends, its child would stay
    mark = {"PARTNERHUB_TEST": str(tmp_path)}
    with Family(ROOT) as family:
        assert family.run([sys.executable, "-c", grandchild], {**os.environ, **mark}) == 0
    wait_for(lambda: processes_with(f"PARTNERHUB_TEST={tmp_path}") == [], PATIENCE)


def test_worker_and_clock_as_processes_of_their_own_on_redis(redis_url, tmp_path):
    env = {**os.environ, "DATABASE_URL": f"sqlite:///{tmp_path}/site.sqlite3", "BROKER_URL": redis_url}
    env["DJANGO_SETTINGS_MODULE"] = "partnerhub.settings"
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=env, check=True)

    def beats():
        with contextlib.closing(sqlite3.connect(tmp_path / "site.sqlite3")) as database:
            return database.execute("SELECT COUNT(*) FROM partnerhub_heartbeat").fetchone() == (4,)

    with Family(ROOT) as family:
        for name in ("worker", "beat"):
            family.start([sys.executable, "manage.py", name], env)
        wait_for(beats, PATIENCE)
