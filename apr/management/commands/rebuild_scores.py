"""Makes all stored figures again."""

from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand

from apr.rollup.drain import rebuild


class Command(BaseCommand):
    help = "Make all tallies, scores and credits again from their source. The site may stay in use."

    def handle(self, *args: Any, **options: Any) -> None:
        started = monotonic()
        rebuild()
        self.stdout.write(f"Rebuilt in {monotonic() - started:.1f} s")
