"""A small organisation with one of everything, in which everybody stands in another relation to Ana's deal.

Ana (account executive) and Nora (partner manager) share it. Pia is Ana's peer; Lea leads both. Max leads
Nora, on the other line. Otto leads elsewhere. Ada administers. Gus was on the deal and is deactivated.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Absence, Holiday, TeamKind, User
from apr.models import Notification, NudgeKind
from exchange.api.tokens import issue_token
from exchange.models import ImportRun
from foundation.money import Money
from opportunities.models import Capacity, InvolvementKind
from opportunities.services.details import open_opportunity
from opportunities.services.people import assign
from partners.models import PartnerContact
from tests.factories import (
    ActionFactory,
    AdminFactory,
    AEFactory,
    CommitmentFactory,
    CustomerFactory,
    LeaderFactory,
    ObstacleFactory,
    PartnerFactory,
    PMFactory,
    TargetFactory,
    TeamFactory,
    action_type,
    stage,
)

PEOPLE = ("ana", "nora", "pia", "lea", "max", "otto", "ada")
OUTSIDE = ("nobody", "gus")
TOLD = {
    "deal": "Acme renewal",
    "what": "Send the offer",
    "who": "Ana",
    "to": "Nora",
    "due_on": "2026-09-17",
    "told": ["Ana", "Nora"],
}


@dataclass
class House:
    """The people by name, and the rows that addresses name, by the word that stands for each."""

    people: dict[str, User]
    rows: dict[str, Any]
    tokens: dict[str, str]

    def keys(self) -> dict[str, int]:
        """The numbers of the rows, and the version of the deal."""
        return {word: row.pk for word, row in self.rows.items()} | {"version": self.rows["deal"].version}


def make_house() -> House:
    people = {
        "ana": AEFactory(name="Ana"),
        "nora": PMFactory(name="Nora"),
        "pia": AEFactory(name="Pia"),
        "lea": LeaderFactory(name="Lea"),
        "max": LeaderFactory(name="Max"),
        "otto": LeaderFactory(name="Otto"),
        "ada": AdminFactory(name="Ada"),
        "gus": AEFactory(name="Gus"),
    }
    ana, nora, ada, gus = (people[name] for name in ("ana", "nora", "ada", "gus"))
    north = TeamFactory(name="North", leaders=[people["lea"]], members=[ana, people["pia"], gus])
    TeamFactory(name="Alliances", kind=TeamKind.PARTNER, leaders=[people["max"]], members=[nora])
    TeamFactory(name="South", leaders=[people["otto"]], members=[AEFactory(name="Sam")])
    partner = PartnerFactory(name="Norrvik", managers=[nora])
    deal = open_opportunity(
        name="Acme renewal",
        stage=stage("Qualify"),
        customer=CustomerFactory(name="Acme"),
        amount=Money(123_450, "EUR"),
        expected_close_on=date(2026, 9, 24),
        opened_at=timezone.now() - timedelta(days=60),
        owner=gus,
        partner_manager=nora,
        partners=[(partner, InvolvementKind.SOURCED)],
        by=None,
    )
    assign(opportunity_id=deal.pk, capacity=Capacity.ACCOUNT_EXECUTIVE, person=ana, by=ada)
    deal.refresh_from_db()
    people["gus"].is_active = False
    people["gus"].save()
    now = timezone.now()
    action = ActionFactory(actor=ana, opportunity=deal, counterpart=nora, occurred_at=now - timedelta(days=1))
    rows = {
        **people,
        "team": north,
        "partner": partner,
        "contact": PartnerContact.objects.create(partner=partner, name="Bo"),
        "management": partner.managements.get(),
        "customer": deal.customer,
        "deal": deal,
        "involvement": deal.involvements.get(),
        "stage": deal.stage,
        "next": stage("Discovery"),
        "action": action,
        "coaching": ActionFactory(
            actor=nora,
            action_type=action_type("coaching_session"),
            capacity="coach",
            counterpart=ana,
            opportunity=deal,
            customer=None,
            notes="Between us",
            occurred_at=now - timedelta(days=2),
        ),
        "obstacle": ObstacleFactory(opportunity=deal, raised_by=ana),
        "promise": CommitmentFactory(opportunity=deal, made_by=ana, made_to=nora),
        "target": TargetFactory(user=ana, set_by=ada),
        "absence": Absence.objects.create(user=ana, starts_on=date(2026, 9, 7), ends_on=date(2026, 9, 9)),
        "holiday": Holiday.objects.create(date=date(2026, 12, 24), name="Christmas Eve"),
        "membership": ana.memberships.get(),
        "token": issue_token(by=ana, name="nightly")[0],
        "run": ImportRun.objects.create(
            kind="people", preset="partnerhub", currency="EUR", file_name="f.csv", started_by=ada
        ),
        "notification": Notification.objects.create(
            person=ana, kind=NudgeKind.PROMISE_DUE, subject="promise:1", facts=TOLD, deal=deal
        ),
    }
    tokens = {name: issue_token(by=people[name], name="test")[1] for name in people}
    return House(people, rows, tokens)
