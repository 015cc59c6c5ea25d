"""`manage.py close_period KEY`: stores what is known of a month or quarter."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Organisation, User
from apr.models import Closing, ClosingStatus
from apr.periods import parse_period
from apr.services.closing import ask_to_close, close_waiting, reopen
from foundation.errors import Refusal


class Command(BaseCommand):
    help = "Close a month (2026-09) or quarter (2026-Q3): store its scorecards as they are known now."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("period", help="such as 2026-09 or 2026-Q3")
        parser.add_argument("--by", metavar="EMAIL", help="the administrator who closes it")
        parser.add_argument("--reopen", metavar="REASON", help="open it again instead, for this reason")

    def handle(self, *args: Any, **options: Any) -> None:
        by = self.administrator(options["by"]) if options["by"] else None
        try:
            if options["reopen"] is not None:
                self.open_again(options["period"], options["reopen"], by)
            else:
                self.close(options["period"], by)
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal

    def close(self, key: str, by: User | None) -> None:
        """Closes it in this process, or says who does."""
        closing = ask_to_close(key=key, by=by)
        close_waiting(closing.pk)
        closing.refresh_from_db()
        if closing.status == ClosingStatus.FAILED:
            raise CommandError(closing.problem)
        if closing.status == ClosingStatus.WAITING:
            self.stdout.write(f"{key} is being closed by another process.")
            return
        stored = closing.scorecards.count()
        self.stdout.write(f"{key} is closed: {stored} scorecards, {closing.actions.count()} actions.")

    def open_again(self, key: str, reason: str, by: User | None) -> None:
        """Opens it again."""
        period = parse_period(key, Organisation.current().fiscal_first_month)
        standing = Closing.objects.of(period).standing().first()
        if standing is None:
            raise CommandError(f"{key} is not closed.")
        reopen(closing_id=standing.pk, reason=reason, by=by)
        self.stdout.write(f"{key} is open again.")

    def administrator(self, email: str) -> User:
        """The person with that address."""
        person: User | None = User.objects.filter(email=User.objects.normalize_email(email)).first()
        if person is None:
            raise CommandError(f"Nobody here has the address {email}.")
        return person
