"""`manage.py import_csv KIND FILE`: brings in a file at once, without the worker."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from exchange.importing.plan import apply_all, check, rehearse
from exchange.importing.presets import KINDS, PRESETS
from exchange.importing.problems import FileRefused
from foundation.errors import InvalidInput


class Command(BaseCommand):
    help = "Bring in a CSV file. A file with anything wrong in it is refused and changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=list(KINDS))
        parser.add_argument("file", type=Path)
        parser.add_argument("--preset", choices=list(PRESETS), default="partnerhub")
        parser.add_argument(
            "--currency", default="", help="of amounts without one (the preset's, else yours)"
        )
        parser.add_argument("--dry-run", action="store_true", help="only say what would be done")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            content = options["file"].read_bytes()
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}") from error
        try:
            plan = check(
                content, kind=options["kind"], preset=options["preset"], currency=options["currency"]
            )
        except FileRefused as refusal:
            for problem in refusal.problems:
                self.stderr.write(str(problem))
            raise CommandError("The file was refused; nothing was changed.") from refusal
        except InvalidInput as refusal:
            raise CommandError(refusal.message) from refusal
        counts = rehearse(plan, None) if options["dry_run"] else apply_all(plan, None)
        for note in counts.notes:
            self.stdout.write(note)
        verb = "Would be: " if options["dry_run"] else ""
        self.stdout.write(
            f"{verb}{counts.made} made, {counts.changed} changed, {counts.unchanged} unchanged."
        )
