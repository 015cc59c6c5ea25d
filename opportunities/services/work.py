"""Promises made and settled, obstacles raised and cleared."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from foundation.errors import InvalidInput, NotAllowed
from opportunities.models import Commitment, CommitmentOutcome, Obstacle, ObstacleKind, Opportunity
from opportunities.permissions import may_clear, may_settle
from partners.models import Partner


def promise(
    *, deal: Opportunity, text: str, due_on: date, by: User, made_to: User | None = None
) -> Commitment:
    """`by` promises something on a deal by a date; to nobody in particular when `made_to` is None."""
    if not text.strip():
        raise InvalidInput(_("Say what is promised."), field="text")
    if made_to == by:
        raise InvalidInput(_("A promise is made to somebody else, or to the deal."), field="made_to")
    return Commitment.objects.create(
        opportunity=deal, made_by=by, made_to=made_to, text=text.strip(), due_on=due_on
    )


@transaction.atomic
def settle_promise(*, commitment_id: int, outcome: CommitmentOutcome, by: User) -> Commitment:
    """Says what became of a promise. Kept after its date, by the date of who made it, becomes late.

    Raises NotAllowed, or InvalidInput for one that is settled already.
    """
    row = Commitment.objects.select_for_update(of=("self",)).select_related("made_by").get(pk=commitment_id)
    if not may_settle(by, row):
        raise NotAllowed(_("Only %(name)s can say what became of this promise.") % {"name": row.made_by})
    if row.outcome != CommitmentOutcome.OPEN:
        raise InvalidInput(_("This promise is settled already."), code="settled")
    if outcome == CommitmentOutcome.OPEN:
        raise InvalidInput(_("Say whether it was kept, broken or withdrawn."), field="outcome")
    if outcome == CommitmentOutcome.KEPT and row.made_by.today() > row.due_on:
        outcome = CommitmentOutcome.LATE
    row.outcome = outcome
    row.settled_at = timezone.now()
    row.save(update_fields=["outcome", "settled_at", "updated_at"])
    return row


@transaction.atomic
def move_promise(*, commitment_id: int, due_on: date, by: User) -> Commitment:
    """Gives an open promise another date.

    A promise already overdue stays as broken and a new one begins, so that history keeps the first date.
    """
    row = Commitment.objects.select_for_update(of=("self",)).select_related("made_by").get(pk=commitment_id)
    if not may_settle(by, row):
        raise NotAllowed(_("Only %(name)s can move this promise.") % {"name": row.made_by})
    if row.outcome != CommitmentOutcome.OPEN:
        raise InvalidInput(_("This promise is settled already."), code="settled")
    if due_on < row.made_by.today():
        raise InvalidInput(_("Choose a date that is still ahead."), field="due_on")
    if row.is_overdue(row.made_by.today()):
        settle_promise(commitment_id=row.pk, outcome=CommitmentOutcome.BROKEN, by=by)
        return Commitment.objects.create(
            opportunity_id=row.opportunity_id,
            made_by=row.made_by,
            made_to_id=row.made_to_id,
            text=row.text,
            due_on=due_on,
        )
    row.due_on = due_on
    row.save(update_fields=["due_on", "updated_at"])
    return row


def raise_obstacle(
    *,
    deal: Opportunity,
    description: str,
    by: User,
    kind: ObstacleKind | None = None,
    needs_partner: bool = False,
    partner: Partner | None = None,
    assigned_to: User | None = None,
    due_on: date | None = None,
    raised_at: datetime | None = None,
) -> Obstacle:
    """Says what blocks a deal, and who is asked to clear it by when."""
    if not description.strip():
        raise InvalidInput(_("Say what blocks the deal."), field="description")
    return Obstacle.objects.create(
        opportunity=deal,
        description=description.strip(),
        kind=kind,
        raised_by=by,
        raised_at=raised_at or timezone.now(),
        needs_partner=needs_partner,
        partner=partner,
        assigned_to=assigned_to,
        due_on=due_on,
    )


@transaction.atomic
def clear_obstacle(
    *, obstacle_id: int, by: User, resolution: str = "", cleared_with: Partner | None = None
) -> Obstacle:
    """Says that an obstacle is out of the way, how, and with which partner's help.

    Raises NotAllowed, or InvalidInput if it was cleared before.
    """
    row = (
        Obstacle.objects.select_for_update(of=("self",))
        .select_related("opportunity__owner", "opportunity__partner_manager", "assigned_to")
        .get(pk=obstacle_id)
    )
    if not may_clear(by, row):
        raise NotAllowed(_("Only the people on this deal can clear its obstacles."))
    if row.cleared_at is not None:
        raise InvalidInput(_("“%(what)s” is cleared already.") % {"what": row.description}, code="cleared")
    row.cleared_at = timezone.now()
    row.cleared_by = by
    row.cleared_with = cleared_with
    row.resolution = resolution.strip()
    row.save(update_fields=["cleared_at", "cleared_by", "cleared_with", "resolution", "updated_at"])
    return row
