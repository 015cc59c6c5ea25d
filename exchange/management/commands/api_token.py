"""`manage.py api_token`: tokens from the command line."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from exchange.api.tokens import issue_token, revoke_token
from exchange.models import ApiToken, TokenScope
from foundation.errors import Refusal


class Command(BaseCommand):
    help = "Make an API token for a person and print it once; list a person's tokens; revoke one."

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        create = acts.add_parser("create", help="make a token and print its secret")
        create.add_argument("email")
        create.add_argument("--name", default="command line", help="what will use it")
        create.add_argument("--expires", type=int, metavar="DAYS", help="for how many days it is valid")
        create.add_argument("--scope", choices=TokenScope.values, default=TokenScope.WRITE.value)
        show = acts.add_parser("list", help="list a person's tokens")
        show.add_argument("email")
        revoke = acts.add_parser("revoke", help="end a token, by its number in the list")
        revoke.add_argument("id", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        match options["act"]:
            case "create":
                self.create(**options)
            case "list":
                self.list(options["email"])
            case _:
                self.revoke(options["id"])

    def create(self, email: str, name: str, expires: int | None, scope: str, **_: Any) -> None:
        """Print the secret alone on standard output, so that a script can take it."""
        try:
            secret = issue_token(
                by=self.person(email),
                name=name,
                scope=TokenScope(scope),
                expires_in=None if expires is None else timedelta(days=expires),
            )[1]
        except (Refusal, OverflowError) as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(secret)

    def list(self, email: str) -> None:
        """One line per token: number, name, scope, how it begins, whether it can be used, last use."""
        for token in self.person(email).api_tokens.all():
            state = "usable" if token.is_usable else "revoked" if token.revoked_at else "expired"
            used = f"last used {token.last_used_on}" if token.last_used_on else "never used"
            self.stdout.write(f"{token.pk}\t{token.name}\t{token.scope}\t{token.hint}…\t{state}\t{used}")

    def revoke(self, pk: int) -> None:
        """End the token with that number."""
        token = ApiToken.objects.filter(pk=pk).first()
        if token is None:
            raise CommandError(f"There is no token {pk}.")
        revoke_token(token=token)
        self.stdout.write(f"Revoked {token}.")

    def person(self, email: str) -> User:
        """The active person with that address; CommandError where there is none."""
        person = User.objects.active().filter(email=User.objects.normalize_email(email)).first()
        if not isinstance(person, User):
            raise CommandError(f"Nobody active has the address {email}.")
        return person
