from django.apps import AppConfig


class AprConfig(AppConfig):
    name = "apr"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """A fresh database gets the triggers that mark what is stale, and the usual action types.

        Deals are told when they have seen their partner manager. Who changed action types, rules and
        targets is written down.
        """
        from auditlog.registry import auditlog

        from apr import checks  # noqa: F401 - registers itself
        from apr.defaults import install_defaults
        from apr.involvement import seen_since
        from apr.models import ActionType, PointRule, Target
        from apr.rollup import triggers
        from foundation.defaults import after_migrate
        from opportunities.querysets import seen_by_partner_manager_since

        seen_by_partner_manager_since.append(seen_since)
        after_migrate(self, triggers.install)
        after_migrate(self, install_defaults)
        for configured in (ActionType, PointRule, Target):
            auditlog.register(configured)
