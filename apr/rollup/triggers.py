"""The triggers that mark what a write makes stale, whichever door the write came through.

PostgreSQL runs one per statement, over the statement's rows; SQLite one per row.
"""

from collections.abc import Iterator

from django.db import connection, transaction

from apr.models import WIDE_SHARD, Shard, StaleWide, WideReason
from apr.rollup.sources import SOURCES, Mark, Source
from foundation.triggers import Trigger, bring_up_to_date, digest, installed

PREFIX = "apr_mark_"


def install() -> None:
    """Makes the triggers that are missing, drops those out of date, and makes the shards' rows.

    Where a table had rows before it had its triggers, all that is stored is marked, because writes may
    have gone unseen: so it is after Django has remade a table on SQLite. Does nothing where all is in place.
    """
    with transaction.atomic():
        existing = set(connection.introspection.table_names())
        needed = [trigger for trigger in triggers() if trigger.table in existing]
        if StaleWide._meta.db_table not in existing:
            return
        Shard.objects.bulk_create(
            [Shard(number=number) for number in range(WIDE_SHARD + 1)], ignore_conflicts=True
        )
        missing = bring_up_to_date(PREFIX, needed)
        if any(_has_rows(table) for table in {trigger.table for trigger in missing}):
            StaleWide.objects.create(shard=WIDE_SHARD, reason=WideReason.EVERYTHING)


def missing_triggers() -> list[str]:
    """The names of triggers that ought to be there and are not. Empty when all is well."""
    standing = installed(PREFIX)
    return [trigger.name for trigger in triggers() if trigger.name not in standing]


def triggers() -> list[Trigger]:
    """Every trigger, in the words of the database at hand."""
    make = _postgresql if connection.vendor == "postgresql" else _sqlite
    return [trigger for source in SOURCES for trigger in make(source)]


# --- SQL ------------------------------------------------------------------------------------------


def _postgresql(source: Source) -> Iterator[Trigger]:
    """One trigger a statement: a bulk write marks each bucket once."""
    columns = source.columns
    old, new = (", ".join(f"{side}.{column}" for column in columns) for side in ("o", "n"))
    changed = f"o.id IS NULL OR n.id IS NULL OR ({old}) IS DISTINCT FROM ({new})"
    pairs = f"old_rows o FULL JOIN new_rows n ON n.id = o.id WHERE {changed}"
    rows = {
        "insert": ["new_rows"],
        "delete": ["old_rows"],
        "update": [f"(SELECT {side}.* FROM {pairs}) " for side in ("o", "n")],
    }
    transitions = {
        "insert": "NEW TABLE AS new_rows",
        "delete": "OLD TABLE AS old_rows",
        "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    }
    for event in source.events:
        body = "; ".join(
            f"{_insert(source.mark)} SELECT DISTINCT {_values(source.mark, 'r.')} FROM {each} r "
            f"WHERE r.id IS NOT NULL{' AND ' + source.only if source.only else ''}"
            for each in rows[event]
        )
        name = _name(source, event, body)
        function = (
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN {body}; RETURN NULL; END $$"
        )
        trigger = (
            f"CREATE TRIGGER {name} AFTER {event.upper()} ON {source.table} REFERENCING {transitions[event]} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
        )
        yield Trigger(source.table, name, (function, trigger))


def _sqlite(source: Source) -> Iterator[Trigger]:
    changed = " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in [*source.columns, "id"])
    rows = {"insert": ["NEW."], "delete": ["OLD."], "update": ["OLD.", "NEW."]}
    for event in source.events:
        body = " ".join(
            f"{_insert(source.mark)} SELECT {_values(source.mark, each)}{_only(source, each)};"
            for each in rows[event]
        )
        when = f"WHEN {changed}" if event == "update" else ""
        name = _name(source, event, when + body)
        yield Trigger(
            source.table,
            name,
            (
                f"CREATE TRIGGER {name} AFTER {event.upper()} ON {source.table} "
                f"FOR EACH ROW {when} BEGIN {body} END",
            ),
        )


def _insert(mark: Mark) -> str:
    return f"INSERT INTO {mark.model._meta.db_table} ({', '.join(mark.values)}, marked_at)"


def _values(mark: Mark, row: str) -> str:
    now = "now()" if connection.vendor == "postgresql" else "strftime('%Y-%m-%d %H:%M:%f', 'now')"
    return ", ".join(value.replace("r.", row) for value in [*mark.values.values(), now])


def _only(source: Source, row: str) -> str:
    return f" WHERE {source.only.replace('r.', row)}" if source.only else ""


def _name(source: Source, event: str, definition: str) -> str:
    return f"{PREFIX}{source.table}_{event}_{digest(definition)}"


def _has_rows(table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {table})")
        return bool(cursor.fetchone()[0])
