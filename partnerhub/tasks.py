"""What the worker does for the shell."""

from celery import shared_task
from django.utils import timezone

from accounts.services import calendar
from partnerhub.models import Heartbeat
from partnerhub.settings_index import first_day_of_data


@shared_task(name="partnerhub.heartbeat")
def heartbeat(queue: str) -> None:
    Heartbeat.objects.update_or_create(queue=queue, defaults={"beat_at": timezone.now()})


@shared_task(name="accounts.extend_calendar")
def extend_calendar() -> None:
    """Keep the holidays ahead: what is there already is left alone, so any number of ticks does no harm."""
    calendar.extend_calendar(first_day_of_data())
