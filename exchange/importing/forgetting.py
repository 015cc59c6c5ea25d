"""Taking the words of somebody made anonymous out of what imports keep."""

from typing import Any

from accounts.services.anonymising import Forgotten, rows_with
from exchange.models import ImportLine, ImportMapping, ImportRun

COLUMNS: list[tuple[type[ImportRun] | type[ImportLine] | type[ImportMapping], tuple[str, ...]]] = [
    (ImportRun, ("problems", "note", "survey", "choices")),
    (ImportLine, ("name", "problems", "cells")),
    (ImportMapping, ("choices",)),
]


def forget(forgotten: Forgotten) -> None:
    """Replaces name and address wherever an import told them, and drops what was decided about the name."""
    texts = {forgotten.name, forgotten.name.casefold(), forgotten.email or ""} - {""}
    for model, columns in COLUMNS:
        for column in columns:
            found = {row.pk for text in texts for row in rows_with(text, model._base_manager.all(), column)}
            for row in model._base_manager.filter(pk__in=found).order_by("pk"):
                setattr(row, column, _without(getattr(row, column), forgotten, texts))
                row.save(update_fields=[column])


def _without(value: Any, forgotten: Forgotten, texts: set[str]) -> Any:
    """Plain values without these texts; facts under such a name go."""
    if isinstance(value, str):
        for text in texts:
            value = value.replace(text, forgotten.now_called)
        return value
    if isinstance(value, list):
        return [_without(one, forgotten, texts) for one in value]
    if isinstance(value, dict):
        return {key: _without(one, forgotten, texts) for key, one in value.items() if key not in texts}
    return value
