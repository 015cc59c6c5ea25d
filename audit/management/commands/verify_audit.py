"""`manage.py verify_audit`: whether the audit log is as it was written."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.chain import verify
from audit.triggers import missing_triggers


def noted(text: str) -> tuple[int, str]:
    """A place and its hash, as this command and the log lines print them."""
    number, _colon, known = text.partition(":")
    return int(number), known


class Command(BaseCommand):
    help = "Compute the chain of the audit log again and say where it breaks, if it does."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--expect",
            type=noted,
            metavar="NUMBER:HASH",
            help="an end of the chain noted earlier, which still has to be there",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        verdict = verify(options["expect"])
        for fault in verdict.faults:
            self.stderr.write(str(fault))
        missing = missing_triggers()
        for name in missing:
            self.stderr.write(f"trigger {name} is missing: run manage.py migrate")
        if verdict.faults or missing:
            raise CommandError(f"The audit log does not hold: {len(verdict.faults)} faults.")
        self.stdout.write(
            f"{verdict.checked} entries hold, {verdict.waiting} wait for their place. "
            f"The chain ends at {verdict.number}:{verdict.hash}"
        )
