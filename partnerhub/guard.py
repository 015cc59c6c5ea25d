"""Ends every process it was told of as soon as whoever started it is gone, however that ended.

Run as a script with a pipe on standard input: `+PID` names a process group to end, `-PID` takes it back.
When the pipe closes, its writer is gone (also by `kill -9`), so the named groups are ended. Works on Linux
and macOS alike. Standard library only.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time

PATIENCE = 1.0  # seconds between asking and forcing


def end_group(leader: int, how: signal.Signals) -> None:
    with contextlib.suppress(
        ProcessLookupError, PermissionError
    ):  # PermissionError: only zombies left (macOS)
        os.killpg(leader, how)


def end_groups(leaders: set[int]) -> None:
    for leader in leaders:
        end_group(leader, signal.SIGTERM)
    time.sleep(PATIENCE if leaders else 0)
    for leader in leaders:
        end_group(leader, signal.SIGKILL)


def watch() -> None:
    leaders: set[int] = set()
    for line in sys.stdin:
        leader = int(line[1:])
        (leaders.add if line[0] == "+" else leaders.discard)(leader)
    end_groups(leaders)


if __name__ == "__main__":
    watch()
