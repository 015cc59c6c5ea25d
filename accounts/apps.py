from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """A fresh database gets its organisation; who signs in and who leads is written down."""
        from django.contrib.auth.signals import user_logged_in

        from accounts import models, recording, session_limits, sso
        from foundation.defaults import after_migrate

        after_migrate(self, models.Organisation.current)
        recording.listen()
        sso.listen()
        user_logged_in.connect(session_limits.begin, dispatch_uid="accounts.session_limits")
