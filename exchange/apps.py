from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "exchange"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tokens end with their person's access."""
        from accounts.services.people import also_ends
        from exchange.api.tokens import revoke_tokens

        also_ends.append(revoke_tokens)
