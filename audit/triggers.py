"""The triggers that refuse to change or delete what the audit log holds, whichever door is tried."""

from django.db import connection, models, transaction

from audit.models import Entry, Seal
from foundation.triggers import Trigger, bring_up_to_date, digest, installed

PREFIX = "audit_keep_"
KEPT: tuple[type[models.Model], ...] = (Entry, Seal)
WORDS = "the audit log is only ever added to"


def install() -> None:
    """Makes the triggers that are missing; does nothing where all is in place."""
    with transaction.atomic():
        existing = set(connection.introspection.table_names())
        bring_up_to_date(PREFIX, [trigger for trigger in triggers() if trigger.table in existing])


def missing_triggers() -> list[str]:
    """The names of triggers that ought to be there and are not. Empty when all is well."""
    standing = installed(PREFIX)
    return [trigger.name for trigger in triggers() if trigger.name not in standing]


def triggers() -> list[Trigger]:
    """Every trigger, in the words of the database at hand."""
    make = _postgresql if connection.vendor == "postgresql" else _sqlite
    return [trigger for model in KEPT for trigger in make(model._meta.db_table)]


def _postgresql(table: str) -> list[Trigger]:
    """One for each statement: it refuses before any row is touched."""
    body = f"$$ BEGIN RAISE EXCEPTION '{WORDS}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    made = []
    for event in ("update", "delete", "truncate"):
        name = f"{PREFIX}{table}_{event}_{digest(body)}"
        function = f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS {body}"
        trigger = (
            f"CREATE TRIGGER {name} BEFORE {event.upper()} ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
        )
        made.append(Trigger(table, name, (function, trigger)))
    return made


def _sqlite(table: str) -> list[Trigger]:
    """SQLite knows no trigger for statements, and no TRUNCATE."""
    body = f"BEGIN SELECT RAISE(ABORT, '{WORDS}'); END"
    made = []
    for event in ("update", "delete"):
        name = f"{PREFIX}{table}_{event}_{digest(body)}"
        made.append(
            Trigger(table, name, (f"CREATE TRIGGER {name} BEFORE {event.upper()} ON {table} {body}",))
        )
    return made
