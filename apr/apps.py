from django.apps import AppConfig


class AprConfig(AppConfig):
    name = "apr"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """A fresh database gets the usual action types."""
        from apr.defaults import install_defaults
        from foundation.defaults import after_migrate

        after_migrate(self, install_defaults)
