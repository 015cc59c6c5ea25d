"""Rows whose every change stands in the audit log."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, ClassVar

from django.contrib.auth import get_user_model
from django.db import models, transaction
from django.db.models.signals import post_delete
from django.utils import translation

from audit.models import Kind
from audit.recording import person_word, record

NOT_KEPT = "(not kept)"


class Recorded(models.Model):
    """Saving and deleting such a row writes an entry, in the same transaction.

    What goes past `save` (bulk writes, `update`) is recorded by the service that does it, with `record`.
    """

    recorded_as: ClassVar[Kind] = Kind.CONFIGURATION
    # Columns that are no news: whatever happens to them is not recorded.
    recorded_never: ClassVar[frozenset[str]] = frozenset()
    # Personal columns: that they changed is recorded, what stood there is not.
    recorded_without_value: ClassVar[frozenset[str]] = frozenset()
    # The column that says about whom the row is.
    recorded_person: ClassVar[str] = ""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Saves the row and writes what became different."""
        if not self._is_news(kwargs.get("update_fields")):
            super().save(*args, **kwargs)
            return
        with transaction.atomic(savepoint=False):
            old = None if self._state.adding else type(self)._base_manager.filter(pk=self.pk).first()
            super().save(*args, **kwargs)
            before, after = _difference(old, self, kwargs.get("update_fields"))
            if before or after:
                self._record("changed" if old else "added", before, after)

    def recorded_label(self) -> str:
        """What the log calls the row, without naming people."""
        return str(self)

    def _is_news(self, written: Iterable[str] | None) -> bool:
        """Whether a save of these columns (None: of all) could change something that is recorded."""
        return written is None or not set(written) <= self.recorded_never

    def _record(self, act: str, before: dict[str, Any], after: dict[str, Any]) -> None:
        person = getattr(self, self.recorded_person) if self.recorded_person else None
        with translation.override("en"):  # the log speaks one language, whoever writes to it
            label = self.recorded_label()
        record(self.recorded_as, act, of=self, label=label, person=person, before=before, after=after)


def _difference(
    old: "Recorded | None", new: "Recorded", written: Any = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The columns that differ, before and after; of a new row all that are not empty."""
    before, after = {}, {}
    for field in new._meta.concrete_fields:
        if field.primary_key or field.name in new.recorded_never or field.name == "updated_at":
            continue
        if written is not None and not {field.name, field.attname} & set(written):
            continue
        now = getattr(new, field.attname)
        was = getattr(old, field.attname) if old is not None else None
        if now != was and not (old is None and now in (None, "")):
            after[field.name] = _value(new, field)
            if old is not None:
                before[field.name] = _value(old, field)
    return before, after


def _value(row: Recorded, field: models.Field[Any, Any]) -> Any:
    """A value as it stands in the log: plain, people by number, other rows by number and name."""
    value = getattr(row, field.attname)
    if value is None:
        return None
    if field.name in row.recorded_without_value:
        return NOT_KEPT
    if field.is_relation:
        related = getattr(row, field.name)
        return person_word(value) if isinstance(related, get_user_model()) else f"{related} ({value})"
    if isinstance(value, date | datetime):
        return value.isoformat()
    return value if isinstance(value, bool | int | str | list | dict) else str(value)


def _on_delete(sender: type[models.Model], instance: models.Model, **_: Any) -> None:
    """Deleting runs in one transaction with its signals, whichever door it comes through."""
    if isinstance(instance, Recorded):
        instance._record("removed", _difference(None, instance)[1], {})


post_delete.connect(_on_delete, dispatch_uid="audit.recorded")
