"""`manage.py export_csv KIND`: everything of one kind as CSV, for backups and other tools."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from exchange.exporting import EXPORTS, export


class Command(BaseCommand):
    help = "Write all opportunities or actions as CSV in UTF-8, to a file or to the screen."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=list(EXPORTS))
        parser.add_argument("--out", type=Path, default=None, help="the file; the screen if left out")
        parser.add_argument(
            "--coaching-notes",
            action="store_true",
            help="with what was said in coaching, which is private to the two; that it left is put on record",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        kind, path, private = options["kind"], options["out"], options["coaching_notes"]
        rows = EXPORTS[kind].rows()
        if path is None:
            self.stdout.ending = ""
            export(kind, rows, self.stdout, private)
            return
        try:
            with path.open("w", encoding="utf-8", newline="") as file:
                count = export(kind, rows, file, private)
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from error
        self.stdout.write(f"{count} {kind} written to {path}.")
