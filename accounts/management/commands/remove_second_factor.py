"""`manage.py remove_second_factor EMAIL`: for somebody who lost it, and the recovery codes too."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from accounts.services.second_factor import remove_second_factor


class Command(BaseCommand):
    help = "Remove a person's second factor and sign them out everywhere; it stands in the audit log."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        person = User.objects.filter(email=User.objects.normalize_email(options["email"])).first()
        if person is None:
            raise CommandError(f"Nobody has the address {options['email']}.")
        if not remove_second_factor(person=person):
            raise CommandError(f"{person} has no second factor.")
        self.stdout.write(
            f"{person} signs in with the password alone now. Make sure that it was them who asked."
        )
