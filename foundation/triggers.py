"""Database triggers, made and looked up by name on both databases.

A trigger's name ends in a digest of its definition, so that one look at the names tells which are missing
or out of date.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from django.db import connection


@dataclass(frozen=True)
class Trigger:
    """A trigger of one table: its name and the statements that make it."""

    table: str
    name: str
    statements: tuple[str, ...]


def digest(definition: str) -> str:
    """What ends the name of a trigger with this definition."""
    return sha256(definition.encode()).hexdigest()[:8]


def installed(prefix: str) -> dict[str, str]:
    """Names of the enabled triggers of the database that begin so, with their tables."""
    sql = (
        "SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
        "WHERE NOT t.tgisinternal AND t.tgenabled <> 'D' AND pg_table_is_visible(c.oid)"
        if connection.vendor == "postgresql"
        else "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return {name: table for name, table in cursor.fetchall() if name.startswith(prefix)}


def bring_up_to_date(prefix: str, needed: Iterable[Trigger]) -> list[Trigger]:
    """Drops triggers with this prefix that are not needed, makes those that lack; returns the latter."""
    wanted = list(needed)
    standing = installed(prefix)
    for name in standing.keys() - {trigger.name for trigger in wanted}:
        drop(name, standing[name])
    missing = [trigger for trigger in wanted if trigger.name not in standing]
    for trigger in missing:
        execute(*trigger.statements)
    return missing


def drop(name: str, table: str) -> None:
    """Takes a trigger away, with the function of that name."""
    if connection.vendor == "postgresql":
        execute(f"DROP TRIGGER {name} ON {table}", f"DROP FUNCTION IF EXISTS {name}()")
    else:
        execute(f"DROP TRIGGER {name}")


def execute(*statements: str) -> None:
    """Runs statements one after another."""
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
