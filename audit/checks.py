"""What `manage.py check --database default` and `migrate` tell about the audit log."""

from collections.abc import Sequence
from typing import Any

from django.core import checks
from django.db import connection

from audit.models import Entry
from audit.triggers import missing_triggers


@checks.register(checks.Tags.database)
def log_is_kept(databases: Sequence[str] | None = None, **_: Any) -> list[checks.CheckMessage]:
    """Warns where the log could be changed. A database that is not migrated yet has nothing to miss."""
    if "default" not in (databases or ()):
        return []
    if Entry._meta.db_table not in connection.introspection.table_names():
        return []
    return [
        checks.Warning(f"The trigger {name} is missing.", hint="Run manage.py migrate.", id="audit.W001")
        for name in missing_triggers()
    ]
