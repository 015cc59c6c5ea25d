from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """A fresh database gets its organisation."""
        from accounts.models import Organisation
        from foundation.defaults import after_migrate

        after_migrate(self, Organisation.current)
