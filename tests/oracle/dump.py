"""The rows of the database as plain dictionaries, read with plain SQL."""

from datetime import UTC, date, datetime
from typing import Any

from django.db import connection

TABLES = [
    "accounts_absence",
    "accounts_exchangerate",
    "accounts_holiday",
    "accounts_membership",
    "accounts_organisation",
    "accounts_rolegrant",
    "accounts_team",
    "accounts_user",
    "apr_action",
    "apr_actiontype",
    "apr_pointrule",
    "apr_target",
    "opportunities_assignment",
    "opportunities_commitment",
    "opportunities_obstacle",
    "opportunities_opportunity",
    "opportunities_partnerinvolvement",
    "opportunities_stagechange",
]
Dump = dict[str, list[dict[str, Any]]]


def dump() -> Dump:
    """All rows of the tables that figures are made of, by table."""
    return {table: _rows(table) for table in TABLES}


def _rows(table: str) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} ORDER BY id")  # noqa: S608 - our own list
        names = [column[0] for column in cursor.description]
        return [
            {name: _value(name, value) for name, value in zip(names, row, strict=True)}
            for row in cursor.fetchall()
        ]


def _value(name: str, value: Any) -> Any:
    """SQLite hands dates out as text, and instants without their zone."""
    if isinstance(value, str) and (name.endswith(("_on", "_from")) or name == "date"):
        return date.fromisoformat(value)
    if isinstance(value, str) and name.endswith("_at"):
        value = datetime.fromisoformat(value)
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    return value
