from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """A fresh database gets its organisation; who signs in and who leads is written down."""
        from accounts import models, recording
        from foundation.defaults import after_migrate

        after_migrate(self, models.Organisation.current)
        recording.listen()
