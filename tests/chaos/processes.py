"""The site under test: its processes, started again when they end, as any service manager does."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

from partnerhub.family import Family
from tests.chaos.http import BROKEN, Request

ROOT = Path(__file__).resolve().parents[2]
PYTHON = sys.executable
ORPHANS_LIVE = 2.0  # seconds for which the children of a killed worker may go on beside the new one


class Site:
    """Web, workers, clock and Redis as processes, or `only` some. On SQLite: web and the embedded worker."""

    def __init__(
        self, family: Family, env: dict[str, str], port: int, log: Path, only: tuple[str, ...] = ()
    ) -> None:
        self.family, self.env, self.port = family, env, port
        self.output = log.open("a")
        self.redis_port = urlsplit(env["BROKER_URL"]).port
        commands = self._commands()
        self.commands = {name: commands[name] for name in only or commands}
        self.parts: dict[str, subprocess.Popen[str]] = {}
        self.orphaned: list[tuple[float, subprocess.Popen[str]]] = []
        self.not_before: dict[str, float] = {}
        self.thaw_at: float | None = None

    def _commands(self) -> dict[str, list[str]]:
        web = [PYTHON, "-m", "gunicorn", "partnerhub.wsgi", "--bind", f"127.0.0.1:{self.port}"]
        worker = [PYTHON, "manage.py", "worker", "--concurrency", "2"]
        if self.redis_port is None:
            return {"web": web, "worker": worker}
        redis = ["redis-server", "--port", str(self.redis_port), "--save", "", "--appendonly", "no"]
        beat = [PYTHON, "manage.py", "beat"]
        return {"redis": redis, "web": web, "worker 1": worker, "worker 2": worker, "beat": beat}

    def tend(self) -> None:
        """Starts what has ended, thaws what was frozen long enough, ends orphans. Called all the time."""
        now = time.monotonic()
        for name, command in self.commands.items():
            process = self.parts.get(name)
            if process is not None and process.poll() is not None:
                self._bury(name, process)
            if name not in self.parts and now >= self.not_before.get(name, 0):
                self.parts[name] = self.family.start(command, self.env, self.output)
        if self.thaw_at is not None and now >= self.thaw_at:
            self.thaw()
        for since, process in [one for one in self.orphaned if now - one[0] > ORPHANS_LIVE]:
            self.family.bury(process)
            self.orphaned.remove((since, process))

    def _bury(self, name: str, process: subprocess.Popen[str]) -> None:
        del self.parts[name]
        if name.startswith("worker"):
            self.orphaned.append((time.monotonic(), process))
        else:
            self.family.bury(process)

    def wait(self, until: Callable[[], bool], seconds: float) -> bool:
        """Tends the site until something is so; False where it was not within so many seconds."""
        deadline = time.monotonic() + seconds
        while not until():
            if time.monotonic() > deadline:
                return False
            self.tend()
            time.sleep(0.1)
        return True

    def is_ready(self) -> bool:
        """Whether the web answers."""
        try:
            return Request(self.port, "GET", "/ready/", {}).send().status == 200
        except BROKEN:
            return False

    # --- harm -------------------------------------------------------------------------------------

    def kill(self, name: str) -> bool:
        """Ends a part with SIGKILL."""
        process = self.parts.get(name)
        if process is None or process.poll() is not None:
            return False
        process.kill()
        return True

    def kill_child(self, name: str, random: Random) -> bool:
        """Ends one child of a part with SIGKILL: a web worker, or a process of a worker's pool."""
        process = self.parts.get(name)
        children = [] if process is None else children_of(process.pid)
        if not children:
            return False
        os.kill(random.choice(children), signal.SIGKILL)
        return True

    def freeze_redis(self, seconds: float) -> bool:
        """Stops Redis where it stands; `tend` lets it go on."""
        redis = self.parts.get("redis")
        if redis is None or self.thaw_at is not None or redis.poll() is not None:
            return False
        redis.send_signal(signal.SIGSTOP)
        self.thaw_at = time.monotonic() + seconds
        return True

    def end_redis(self, seconds: float) -> bool:
        """Kills Redis with all it holds; `tend` starts an empty one after a while."""
        if self.thaw_at is not None:
            return False
        self.not_before["redis"] = time.monotonic() + seconds
        return self.kill("redis")

    def thaw(self) -> None:
        """Lets Redis go on."""
        self.thaw_at = None
        if redis := self.parts.get("redis"):
            redis.send_signal(signal.SIGCONT)


def children_of(pid: int) -> list[int]:
    """The ids of the children of a process."""
    found = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False)
    return [int(line) for line in found.stdout.split()]
