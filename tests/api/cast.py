"""A small organisation that API tests share: two people on a deal, who leads them, and who has no part."""

from dataclasses import dataclass
from datetime import date

from accounts.models import Absence, Holiday, Membership, Team, User
from apr.models import Action, Target
from foundation.money import Money
from opportunities.models import Commitment, HandOver, InvolvementKind, Obstacle, Opportunity
from opportunities.services.details import open_opportunity
from partners.models import Partner, PartnerContact, PartnerGoal
from tests.factories import (
    ActionFactory,
    AdminFactory,
    AEFactory,
    CommitmentFactory,
    CustomerFactory,
    HandOverFactory,
    LeaderFactory,
    ObstacleFactory,
    PartnerFactory,
    PartnerGoalFactory,
    PMFactory,
    TargetFactory,
    TeamFactory,
    action_type,
    stage,
)


@dataclass
class Cast:
    """Nora (PM) and Ana (AE) share a deal; Lea leads both; Sam sells under Otto; Ada administers."""

    nora: User
    ana: User
    lea: User
    sam: User
    otto: User
    ada: User
    team: Team
    partner: Partner
    contact: PartnerContact
    deal: Opportunity
    action: Action
    coaching: Action
    obstacle: Obstacle
    commitment: Commitment
    hand_over: HandOver
    target: Target
    absence: Absence
    holiday: Holiday
    membership: Membership
    goal: PartnerGoal


def make_cast() -> Cast:
    nora, ana, sam = PMFactory(name="Nora"), AEFactory(name="Ana"), AEFactory(name="Sam")
    lea, otto, ada = LeaderFactory(name="Lea"), LeaderFactory(name="Otto"), AdminFactory(name="Ada")
    team = TeamFactory(name="North", leaders=[lea], members=[ana, nora])
    TeamFactory(name="South", leaders=[otto], members=[sam])
    partner = PartnerFactory(name="Brightpath", managers=[nora])
    deal = open_opportunity(
        name="Acme renewal",
        stage=stage("Qualify"),
        customer=CustomerFactory(name="Acme"),
        amount=Money(123_450, "EUR"),
        expected_close_on=date(2026, 9, 24),
        owner=ana,
        partner_manager=nora,
        partners=[(partner, InvolvementKind.SOURCED)],
        by=None,
    )
    return Cast(
        nora=nora,
        ana=ana,
        lea=lea,
        sam=sam,
        otto=otto,
        ada=ada,
        team=team,
        partner=partner,
        contact=PartnerContact.objects.create(partner=partner, name="Bo"),
        deal=deal,
        action=ActionFactory(actor=ana, opportunity=deal, customer=deal.customer, notes="Called Acme"),
        coaching=ActionFactory(
            actor=nora,
            action_type=action_type("coaching_session"),
            capacity="coach",
            counterpart=ana,
            opportunity=deal,
            customer=None,
            notes="Between us",
        ),
        obstacle=ObstacleFactory(opportunity=deal, raised_by=ana),
        commitment=CommitmentFactory(opportunity=deal, made_by=ana, made_to=nora),
        hand_over=HandOverFactory(opportunity=deal, partner=partner, offered_by=nora, offered_to=ana),
        target=TargetFactory(user=ana),
        absence=Absence.objects.create(user=ana, starts_on=date(2026, 9, 7), ends_on=date(2026, 9, 9)),
        holiday=Holiday.objects.create(date=date(2026, 12, 24), name="Christmas Eve"),
        membership=ana.memberships.get(),
        goal=PartnerGoalFactory(partner=partner, created_by=nora),
    )
