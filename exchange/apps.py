from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "exchange"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tokens end with their person's access, and their names when the person is made anonymous."""
        from accounts.services.anonymising import also_forgets
        from accounts.services.people import also_ends
        from exchange.api.tokens import forget, revoke_tokens
        from exchange.importing.forgetting import forget as forget_in_imports

        also_ends.append(revoke_tokens)
        also_forgets.extend([forget, forget_in_imports])
