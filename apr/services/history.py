"""Actions that come with their past, many at once: what an import brings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from apr.models import Action, ActionType
from apr.services.actions import guess_capacity
from opportunities.models import Customer, Opportunity
from partners.models import Partner


@dataclass(frozen=True)
class PastAction:
    """An action that somebody did; `check_action` has been asked about it."""

    action_type: ActionType
    actor: User
    occurred_at: datetime
    deal: Opportunity | None = None
    partner: Partner | None = None
    customer: Customer | None = None
    counterpart: User | None = None
    duration_minutes: int | None = None
    notes: str = ""
    external_id: str = ""


@transaction.atomic
def write_actions(past: Sequence[PastAction], *, source: str, by: User | None) -> list[Action]:
    """Writes them down in one statement; each counts on the day on which it was done."""
    return Action.objects.bulk_create(
        Action(
            action_type=one.action_type,
            actor=one.actor,
            capacity=guess_capacity(actor=one.actor, action_type=one.action_type, deal=one.deal),
            occurred_at=one.occurred_at,
            occurred_on=timezone.localdate(one.occurred_at, one.actor.tzinfo),
            logged_by=by,
            duration_minutes=one.duration_minutes,
            opportunity=one.deal,
            partner=one.partner,
            customer=one.customer or (one.deal.customer if one.deal else None),
            counterpart=one.counterpart,
            notes=one.notes,
            source=source,
            external_source=source,
            external_id=one.external_id,
        )
        for one in past
    )
