from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """A fresh database gets its organisation; who changed people and settings is written down."""
        from auditlog.registry import auditlog

        from accounts import models
        from foundation.defaults import after_migrate

        after_migrate(self, models.Organisation.current)
        auditlog.register(models.User, exclude_fields=["password", "last_login"])
        auditlog.register(models.Invitation, exclude_fields=["token_hash"])
        auditlog.register(models.Team, m2m_fields={"leaders"})
        for kept in (models.RoleGrant, models.Membership, models.Absence):
            auditlog.register(kept)
        for configured in (models.Organisation, models.Holiday, models.ExchangeRate):
            auditlog.register(configured)
