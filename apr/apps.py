from django.apps import AppConfig


class AprConfig(AppConfig):
    name = "apr"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """A fresh database gets the triggers that mark what is stale, and the usual action types.

        Deals are told when they have seen their partner manager, partners by what they can be sorted; what
        somebody was told goes when they are made anonymous.
        """
        from accounts.services.anonymising import also_forgets
        from apr import checks  # noqa: F401 - registers itself
        from apr.defaults import install_defaults
        from apr.involvement import seen_since
        from apr.partner_figures import SORTED_BY
        from apr.rollup import triggers
        from apr.services.notifications import forget
        from foundation.defaults import after_migrate
        from opportunities.querysets import seen_by_partner_manager_since
        from partners.querysets import sorted_by

        seen_by_partner_manager_since.append(seen_since)
        sorted_by.update(SORTED_BY)
        also_forgets.append(forget)
        after_migrate(self, triggers.install)
        after_migrate(self, install_defaults)
