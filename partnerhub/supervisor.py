"""Keeps the parts of PartnerHub running and their output readable. Standard library only."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from partnerhub.family import Family

FAILURES, WITHIN = 5, 60.0  # a part that fails so often in so many seconds will not mend by itself
LONGEST_PAUSE = 8.0

_printing = threading.Lock()


def say(line: str) -> None:
    """Print one whole line at once, whoever else prints."""
    with _printing:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


@dataclass
class Part:
    """One long-running command with its recent failures."""

    name: str
    command: list[str]
    process: subprocess.Popen[str] | None = None
    relay: threading.Thread | None = None
    start_at: float = 0.0
    failed_at: list[float] = field(default_factory=list)


class Supervisor:
    """Runs the parts until Ctrl-C, starting again what ends; see `run`."""

    def __init__(self, family: Family, env: dict[str, str], parts: dict[str, list[str]]) -> None:
        self.family = family
        self.env = env
        self.parts = [Part(name, command) for name, command in parts.items()]
        self.width = max(len(name) for name in parts)

    def run(self, is_ready: Callable[[], bool], on_ready: Callable[[], Any]) -> int:
        """Call `on_ready` once, as soon as `is_ready`. Return 1 when a part keeps failing."""
        ready = False
        while True:
            for part in self.parts:
                if part.process is None and time.monotonic() >= part.start_at:
                    self._start(part)
                elif part.process is not None and part.process.poll() is not None and not self._retry(part):
                    return 1
            if not ready and is_ready():
                ready = True
                on_ready()
            time.sleep(0.1)

    def _start(self, part: Part) -> None:
        part.process = self.family.start(part.command, self.env, subprocess.PIPE)
        part.relay = threading.Thread(target=self._relay, args=(part.name, part.process), daemon=True)
        part.relay.start()

    def _relay(self, name: str, process: subprocess.Popen[str]) -> None:
        """Print what a part prints, with its name before each line."""
        if process.stdout is None:
            return
        try:
            with process.stdout as lines:
                for line in lines:
                    say(f"{name:>{self.width}} | {line.rstrip()}")
        except BrokenPipeError:  # nobody reads us any more
            os.kill(os.getpid(), signal.SIGTERM)

    def _retry(self, part: Part) -> bool:
        """Plan the next start of a part that has ended; False when it failed too often."""
        process, now = part.process, time.monotonic()
        if process is None:
            return True
        part.process = None
        self.family.bury(process)
        if part.relay:
            part.relay.join(timeout=1)  # its last lines come before our word about it
        part.failed_at = [moment for moment in part.failed_at if now - moment < WITHIN] + [now]
        how = f"signal {-process.returncode}" if process.returncode < 0 else f"exit code {process.returncode}"
        if len(part.failed_at) >= FAILURES:
            say(f"{part.name} ended {FAILURES} times within a minute (last: {how}). Giving up.")
            return False
        pause = min(LONGEST_PAUSE, 2.0 ** (len(part.failed_at) - 1))
        part.start_at = now + pause
        say(f"{part.name} ended ({how}). Starting it again in {pause:.0f} s.")
        return True
