"""`manage.py create_admin EMAIL`: the first administrator, or a way back in for one."""

import sys
from getpass import getpass
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import transaction

from accounts.models import Role, User
from accounts.services.teams import set_roles


class Command(BaseCommand):
    help = "Make a person administrator and set their password, which is asked for (or read from a pipe)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", default="Administrator", help="for a person who is new here")

    def handle(self, *args: Any, **options: Any) -> None:
        email = User.objects.normalize_email(options["email"]) or ""
        person = User.objects.filter(email=email).first() or User(email=email, name=options["name"])
        password = ask_password()
        try:
            validate_email(email)
            validate_password(password, person)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        make_admin(person, password)
        self.stdout.write(f"{person} ({email}) is administrator and can sign in.")


def ask_password() -> str:
    """The password, typed twice; from a pipe, its first line."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password = getpass("Password: ")
    if password != getpass("Again: "):
        raise CommandError("The two passwords differ.")
    return password


@transaction.atomic
def make_admin(person: User, password: str) -> None:
    """Save the person with this password, a confirmed address and one role more: administrator."""
    person.is_active = True
    person.set_password(password)
    person.save()
    EmailAddress.objects.update_or_create(
        user=person, email=person.email, defaults={"verified": True, "primary": True}
    )
    set_roles(person=person, roles={*person.roles, Role.ADMIN}, starts_on=person.today())
