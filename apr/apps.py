from django.apps import AppConfig


class AprConfig(AppConfig):
    name = "apr"
    default_auto_field = "django.db.models.BigAutoField"
