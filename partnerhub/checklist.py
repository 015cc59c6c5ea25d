"""`run.py test`: every check, the cheap ones first. Standard library only."""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import socket
from pathlib import Path
from urllib.parse import urlsplit

from partnerhub.family import Family
from partnerhub.installer import Installer, SetupError
from partnerhub.supervisor import say

POSTGRES = "postgres://postgres@127.0.0.1:5432/partnerhub"
REDIS = "redis://127.0.0.1:6379/15"


def check(family: Family, root: Path, arguments: argparse.Namespace) -> int:
    """Run the checks, then the test suite; 1 if anything failed. Cheap checks all run before that ends it."""
    installer = Installer(family, root)
    installer.install("requirements-dev.txt")
    bin_dir = installer.python.parent
    env = {**os.environ, "PATH": f"{bin_dir}{os.pathsep}{os.environ['PATH']}"}
    if not arguments.suite_only:
        failed = [
            name for name, command, extra in cheap_checks() if not passed(family, name, command, env | extra)
        ]
        if failed:
            say(f"\nFailed: {', '.join(failed)}. The test suite was not run.")
            return 1
    return suite(family, arguments, env)


def cheap_checks() -> list[tuple[str, list[str], dict[str, str]]]:
    """Name, command and further environment of each check that takes seconds."""
    production = {
        "DEBUG": "False",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "ALLOWED_HOSTS": "partnerhub.example.com",
        "DATABASE_URL": POSTGRES,
        "SITE_URL": "https://partnerhub.example.com",
    }
    templates = [str(path) for path in sorted(Path("templates").rglob("*.html"))]
    checks = [
        ("lint", ["ruff", "check", "."], {}),
        ("format", ["ruff", "format", "--check", "."], {}),
        ("types", ["mypy", "."], {}),
        ("migrations", ["python", "manage.py", "makemigrations", "--check", "--dry-run"], {}),
        ("deployment", ["python", "manage.py", "check", "--deploy", "--fail-level", "WARNING"], production),
        (
            "compose file",
            ["check-jsonschema", "--builtin-schema", "vendor.compose-spec", "docker-compose.yml"],
            {},
        ),
    ]
    if templates:
        checks.insert(2, ("templates", ["djade", "--check", "--target-version", "5.2", *templates], {}))
    return checks


def passed(family: Family, name: str, command: list[str], env: dict[str, str]) -> bool:
    say(f"\n== {name}: {' '.join(command[:6])}")
    return family.run(command, env) == 0


def suite(family: Family, arguments: argparse.Namespace, env: dict[str, str]) -> int:
    """Run pytest in parallel, on the services that were demanded or named in the environment."""
    services = {
        "TEST_DATABASE_URL": service(
            "PostgreSQL", "TEST_DATABASE_URL", POSTGRES, demanded=arguments.postgres
        ),
        "TEST_REDIS_URL": service("Redis", "TEST_REDIS_URL", REDIS, demanded=arguments.redis),
    }
    say(
        "\n== tests on "
        + ("PostgreSQL" if services["TEST_DATABASE_URL"] else "SQLite (--postgres for PostgreSQL)")
    )
    if not services["TEST_REDIS_URL"]:
        say("   without Redis: its tests are skipped (--redis to run them)")
    if not any(
        shutil.which(name)
        for name in (env.get("CHROME", ""), "chromium", "google-chrome", "chromium-browser")
    ):
        raise SetupError("The browser tests need Chromium. Install it, or set CHROME to where it is.")
    parallel = [] if "-n" in arguments.pytest else ["-n", str(min(4, os.cpu_count() or 2))]
    return 1 if family.run(["pytest", *parallel, *arguments.pytest], env | services) else 0


def service(name: str, variable: str, default: str, *, demanded: bool) -> str:
    """The address of a service the tests shall use: empty unless demanded or set; it has to answer."""
    url = os.environ.get(variable, "") or (default if demanded else "")
    if url:
        address = urlsplit(url)
        try:
            socket.create_connection(
                (address.hostname or "127.0.0.1", address.port or 5432), timeout=3
            ).close()
        except OSError as error:
            raise SetupError(
                f"{name} does not answer at {address.hostname}:{address.port} ({error})."
            ) from error
    return url
