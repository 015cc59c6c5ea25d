"""`manage.py demo`: an invented organisation to explore."""

from datetime import date
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from apr.models import Action
from opportunities.models import Opportunity
from partnerhub.demo.deals import make_deals
from partnerhub.demo.goals import write_goals
from partnerhub.demo.partners import make_partners
from partnerhub.demo.people import make_people
from partnerhub.demo.plan import Plan
from partnerhub.demo.rows import write_partner_work
from partnerhub.demo.sign_ins import sign_in_lines
from partnerhub.demo.together import write_working_relation
from partnerhub.demo.told import write_notifications
from partnerhub.demo.trial import write_finished_trial


class Command(BaseCommand):
    help = "Fill an empty database with a demo organisation, the same each time for the same day and seed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--people", type=int, default=40)
        parser.add_argument("--partners", type=int, default=60)
        parser.add_argument("--deals", type=int, default=1_200)
        parser.add_argument("--actions", type=int, default=25_000, help="about so many")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument(
            "--today", type=date.fromisoformat, default=None, help="2026-09-15; today if left out"
        )
        parser.add_argument(
            "--sign-ins", action="store_true", help="only print the demo sign-ins, if there are any"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["sign_ins"]:
            self._print_sign_ins()
            return
        if User.objects.exists():
            raise CommandError("There are people here already. The demo needs an empty database.")
        plan = Plan(
            today=options["today"] or timezone.localdate(),
            people=options["people"],
            partners=options["partners"],
            deals=options["deals"],
            actions=options["actions"],
            seed=options["seed"],
        )
        self._make(plan)
        self._print_sign_ins()

    @transaction.atomic
    def _make(self, plan: Plan) -> None:
        self.stdout.write("People and teams …")
        cast = make_people(plan)
        self.stdout.write("Partners …")
        partners = make_partners(plan, cast)
        self.stdout.write("Deals and their history …")
        make_deals(plan, cast, partners)
        self.stdout.write("Work with partners …")
        write_partner_work(plan, cast, partners)
        write_working_relation(plan, cast)
        write_goals(plan, cast)
        self.stdout.write("Scores …")
        call_command("rebuild_scores", stdout=self.stdout)
        write_notifications()
        write_finished_trial(plan, cast)
        self.stdout.write(
            f"{User.objects.count()} people, {Opportunity.objects.count()} deals, "
            f"{Action.objects.count()} actions."
        )

    def _print_sign_ins(self) -> None:
        for line in sign_in_lines():
            self.stdout.write(line)
