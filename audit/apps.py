from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "audit"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """A fresh database gets the triggers that keep the log as it was written."""
        from audit import checks, triggers  # noqa: F401 - checks register themselves
        from foundation.defaults import after_migrate

        after_migrate(self, triggers.install)
