"""Child processes that never outlive us. Standard library only."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import IO

from partnerhub.guard import end_group

GUARD = Path(__file__).with_name("guard.py")


class Family:
    """Starts processes, each leading a group of its own, and ends them all on leaving the `with` block.

    A guard process does the same should we be killed without a chance to.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.children: list[subprocess.Popen[str]] = []
        self._guard = self._start_guard()

    def __enter__(self) -> Family:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def start(
        self, command: list[str], env: dict[str, str], output: int | IO[str] | None = None
    ) -> subprocess.Popen[str]:
        """Start a child in its own group, without standard input; `output` takes both its streams."""
        child = subprocess.Popen(
            command,
            cwd=self.root,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output is not None else None,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        self.children.append(child)
        self._tell(f"+{child.pid}")
        return child

    def run(self, command: list[str], env: dict[str, str]) -> int:
        """Run a child to its end, its output going where ours goes; return its exit code."""
        child = self.start(command, env)
        code = child.wait()
        self.bury(child)
        return code

    def bury(self, child: subprocess.Popen[str]) -> None:
        """Forget a child that has ended, and end what it may have left behind in its group."""
        end_group(child.pid, signal.SIGKILL)
        self._tell(f"-{child.pid}")
        self.children.remove(child)

    def end(self, patience: float = 10.0) -> None:
        """Ask every child to end, wait, then force; and let the guard go. A second Ctrl-C forces at once."""
        with contextlib.suppress(KeyboardInterrupt):
            for child in self.children:
                child.terminate()
            deadline = time.monotonic() + patience
            while any(child.poll() is None for child in self.children) and time.monotonic() < deadline:
                time.sleep(0.05)
        for child in list(self.children):
            end_group(child.pid, signal.SIGKILL)
            child.wait()
            self.bury(child)
        if self._guard.stdin:
            self._guard.stdin.close()
        self._guard.wait()

    def _start_guard(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-I", str(GUARD)], stdin=subprocess.PIPE, text=True, start_new_session=True
        )

    def _tell(self, message: str) -> None:
        try:
            self._write(message)
        except BrokenPipeError:  # somebody ended the guard: a new one learns of everybody
            self._guard.wait()
            self._guard = self._start_guard()
            for child in self.children:
                self._write(f"+{child.pid}")

    def _write(self, message: str) -> None:
        if self._guard.stdin:
            self._guard.stdin.write(message + "\n")
            self._guard.stdin.flush()
