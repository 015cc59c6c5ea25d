"""Opening a deal and changing its plain facts."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Organisation, User
from foundation.errors import InvalidInput, NotAllowed
from foundation.money import Money
from opportunities.models import (
    Capacity,
    Customer,
    InvolvementKind,
    Opportunity,
    PartnerInvolvement,
    Stage,
    StageKind,
)
from opportunities.permissions import may_edit
from opportunities.services.people import write_assignment
from opportunities.services.stages import locked, write_step
from partners.models import Partner


def customer_named(name: str) -> Customer | None:
    """The customer of that name, in whatever case; made where there is none. None without a name."""
    name = " ".join(name.split())
    if not name:
        return None
    return Customer.objects.filter(name__iexact=name).order_by("pk").first() or Customer.objects.create(
        name=name
    )


EDITABLE = frozenset({"name", "customer", "amount_minor", "currency", "expected_close_on"})


@transaction.atomic
def open_opportunity(
    *,
    name: str,
    stage: Stage,
    by: User | None,
    customer: Customer | None = None,
    amount: Money | None = None,
    expected_close_on: date | None = None,
    opened_at: datetime | None = None,
    owner: User | None = None,
    partner_manager: User | None = None,
    partners: Iterable[tuple[Partner, InvolvementKind]] = (),
    external_source: str = "",
    external_id: str = "",
) -> Opportunity:
    """A new deal in an open stage, with its first step, its people and its partners.

    `opened_at` defaults to now; the day it was opened is that of the organisation.
    """
    if stage.kind != StageKind.OPEN or not stage.is_active:
        raise InvalidInput(_("A deal begins in an open stage."), field="stage")
    if not name.strip():
        raise InvalidInput(_("Give the deal a name."), field="name")
    organisation = Organisation.current()
    opened_at = opened_at or timezone.now()
    deal = Opportunity(
        name=name.strip(),
        customer=customer,
        funnel=stage.funnel,
        stage=stage,
        stage_entered_at=opened_at,
        amount_minor=amount.minor if amount else None,
        currency=amount.currency if amount else organisation.reporting_currency,
        expected_close_on=expected_close_on,
        opened_on=timezone.localdate(opened_at, organisation.tzinfo),
        external_source=external_source,
        external_id=external_id,
    )
    write_step(deal, stage, by=by, effective_at=opened_at, first=True)
    for capacity, person in (
        (Capacity.ACCOUNT_EXECUTIVE, owner),
        (Capacity.PARTNER_MANAGER, partner_manager),
    ):
        if person is not None:
            write_assignment(deal, capacity, person, by=by, starts_at=opened_at, is_opening=True)
    PartnerInvolvement.objects.bulk_create(
        PartnerInvolvement(opportunity=deal, partner=partner, kind=kind) for partner, kind in partners
    )
    return deal


@transaction.atomic
def edit_opportunity(*, opportunity_id: int, by: User, version: int | None, **changes: object) -> Opportunity:
    """Changes name, customer, amount_minor, currency or expected_close_on; other names are a TypeError.

    Raises NotAllowed, or Conflict where `version` is stale.
    """
    if unknown := set(changes) - EDITABLE:
        raise TypeError(f"not an editable fact of a deal: {', '.join(sorted(unknown))}")
    deal = locked(opportunity_id, version)
    if not may_edit(by, deal):
        raise NotAllowed(_("Only the people on this deal, or who leads them, can change it."))
    return edit_facts(deal, **changes)


def edit_facts(deal: Opportunity, **changes: object) -> Opportunity:
    """Writes plain facts of a locked deal; rights and names were checked before."""
    for field, value in changes.items():
        setattr(deal, field, value)
    deal.version += 1
    deal.save(update_fields=[*changes, "version", "updated_at"])
    return deal
