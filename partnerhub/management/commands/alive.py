"""`manage.py alive`: the health check of a worker or clock in a container."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from partnerhub.health import check_workers


class Command(BaseCommand):
    help = "Fail unless every queue had a tick lately, which takes clock, broker and worker together."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        check = check_workers()
        if not check.ok:
            raise CommandError(f"Seconds since the last tick of each queue: {check.figures['seconds_ago']}")
