"""Rows that a fresh database starts with are made after every migrate, where a table is still empty."""

from collections.abc import Callable

from django.apps import AppConfig
from django.db import transaction
from django.db.models.signals import post_migrate


def after_migrate(app: AppConfig, install: Callable[[], object]) -> None:
    """Calls `install` (idempotent), whole or not at all, each time the app's migrations have run."""

    def run(*, using: str, **_: object) -> None:
        if using == "default":
            with transaction.atomic():
                install()

    post_migrate.connect(run, sender=app, weak=False, dispatch_uid=f"{app.label}.{install.__name__}")
