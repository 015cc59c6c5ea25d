"""Digests the marks of stale figures."""

from time import sleep
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apr.rollup.drain import drain


class Command(BaseCommand):
    help = "Bring tallies, scores and credits up to date where marks say that they are stale."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--loop", action="store_true", help="go on until stopped, looking every second")

    def handle(self, *args: Any, **options: Any) -> None:
        while True:
            digested = drain()
            if digested or not options["loop"]:
                self.stdout.write(f"{digested} marks digested")
            if not options["loop"]:
                return
            sleep(1)
