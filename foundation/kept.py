"""What Django's admin may never do here: delete history, or write what a service owns."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest


class KeptAdmin(admin.ModelAdmin[Any]):
    """Rows that are retired or superseded, never deleted."""

    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Nobody deletes."""
        return False


class ReadOnlyAdmin(KeptAdmin):
    """History and rows with consequences: to be read here, written by their services only."""

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Nobody adds."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Nobody changes."""
        return False
