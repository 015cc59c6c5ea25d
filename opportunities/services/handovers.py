"""A partner manager offers a deal that they brought; an account executive accepts or returns it."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.calendars import organisation_calendar
from accounts.models import Organisation, Role, User
from foundation.errors import InvalidInput, NotAllowed
from opportunities.models import (
    Capacity,
    HandOver,
    HandOverOutcome,
    InvolvementKind,
    Opportunity,
    PartnerInvolvement,
)
from opportunities.permissions import may_answer, may_offer, may_withdraw
from opportunities.services.people import write_assignment
from opportunities.services.stages import locked
from partners.models import Partner

USUAL_DAYS = 3  # working days for an answer, where nobody says otherwise


def usual_due_on() -> date:
    """The last day for an answer where none is chosen."""
    organisation = Organisation.current()
    return organisation_calendar(organisation).nth_working_day_after(organisation.today(), USUAL_DAYS)


@transaction.atomic
def offer(
    *,
    opportunity_id: int,
    offered_to: User,
    by: User,
    partner: Partner | None = None,
    due_on: date | None = None,
    note: str = "",
) -> HandOver:
    """Offers an open deal that nobody drives yet to an account executive, in the name of its partner manager.

    The partner through whom it came (else the one that sourced it) stands on the deal as sourced from then
    on. Raises NotAllowed, or InvalidInput with the field at fault.
    """
    deal = locked(opportunity_id, None)
    if not may_offer(by, deal):
        raise NotAllowed(
            _("Only the partner manager of this deal, or who leads them, can offer it to somebody.")
        )
    manager = deal.partner_manager
    assert manager is not None  # noqa: S101 - may_offer has seen one
    _check_deal(deal, manager)
    if Role.ACCOUNT_EXECUTIVE not in offered_to.roles or not offered_to.is_active:
        raise InvalidInput(
            _("%(name)s is no account executive. Choose one.") % {"name": offered_to}, field="offered_to"
        )
    due_on = due_on or usual_due_on()
    if due_on < Organisation.current().today():
        raise InvalidInput(_("Choose a date that is still ahead."), field="due_on")
    return HandOver.objects.create(
        opportunity=deal,
        partner=_sourced_by(deal, partner),
        offered_by=manager,
        offered_to=offered_to,
        recorded_by=by,
        due_on=due_on,
        note=note.strip(),
    )


def _check_deal(deal: Opportunity, manager: User) -> None:
    if not deal.is_open:
        raise InvalidInput(_("This deal is closed. Reopen it first."), code="closed")
    if deal.owner is not None and deal.owner != manager:
        raise InvalidInput(_("%(name)s drives this deal already.") % {"name": deal.owner}, code="owned")
    if deal.hand_overs.open().exists():
        raise InvalidInput(
            _("This deal is offered to somebody already. Withdraw that offer first."), code="offered"
        )


def _sourced_by(deal: Opportunity, partner: Partner | None) -> Partner:
    """The partner that brought the deal, put on it as that where nobody was."""
    known = deal.involvements.filter(kind=InvolvementKind.SOURCED).select_related("partner").first()
    if known is None:
        if partner is None:
            raise InvalidInput(_("Say through which partner the deal came."), field="partner")
        PartnerInvolvement.objects.create(opportunity=deal, partner=partner, kind=InvolvementKind.SOURCED)
        return partner
    if partner is not None and partner != known.partner:
        raise InvalidInput(
            _("%(partner)s already sourced this deal.") % {"partner": known.partner}, field="partner"
        )
    return known.partner


@transaction.atomic
def accept(*, hand_over_id: int, by: User) -> HandOver:
    """The account executive takes the deal, and owns it from this instant. Refused where another one does.

    Raises NotAllowed, or InvalidInput for an offer that is settled or a deal that is closed.
    """
    row, deal = _open(hand_over_id)
    if not may_answer(by, row):
        raise NotAllowed(_("Only %(name)s, or who leads them, can answer.") % {"name": row.offered_to})
    if not deal.is_open:
        raise InvalidInput(_("This deal is closed by now."), code="closed")
    if deal.owner is not None and deal.owner not in (row.offered_by, row.offered_to):
        raise InvalidInput(_("%(name)s drives this deal by now.") % {"name": deal.owner}, code="owned")
    now = timezone.now()
    if not deal.involvements.filter(kind=InvolvementKind.SOURCED).exists():
        PartnerInvolvement.objects.create(opportunity=deal, partner=row.partner, kind=InvolvementKind.SOURCED)
    write_assignment(deal, Capacity.ACCOUNT_EXECUTIVE, row.offered_to, by=by, starts_at=now)
    return _settle(row, HandOverOutcome.ACCEPTED, by, at=now)


@transaction.atomic
def give_back(*, hand_over_id: int, by: User, reason: str) -> HandOver:
    """The account executive returns the deal and says why. Raises NotAllowed or InvalidInput."""
    row, _deal = _open(hand_over_id)
    if not may_answer(by, row):
        raise NotAllowed(_("Only %(name)s, or who leads them, can answer.") % {"name": row.offered_to})
    if not reason.strip():
        raise InvalidInput(_("Say why, so that the next offer fits."), field="reason")
    return _settle(row, HandOverOutcome.RETURNED, by, reason=reason.strip())


@transaction.atomic
def withdraw(*, hand_over_id: int, by: User) -> HandOver:
    """The partner manager takes the offer back before it is answered. Raises NotAllowed or InvalidInput."""
    row, _deal = _open(hand_over_id)
    if not may_withdraw(by, row):
        raise NotAllowed(_("Only %(name)s, or who leads them, can withdraw it.") % {"name": row.offered_by})
    return _settle(row, HandOverOutcome.WITHDRAWN, by)


@transaction.atomic
def end_for_leaver(*, hand_over_id: int, by: User) -> HandOver:
    """The account executive leaves before they answered: the deal goes back, with that as the reason. Rights
    were checked by the caller; where `by` made the offer themselves, it is withdrawn."""
    row, _deal = _open(hand_over_id)
    if by == row.offered_by:
        return _settle(row, HandOverOutcome.WITHDRAWN, by)
    reason = _("%(name)s has left.") % {"name": row.offered_to}
    return _settle(row, HandOverOutcome.RETURNED, by, reason=reason)


def _open(hand_over_id: int) -> tuple[HandOver, Opportunity]:
    """The offer with its deal, both locked, the deal first as everywhere."""
    deal = locked(HandOver.objects.values_list("opportunity", flat=True).get(pk=hand_over_id), None)
    row = (
        HandOver.objects.select_for_update(of=("self",))
        .select_related("offered_by", "offered_to", "partner")
        .get(pk=hand_over_id)
    )
    if not row.is_open:
        raise InvalidInput(_("This offer is settled already."), code="settled")
    row.opportunity = deal
    return row, deal


def _settle(
    row: HandOver, outcome: HandOverOutcome, by: User, *, reason: str = "", at: datetime | None = None
) -> HandOver:
    row.outcome, row.reason = outcome, reason
    row.answered_at, row.answered_by = at or timezone.now(), by
    row.save(update_fields=["outcome", "reason", "answered_at", "answered_by", "updated_at"])
    return row
