"""A database of our own, made for one run and dropped after it."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg2

OURS = "chaos"  # how our own connections call themselves, so that no harm is done to the observer


@contextmanager
def scratch_database(server: str | None) -> Iterator[str]:
    """The address of an empty database: beside the one that `server` names, else an SQLite file."""
    if server is None:
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{folder}/chaos.sqlite3"
        return
    name = f"{urlsplit(server).path.strip('/')}_chaos_{os.getpid()}"
    _run(server, f'CREATE DATABASE "{name}"')
    try:
        yield urlsplit(server)._replace(path=f"/{name}", query="").geturl()
    finally:
        _run(server, f'DROP DATABASE "{name}" WITH (FORCE)')


def _run(server: str, statement: str) -> None:
    # The database that `server` names need not exist yet; every server has this one.
    connection = psycopg2.connect(urlsplit(server)._replace(path="/postgres").geturl())
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(statement)
    connection.close()
