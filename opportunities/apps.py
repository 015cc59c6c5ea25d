from django.apps import AppConfig


class OpportunitiesConfig(AppConfig):
    name = "opportunities"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tells partners that they are also seen through deals; a fresh database gets a funnel."""
        from foundation.defaults import after_migrate
        from opportunities.defaults import install_defaults
        from opportunities.querysets import partners_on_visible_deals
        from partners.querysets import also_seen_through

        also_seen_through.append(partners_on_visible_deals)
        after_migrate(self, install_defaults)
