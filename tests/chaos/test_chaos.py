"""A short crash test, by the program that also does the long ones (docs/crash-test.md)."""

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.processes
KILLS = 12


def crash_test(tmp_path, *options: str) -> dict[str, int]:
    """Runs it and returns its figures by name, all that are whole numbers."""
    command = [sys.executable, "benchmarks/chaos.py", "--kills", str(KILLS), "--seconds-between", "0.5"]
    env = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    done = subprocess.run(
        [*command, "--seed", "12", "--log", str(tmp_path / "log"), *options],
        cwd=ROOT, env=env, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return {name.strip(): int(n) for name, n in re.findall(r"^(\S.*?) {2,}(\d+)$", done.stdout, re.MULTILINE)}


def is_well(figures: dict[str, int]) -> None:
    assert figures["all kills"] == KILLS
    assert figures["acknowledged in all"] > KILLS
    assert figures["audits meanwhile"] > 0
    assert figures["figures compared with the oracle at the end"] > 0
    for name in ("differences they found", "lost", "doubled", "wrong"):
        assert figures[name] == 0


def test_embedded_on_sqlite(tmp_path):
    is_well(crash_test(tmp_path))


def test_services_on_postgresql_and_redis(tmp_path, redis_url):
    server = os.environ.get("TEST_DATABASE_URL", "")
    if not server.startswith("postgres") or not shutil.which("redis-server"):
        pytest.skip("needs TEST_DATABASE_URL on PostgreSQL, and redis-server to start one that may be killed")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    is_well(crash_test(tmp_path, "--database-url", server, "--broker-url", f"redis://127.0.0.1:{port}/0"))
