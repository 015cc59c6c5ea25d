"""What `manage.py check --database default` and `migrate` tell about the roll-up."""

from collections.abc import Sequence
from typing import Any

from django.core import checks
from django.db import connection

from apr.models import StaleWide
from apr.rollup.triggers import missing_triggers


@checks.register(checks.Tags.database)
def triggers_are_installed(databases: Sequence[str] | None = None, **_: Any) -> list[checks.CheckMessage]:
    """Warns where writes would go unseen. A database that is not migrated yet has nothing to miss."""
    if "default" not in (databases or ()):
        return []
    if StaleWide._meta.db_table not in connection.introspection.table_names():
        return []
    return [
        checks.Warning(f"The trigger {name} is missing.", hint="Run manage.py migrate.", id="apr.W001")
        for name in missing_triggers()
    ]
