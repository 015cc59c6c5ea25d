from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "exchange"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """The API's description learns of tokens."""
        import exchange.api.schema  # noqa: F401 - registers itself
