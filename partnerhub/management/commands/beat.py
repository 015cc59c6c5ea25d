"""`manage.py beat`: the clock, where workers are processes of their own."""

from typing import Any

from django.core.management.base import BaseCommand

from partnerhub.celery import app


class Command(BaseCommand):
    help = "Run the clock that sends the timetable's ticks (partnerhub/schedule.py). Run exactly one."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        app.Beat(quiet=True).run()
