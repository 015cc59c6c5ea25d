"""`run.py test`: every check, the cheap ones first. Standard library only."""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import socket
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from partnerhub.family import Family
from partnerhub.installer import Installer, SetupError
from partnerhub.supervisor import say

POSTGRES = "postgres://postgres@127.0.0.1:5432/partnerhub"
REDIS = "redis://127.0.0.1:6379/15"
CHROMIUM = ("chromium", "google-chrome", "chromium-browser")


@dataclass(frozen=True)
class Check:
    """A command that says by its exit code whether something holds."""

    name: str
    command: list[str]
    env: dict[str, str] = field(default_factory=dict)


def check(family: Family, root: Path, arguments: argparse.Namespace) -> int:
    """Run every cheap check, then the test suite unless one of them failed; 1 if anything did."""
    installer = Installer(family, root)
    installer.install("requirements-dev.txt")
    env = {**os.environ, "PATH": f"{installer.python.parent}{os.pathsep}{os.environ['PATH']}"}
    failed = []
    for each in [] if arguments.suite_only else cheap_checks(root):
        say(f"\n== {each.name}")
        if family.run(each.command, env | each.env):
            failed.append(each.name)
    if failed:
        say(f"\nFailed: {', '.join(failed)}. The test suite was not run.")
        return 1
    return suite(family, arguments, env)


def cheap_checks(root: Path) -> list[Check]:
    """What takes seconds, in the order in which people want to know."""
    templates = sorted(str(path) for path in (root / "templates").rglob("*.html"))
    production = {
        "DEBUG": "False",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "ALLOWED_HOSTS": "partnerhub.example.com",
        "DATABASE_URL": POSTGRES,
        "SITE_URL": "https://partnerhub.example.com",
    }
    manage = ["python", "manage.py"]
    compose = ["check-jsonschema", "--builtin-schema", "vendor.compose-spec", "docker-compose.yml"]
    return [
        Check("lint", ["ruff", "check", "."]),
        Check("format", ["ruff", "format", "--check", "."]),
        Check("format of templates", ["djade", "--check", "--target-version", "5.2", *templates]),
        # Its memory of earlier runs misleads the Django plugin where a model has changed elsewhere.
        Check("types", ["mypy", "--no-incremental", "."]),
        Check("missing migrations", [*manage, "makemigrations", "--check", "--dry-run"]),
        Check("production settings", [*manage, "check", "--deploy", "--fail-level", "WARNING"], production),
        Check("compose file", compose),
    ]


def suite(family: Family, arguments: argparse.Namespace, env: dict[str, str]) -> int:
    """Run pytest in parallel, on the services that were demanded or named in the environment."""
    database = service("PostgreSQL", "TEST_DATABASE_URL", POSTGRES, demanded=arguments.postgres)
    redis = service("Redis", "TEST_REDIS_URL", REDIS, demanded=arguments.redis)
    say(f"\n== tests on {'PostgreSQL' if database else 'SQLite (--postgres demands PostgreSQL)'}")
    if not redis:
        say("   without Redis: what needs it is skipped (--redis demands it)")
    if not any(map(shutil.which, (env.get("CHROME", ""), *CHROMIUM))):
        raise SetupError("The browser tests need Chromium. Install it, or set CHROME to where it is.")
    parallel = [] if "-n" in arguments.pytest else ["-n", str(min(4, os.cpu_count() or 2))]
    command = ["python", "-m", "pytest", *parallel, *arguments.pytest]
    return 1 if family.run(command, env | {"TEST_DATABASE_URL": database, "TEST_REDIS_URL": redis}) else 0


def service(name: str, variable: str, default: str, *, demanded: bool) -> str:
    """The address of a service for the tests, empty unless demanded or set. `SetupError` if it is silent."""
    url = os.environ.get(variable, "") or (default if demanded else "")
    if not url:
        return ""
    address = (urlsplit(url).hostname or "127.0.0.1", urlsplit(url).port or urlsplit(default).port or 0)
    try:
        socket.create_connection(address, timeout=3).close()
    except OSError as error:
        raise SetupError(f"{name} does not answer at {address[0]}:{address[1]} ({error}).") from error
    return url
