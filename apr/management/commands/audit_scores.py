"""Compares all stored figures with their source."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apr.rollup.audit import audit


class Command(BaseCommand):
    help = "Compare all tallies, scores and credits with their source; fails where one differs."

    def handle(self, *args: Any, **options: Any) -> None:
        result = audit()
        if result.differences:
            raise CommandError(
                f"{result.differences} of {result.checked} figures differ, such as {result.examples}. "
                "They are marked and will be made again."
            )
        self.stdout.write(f"{result.checked} figures are right")
