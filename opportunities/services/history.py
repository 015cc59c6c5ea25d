"""Deals that come with their past, many at once: what an import brings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from django.db import transaction
from django.utils import timezone

from accounts.models import Organisation, User
from foundation.money import Money
from opportunities.models import (
    Assignment,
    Capacity,
    Customer,
    InvolvementKind,
    LostReason,
    Opportunity,
    PartnerInvolvement,
    Stage,
    StageChange,
)
from opportunities.services.stages import enter
from partners.models import Partner


@dataclass(frozen=True)
class DealHistory:
    """A deal with the steps it took, oldest first (at least one), and the people on it from the beginning."""

    name: str
    steps: Sequence[tuple[Stage, datetime]]
    currency: str
    amount: Money | None = None
    customer: Customer | None = None
    owner: User | None = None
    partner_manager: User | None = None
    partner: tuple[Partner, InvolvementKind] | None = None
    expected_close_on: date | None = None
    lost_reason: LostReason | None = None
    external_source: str = ""
    external_id: str = ""


@transaction.atomic
def write_histories(histories: Sequence[DealHistory], *, by: User | None) -> list[Opportunity]:
    """Writes new deals with their stage changes, assignments and partners, in a handful of statements."""
    zone = Organisation.current().tzinfo
    deals, changes = [], []
    for history in histories:
        deal, steps = _lived(history, by, zone)
        deals.append(deal)
        changes.append(steps)
    Opportunity.objects.bulk_create(deals)
    StageChange.objects.bulk_create(step for steps in changes for step in steps)
    pairs = list(zip(deals, histories, strict=True))
    Assignment.objects.bulk_create(row for deal, history in pairs for row in _assignments(deal, history, by))
    PartnerInvolvement.objects.bulk_create(
        PartnerInvolvement(opportunity=deal, partner=history.partner[0], kind=history.partner[1])
        for deal, history in pairs
        if history.partner
    )
    return deals


def _lived(history: DealHistory, by: User | None, zone: tzinfo) -> tuple[Opportunity, list[StageChange]]:
    """The deal as it stands after its steps, and the steps."""
    (first, begun), *later = history.steps
    deal = Opportunity(
        name=history.name,
        customer=history.customer,
        funnel=first.funnel,
        amount_minor=history.amount.minor if history.amount else None,
        currency=history.currency,
        expected_close_on=history.expected_close_on,
        opened_on=timezone.localdate(begun, zone),
        owner=history.owner,
        partner_manager=history.partner_manager,
        external_source=history.external_source,
        external_id=history.external_id,
    )
    steps = [enter(deal, first, by=by, effective_at=begun, zone=zone, first=True)]
    steps += [
        enter(deal, stage, by=by, effective_at=at, zone=zone, lost_reason=history.lost_reason)
        for stage, at in later
    ]
    return deal, steps


def _assignments(deal: Opportunity, history: DealHistory, by: User | None) -> list[Assignment]:
    begun = history.steps[0][1]
    return [
        Assignment(opportunity=deal, user=person, capacity=capacity, starts_at=begun, assigned_by=by)
        for capacity, person in (
            (Capacity.ACCOUNT_EXECUTIVE, history.owner),
            (Capacity.PARTNER_MANAGER, history.partner_manager),
        )
        if person is not None
    ]
