"""What the worker does for the shell."""

from celery import shared_task
from django.utils import timezone

from partnerhub.models import Heartbeat


@shared_task(name="partnerhub.heartbeat")
def heartbeat(queue: str) -> None:
    Heartbeat.objects.update_or_create(queue=queue, defaults={"beat_at": timezone.now()})
