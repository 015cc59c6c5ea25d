"""Customers, partners and people as rows tell them."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from accounts.models import Role
from exchange.importing.dialects.cells import Cells
from exchange.importing.records import CustomerRecord, PartnerRecord, PersonRecord
from partners.models import PartnerType

ROLES = {
    str(word).casefold(): role.value
    for role in (Role.PARTNER_MANAGER, Role.ACCOUNT_EXECUTIVE, Role.LEADER)
    for word in (role.value, role.label)
}


def customer(row: Cells) -> CustomerRecord:
    """A company that buys."""
    name = row.text("name", needed=True)
    identity = row.identity(name)
    _adopt(row, row.world.customers, name, identity)
    return CustomerRecord(identity, name, row.text("industry", 80), row.text("region", 80))


def partner(row: Cells) -> PartnerRecord:
    """A company that brings deals; of an unknown type it is a referral partner."""
    name = row.text("name", needed=True)
    identity = row.identity(name)
    _adopt(row, row.world.partners, name, identity)
    kinds = {str(word).casefold(): kind.value for kind in PartnerType for word in (kind.value, kind.label)}
    return PartnerRecord(
        external_id=identity,
        name=name,
        type=kinds.get(row.text("type").casefold(), PartnerType.REFERRAL.value),
        tier=row.text("tier", 40),
        region=row.text("region", 80),
    )


def person(row: Cells) -> PersonRecord:
    """Somebody who works here, as account executive unless the row says a role of ours."""
    email = row.text("email", 254).lower()
    name = (
        row.text("name", 150) or f"{row.text('first_name', 70)} {row.text('last_name', 70)}".strip() or email
    )
    if not name:
        row.complain("name", _("This cell is empty."))
    identity = row.identity(email or name)
    if email and not _is_address(email):
        row.complain("email", _("“%(value)s” is not an e-mail address.") % {"value": email[:60]})
    _adopt(row, row.world.people, email, identity)
    _adopt(row, row.world.people, name, identity)
    known = row.world.people.get(f"#{identity}".casefold())
    other = row.world.people.get(email) if email else None
    if other is not None and other != known:
        row.complain("email", _("Somebody else has this address."))
    if known is None and email and row.world.addresses.setdefault(email, identity) != identity:
        row.complain("email", _("Somebody else has this address."))
    return PersonRecord(
        external_id=identity,
        name=name,
        team=row.text("team", 120),
        email=email,
        role=ROLES.get(row.text("role").casefold(), Role.ACCOUNT_EXECUTIVE.value),
        since=row.day("since", row.world.organisation.tzinfo),
    )


def _is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def _adopt(row: Cells, things: Any, name: str, identity: str) -> None:
    """Whoever was known by name only gets the id of the row that tells of them."""
    key, known = f"#{identity}".casefold(), things.get(name.casefold())
    if row.complaints.found or key in things or known is None or known.pk is None:
        return
    is_ours = known.external_source == row.world.source and known.external_id.startswith(("name:", "row:"))
    if not known.external_id or is_ours:
        known.external_source, known.external_id = row.world.source, identity
        things[key] = known
        row.world.adopted[identity] = known
