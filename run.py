#!/usr/bin/env python3
"""Runs PartnerHub, or its checks, from a bare checkout: `python3 run.py` and `python3 run.py test`.

Standard library only, for Linux and macOS: everything else is installed by it, into this directory.
"""

from __future__ import annotations

import sys

if sys.version_info < (3, 11):  # before anything that an older Python would stumble over
    sys.exit(
        "PartnerHub needs Python 3.11 or newer; this is %d.%d. Try: python3.11 run.py" % sys.version_info[:2]
    )

import argparse
import os
import secrets
import signal
import socket
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

from partnerhub.checklist import check
from partnerhub.family import Family
from partnerhub.installer import Installer, SetupError
from partnerhub.preparation import Preparation
from partnerhub.supervisor import Supervisor, say

ROOT = Path(__file__).resolve().parent
HOST = "127.0.0.1"
SIGN_INS = "Demo sign-ins"  # the line with which `manage.py prepare` begins them


def main() -> int:
    arguments = parse(sys.argv[1:])
    heed_signals()
    try:
        with Family(ROOT) as family:
            return check(family, ROOT, arguments) if arguments.command == "test" else serve(family, arguments)
    except SetupError as problem:
        say(f"\n{problem}")
        return 1
    except KeyboardInterrupt:
        say("\nPartnerHub has ended." if arguments.command != "test" else "\nStopped.")
        return 130 if arguments.command == "test" else 0


def heed_signals() -> None:
    """Being interrupted or asked to end ends everything, even when a shell started us in the background.

    There an interrupt comes ignored. A hang-up that comes ignored stays so: that is what nohup is for.
    """
    signal.signal(signal.SIGINT, interrupt)
    signal.signal(signal.SIGTERM, interrupt)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, interrupt)


def interrupt(_signal: int, _frame: object) -> None:
    """Being asked to end is the same as Ctrl-C."""
    raise KeyboardInterrupt


def parse(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="run.py", description="Run PartnerHub here, with all it needs.")
    parser.add_argument("--port", type=int, default=8000, help="where it answers (8000)")
    parser.add_argument("--no-demo", action="store_true", help="begin empty, without the demo organisation")
    parser.add_argument(
        "--database-url", help="postgres://user:password@host:5432/name (an SQLite file in var/)"
    )
    parser.add_argument("--broker-url", help="redis://host:6379/0 (none: worker and clock share one process)")
    parser.set_defaults(command="serve")
    test = parser.add_subparsers(metavar="test").add_parser(
        "test", help="run every check; words it does not know go to pytest"
    )
    test.add_argument("--postgres", action="store_true", help="demand PostgreSQL (TEST_DATABASE_URL)")
    test.add_argument("--redis", action="store_true", help="demand Redis (TEST_REDIS_URL)")
    test.add_argument(
        "--suite-only", action="store_true", help="only the test suite, not the checks before it"
    )
    test.set_defaults(command="test")
    arguments, rest = parser.parse_known_args(words)
    if rest and arguments.command != "test":
        parser.error(f"unknown: {' '.join(rest)}")
    arguments.pytest = rest
    return arguments


def serve(family: Family, arguments: argparse.Namespace) -> int:
    refuse_taken_port(arguments.port)
    installer = Installer(family, ROOT)
    installer.install("requirements.txt")
    python, env = str(installer.python), environment(arguments)
    sign_ins = prepare(family, python, env, arguments)
    url = f"http://{HOST}:{arguments.port}/"
    parts = {
        "web": [python, "-m", "gunicorn", "partnerhub.wsgi", "--bind", f"{HOST}:{arguments.port}"],
        "worker": [python, "manage.py", "worker"],
    }
    if not env["BROKER_URL"].startswith("memory:"):
        parts["beat"] = [python, "manage.py", "beat"]
    say("== Starting " + ", ".join(parts))
    return Supervisor(family, env, parts).run(
        is_ready=lambda: answers(f"{url}ready/"),
        on_ready=lambda: say(
            "\n".join(["", *sign_ins, "", f"PartnerHub is ready: {url}   (Ctrl-C ends it)", ""])
        ),
    )


def refuse_taken_port(port: int) -> None:
    """Say at once that something else listens there, rather than after minutes of setting up."""
    if not 0 < port < 65_536:
        raise SetupError("A port is a number from 1 to 65535. For example: python3 run.py --port 8001")
    with socket.socket() as probe:
        probe.settimeout(1)
        taken = probe.connect_ex((HOST, port)) == 0
    if taken:
        raise SetupError(
            f"Port {port} is taken by another program. Choose another: python3 run.py --port {port + 1}"
        )
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise SetupError(
                f"Port {port} cannot be used ({error}). Choose another: python3 run.py --port 8001"
            ) from error


def environment(arguments: argparse.Namespace) -> dict[str, str]:
    """Settings as in production, but on this machine only; variables that are already set win."""
    chosen = {"SITE_URL": f"http://{HOST}:{arguments.port}", "PYTHONUNBUFFERED": "1"}
    if arguments.database_url:
        chosen["DATABASE_URL"] = arguments.database_url
    if arguments.broker_url:
        chosen["BROKER_URL"] = arguments.broker_url
    fallback = {
        "DEBUG": "False",
        "SECRET_KEY": local_secret(),
        "ALLOWED_HOSTS": f"localhost,{HOST}",
        "DATABASE_URL": f"sqlite:///{ROOT / 'var' / 'partnerhub.sqlite3'}",
        "BROKER_URL": "memory://",
        "STATIC_BUILD": "False",
        "LOG_FORMAT": "text",
    }
    env = {**fallback, **os.environ, **chosen}
    # SQLite has one writer, and without a shared cache limits are counted per process.
    env.setdefault("WEB_CONCURRENCY", "1" if env["DATABASE_URL"].startswith("sqlite") else "2")
    return env


def local_secret() -> str:
    """The secret of this checkout, made once: sessions outlive a restart."""
    path = ROOT / "var" / "secret-key"
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48))
    return path.read_text()


def prepare(family: Family, python: str, env: dict[str, str], arguments: argparse.Namespace) -> list[str]:
    """Migrate and fill the database, unless nothing changed; return the demo sign-ins, to be shown last."""
    preparation = Preparation(ROOT, env["DATABASE_URL"])
    known = preparation.remembered()
    if known is not None:
        return known
    command = [python, "manage.py", "prepare", *(["--no-demo"] if arguments.no_demo else [])]
    child = family.start(command, env, -1)  # -1: subprocess.PIPE
    sign_ins: list[str] = []
    for line in child.stdout or ():
        if sign_ins or line.startswith(SIGN_INS):
            sign_ins.append(line.rstrip())
        else:
            say(line.rstrip())
    code = child.wait()
    family.bury(child)
    if code:
        raise SetupError(
            f"Preparing the database failed; the lines above say why.\nDatabase: {place(env['DATABASE_URL'])}"
        )
    preparation.remember(sign_ins)
    return sign_ins


def place(url: str) -> str:
    """A database address without its password."""
    parts = urlsplit(url)
    return url.replace(f":{parts.password}@", ":***@") if parts.password else url


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:  # noqa: S310 - our own address
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


if __name__ == "__main__":
    sys.exit(main())
