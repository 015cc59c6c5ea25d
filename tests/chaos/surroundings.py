"""What a run needs around it: free ports, settings for the processes, a migrated database."""

import os
import secrets
import socket
from urllib.parse import urlsplit

from tests.chaos.scratch import OURS


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(database: str, broker: str | None) -> dict[str, str]:
    """Settings as in production, for the processes."""
    chosen = {
        "DJANGO_SETTINGS_MODULE": "partnerhub.settings",
        "DEBUG": "False",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
        "SITE_URL": "http://127.0.0.1",
        "DATABASE_URL": database,
        "BROKER_URL": broker or "memory://",
        "CACHE_URL": "locmemcache://chaos",
        "API_RATE": "1000000/min",
        "STATIC_BUILD": "False",
        "LOG_LEVEL": "WARNING",
        "LOG_FORMAT": "text",
        "WEB_CONCURRENCY": "2" if broker else "1",
        "PYTHONUNBUFFERED": "1",
    }
    if broker:
        chosen["CACHE_URL"] = "rediscache" + urlsplit(broker)._replace(path="/1").geturl()[5:]
    return {**os.environ, **chosen}


def prepare(env: dict[str, str]) -> None:
    """Sets Django up in this process, on a connection that is spared, and migrates."""
    os.environ.update(env)
    os.environ["CACHE_URL"] = "locmemcache://chaos"
    if env["DATABASE_URL"].startswith("postgres"):
        os.environ["DATABASE_URL"] += f"?application_name={OURS}"

    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
