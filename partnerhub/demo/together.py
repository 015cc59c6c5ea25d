"""What partner managers and executives do together: deals handed over, and advice that is answered."""

from dataclasses import dataclass
from datetime import timedelta

from apr.models import Action, CoachingAdvice
from foundation.money import Money
from opportunities.models import HandOver, HandOverOutcome, InvolvementKind, Opportunity, Stage
from opportunities.services.details import customer_named, open_opportunity
from opportunities.services.work import raise_obstacle
from partnerhub.demo.people import Cast
from partnerhub.demo.plan import Plan
from partners.models import Partner


@dataclass(frozen=True)
class Offer:
    """A deal that somebody brought, opened and offered so many working days ago."""

    name: str
    customer: str
    euros: int
    manager: str
    executive: str
    days_ago: int
    due_in: int  # working days from the offer
    note: str = ""
    reason: str = ""  # of a deal that came back


OFFERS = [
    Offer("Birch rollout", "Birch & Sons", 86_000, "Nora Lindqvist", "Ana Kovač", 1, 3,
          "Norrvik runs their ERP; the CFO asked for us by name."),
    Offer("Cedar pilot", "Cedar Foods", 42_000, "Nora Lindqvist", "Ben Achterberg", 5, 3),
    Offer("Maple analytics", "Maple Health", 120_000, "Nora Lindqvist", "Elise Moreau", 4, 3,
          reason="Their board sits in Lyon; a colleague of Sales East knows them better."),
    Offer("Rowan migration", "Rowan Energy", 64_000, "Mei Tanaka", "Ana Kovač", 2, 4,
          "They decide before the year ends."),
]  # fmt: skip
# on the deals that Nora brought through Norrvik: one call can clear them
OBSTACLES = [
    ("Birch rollout", "Reference customer with the same ERP", 2),
    ("Cedar pilot", "Who runs the support desk is open", 4),
]
ADVICE = [
    ("Ask for the signatory before you speak of the price.", "Asked; it is their COO."),
    ("Let Norrvik open the workshop, and keep the last half hour for yourself.", "Done so, it worked."),
    ("Name the date on which they lose the discount.", ""),
]


def write_working_relation(plan: Plan, cast: Cast) -> None:
    """The offers, and advice on the newest coaching sessions of the story's two; the last is unanswered."""
    stage = Stage.objects.get(funnel__is_default=True, name="Qualify")
    for offer in OFFERS:
        _offer(plan, cast, offer, stage)
    nora, ana = cast.by_name["Nora Lindqvist"], cast.by_name["Ana Kovač"]
    for name, text, due_in in OBSTACLES:
        deal = Opportunity.objects.get(name=name)
        raise_obstacle(
            deal=deal,
            description=text,
            by=nora,
            needs_partner=True,
            partner=deal.involvements.get().partner,
            due_on=plan.today + timedelta(days=due_in),
            raised_at=deal.stage_entered_at + timedelta(minutes=5),
        )
    sessions = Action.objects.filter(actor=nora, counterpart=ana, action_type__category="coaching")
    newest = list(sessions.order_by("-occurred_at")[: len(ADVICE)])
    for session, (text, word) in zip(reversed(newest), ADVICE[-len(newest) :], strict=True):
        answered = session.occurred_at + timedelta(hours=3) if word else None
        CoachingAdvice.objects.create(action=session, text=text, word=word, acknowledged_at=answered)


def _offer(plan: Plan, cast: Cast, offer: Offer, stage: Stage) -> None:
    manager, executive = cast.by_name[offer.manager], cast.by_name[offer.executive]
    partner = Partner.objects.filter(managements__user=manager).order_by("pk")[0]
    day = plan.workdays_back(offer.days_ago)
    opened_at = plan.at_work(manager, day)
    deal = open_opportunity(
        name=offer.name,
        stage=stage,
        by=manager,
        customer=customer_named(offer.customer),
        amount=Money(offer.euros * 100, "EUR"),
        expected_close_on=plan.today + timedelta(days=75),
        opened_at=opened_at,
        partner_manager=manager,
        partners=[(partner, InvolvementKind.SOURCED)],
    )
    row = HandOver(
        opportunity=deal,
        partner=partner,
        offered_by=manager,
        offered_to=executive,
        recorded_by=manager,
        note=offer.note,
        offered_at=opened_at,
        due_on=plan.calendar.nth_working_day_after(day, offer.due_in),
    )
    if offer.reason:
        row.outcome, row.reason, row.answered_by = HandOverOutcome.RETURNED, offer.reason, executive
        row.answered_at = max(plan.at_work(executive, plan.workdays_back(offer.days_ago - 1)), opened_at)
    row.save()
