from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PartnerHubConfig(AppConfig):
    name = "partnerhub"
    verbose_name = _("PartnerHub")

    def ready(self) -> None:
        """Bind shared tasks to our Celery application in every process, also in tests and commands."""
        from partnerhub import celery  # noqa: F401 - Celery needs the apps to be loaded
