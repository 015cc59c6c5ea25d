"""`manage.py worker`: the background worker."""

from threading import Thread
from typing import Any

from celery import signals
from celery.beat import Service
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from partnerhub.celery import app
from partnerhub.schedule import QUEUES


class Command(BaseCommand):
    help = "Run the background worker. Where the broker is memory://, the clock runs in the same process."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--queues", default=",".join(QUEUES), help="which queues, with commas (all)")
        parser.add_argument("--concurrency", type=int, default=4, help="how many tasks at once (4)")

    def handle(self, *args: Any, **options: Any) -> None:
        embedded = settings.CELERY_BROKER_URL.startswith("memory:")
        worker = app.Worker(
            queues=options["queues"].split(","),
            concurrency=options["concurrency"],
            pool="threads" if embedded else "prefork",
            loglevel=settings.LOG_LEVEL,
            without_gossip=True,
            without_mingle=True,
            quiet=True,
        )
        if embedded:
            start_clock()
        worker.start()
        raise SystemExit(worker.exitcode)


def start_clock() -> None:
    """Run beat as a thread. It stops first: while ticks arrive, the worker's warm shutdown never ends."""
    clock = Service(app, max_interval=1, scheduler_cls=app.conf.beat_scheduler)

    def stop(**_: Any) -> None:
        clock.stop()

    signals.worker_shutting_down.connect(stop, weak=False)
    Thread(target=clock.start, name="clock", daemon=True).start()
