"""Who is on a deal: dated assignments, repeated on the deal for quick lists."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit.models import Kind
from audit.recording import person_word, record
from foundation.errors import InvalidInput, NotAllowed
from opportunities.models import Assignment, Capacity, InvolvementKind, Opportunity, PartnerInvolvement
from opportunities.permissions import may_assign
from opportunities.services.stages import locked
from partners.models import Partner

# The column of the deal that repeats the open assignment of each capacity.
COLUMN = {Capacity.ACCOUNT_EXECUTIVE: "owner", Capacity.PARTNER_MANAGER: "partner_manager"}


@transaction.atomic
def assign(
    *,
    opportunity_id: int,
    capacity: Capacity,
    person: User | None,
    by: User,
    starts_at: datetime | None = None,
    version: int | None = None,
) -> Opportunity:
    """Makes `person` the AE or PM of a deal from `starts_at` (now) on; None leaves the place empty.

    The former assignment ends at that instant and stays in history. Raises NotAllowed, Conflict or
    InvalidInput (a start before that of the present assignment).
    """
    deal = locked(opportunity_id, version)
    if not may_assign(by, deal):
        raise NotAllowed(_("Only the people on this deal, or who leads them, can change who works on it."))
    return write_assignment(deal, capacity, person, by=by, starts_at=starts_at or timezone.now())


def write_assignment(
    deal: Opportunity,
    capacity: Capacity,
    person: User | None,
    *,
    by: User | None,
    starts_at: datetime,
    is_opening: bool = False,
) -> Opportunity:
    """Ends the open assignment, begins the new one and repeats it on the deal; rights were checked before.

    Who is on a deal from its opening on (`is_opening`) is no news for the audit log; every change is.
    """
    capacity = Capacity(capacity)
    column = COLUMN[capacity]
    current = deal.assignments.filter(capacity=capacity, ends_at__isnull=True).first()
    if current is not None:
        if current.user == person:
            return deal
        if starts_at < current.starts_at:
            raise InvalidInput(_("The present assignment began later than that."), field="starts_at")
        if starts_at == current.starts_at:
            current.delete()  # it lasted no time, so there is nothing to remember
        else:
            current.ends_at = starts_at
            current.save(update_fields=["ends_at", "updated_at"])
    if person is not None:
        Assignment.objects.create(
            opportunity=deal, user=person, capacity=capacity, starts_at=starts_at, assigned_by=by
        )
    setattr(deal, column, person)
    deal.version += 1
    deal.save(update_fields=[column, "version", "updated_at"])
    if not is_opening:
        record(
            Kind.ASSIGNMENT,
            "assigned",
            of=deal,
            label=deal.name,
            person=person.pk if person else None,
            by=by.pk if by else None,
            before={capacity.value: person_word(current.user_id if current else None)},
            after={capacity.value: person_word(person.pk if person else None)},
        )
    return deal


@transaction.atomic
def involve_partner(
    *, opportunity_id: int, partner: Partner, kind: InvolvementKind, by: User
) -> PartnerInvolvement:
    """Records what a partner does for a deal; a second partner that sourced it is refused (InvalidInput)."""
    deal = locked(opportunity_id, None)
    if not may_assign(by, deal):
        raise NotAllowed(_("Only the people on this deal, or who leads them, can change its partners."))
    if kind == InvolvementKind.SOURCED:
        other = deal.involvements.filter(kind=kind).exclude(partner=partner).select_related("partner").first()
        if other is not None:
            raise InvalidInput(
                _("%(partner)s already sourced this deal.") % {"partner": other.partner}, field="kind"
            )
    involvement, is_new = PartnerInvolvement.objects.get_or_create(
        opportunity=deal, partner=partner, kind=kind
    )
    if is_new:
        _count_write(deal)
    return involvement


@transaction.atomic
def release_partner(*, involvement_id: int, by: User) -> None:
    """Takes a partner off a deal."""
    involvement = PartnerInvolvement.objects.select_related("opportunity").get(pk=involvement_id)
    deal = locked(involvement.opportunity_id, None)
    if not may_assign(by, deal):
        raise NotAllowed(_("Only the people on this deal, or who leads them, can change its partners."))
    involvement.delete()
    _count_write(deal)


def _count_write(deal: Opportunity) -> None:
    """Whoever read the deal before has an old version of it."""
    deal.version += 1
    deal.save(update_fields=["version", "updated_at"])
