"""`manage.py prepare`: what `run.py` does to the database before it serves."""

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection

from partnerhub.demo.sign_ins import sign_in_lines
from partnerhub.health import pending_migrations


class Command(BaseCommand):
    help = "Migrate; fill a database without people with the demo organisation; print the demo sign-ins."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--no-demo", action="store_true", help="leave the database empty")

    def handle(self, *args: Any, **options: Any) -> None:
        if pending_migrations():
            self.stdout.write("== Migrating the database")
            call_command("migrate")
        people = get_user_model().objects.all()
        if not options["no_demo"] and not people.exists():
            self.stdout.write("== Making the demo organisation (some seconds, the first time only)")
            call_command("demo")
        else:
            for line in sign_in_lines():
                self.stdout.write(line)
        if not people.exists():
            self.stdout.write(
                "Nobody can sign in yet: .venv/bin/python manage.py create_admin you@example.com"
            )
            if connection.vendor != "sqlite":
                self.stdout.write("Give that command the same DATABASE_URL, or it works on the file in var/.")
