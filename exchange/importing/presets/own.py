"""PartnerHub's own columns, for files written by hand or exported to this shape (docs/import.md)."""

from datetime import UTC, date

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from accounts.models import Role, TeamKind
from apr.services.actions import check_action
from exchange.importing.cells import Row
from exchange.importing.reading import LONGEST_CELL
from exchange.importing.records import (
    ActionRecord,
    CustomerRecord,
    DealRecord,
    PartnerRecord,
    PersonRecord,
)
from exchange.importing.world import World
from foundation.errors import InvalidInput
from foundation.money import InvalidMoney, currency_digits

ROLES = {role.value: role.value for role in (Role.PARTNER_MANAGER, Role.ACCOUNT_EXECUTIVE, Role.LEADER)}
MOST_MINUTES = 24 * 60
TEAM_KINDS = {kind.value: kind.value for kind in TeamKind}


def _person(row: Row, world: World, currency: str) -> PersonRecord | None:
    before = len(row.complaints.found)
    identity = row.text("id", needed=True)
    record = PersonRecord(
        external_id=identity,
        name=row.text("name", needed=True, most=150),
        email=_address(row, world, identity),
        role=row.known("role", ROLES, needed=True) or "",
        team=row.text("team", most=120),
        team_kind=row.known("team_kind", TEAM_KINDS) or "sales",
        since=row.day("since"),
    )
    return record if len(row.complaints.found) == before else None


def _address(row: Row, world: World, identity: str) -> str:
    """The person's e-mail address, which nobody else may have; empty where there is none."""
    email = row.text("email", most=254).lower()
    if not email:
        return ""
    try:
        validate_email(email)
    except ValidationError:
        row.complain("email", _("“%(value)s” is not an e-mail address.") % {"value": email[:60]})
        return ""
    if world.addresses.setdefault(email, identity) != identity:
        row.complain("email", _("Somebody else has this address."))
    return email


def _partner(row: Row, world: World, currency: str) -> PartnerRecord | None:
    before = len(row.complaints.found)
    kind = row.known("type", world.partner_types)
    record = PartnerRecord(
        external_id=row.text("id", needed=True),
        name=row.text("name", needed=True),
        type=kind.value if kind else "referral",
        tier=row.text("tier", most=40),
        region=row.text("region", most=80),
    )
    return record if len(row.complaints.found) == before else None


def _customer(row: Row, world: World, currency: str) -> CustomerRecord | None:
    before = len(row.complaints.found)
    record = CustomerRecord(
        external_id=row.text("id", needed=True),
        name=row.text("name", needed=True),
        industry=row.text("industry", most=80),
        region=row.text("region", most=80),
    )
    return record if len(row.complaints.found) == before else None


def _deal(row: Row, world: World, currency: str) -> DealRecord | None:
    before = len(row.complaints.found)
    stages = world.stages.get(world.default_funnel.casefold(), {})
    stage = row.known("stage", stages, needed=True)
    opened, closed = row.day("opened_on"), row.day("closed_on")
    if not row.text("opened_on"):
        row.complain("opened_on", _("This cell is empty."))
    for column, people in (("owner", world.people), ("partner_manager", world.people)):
        row.known(column, people, needed=column == "owner")
    row.known("customer", world.customers)
    row.known("partner", world.partners)
    kind = row.known("partner_kind", world.kinds, needed=bool(row.text("partner")))
    currency = row.text("currency", most=3).upper() or currency
    amount = row.money("amount", currency) if _is_currency(row, currency) else None
    if stage is not None:
        _check_close(row, world.today, stage.kind != "open", opened, closed)
    if stage is not None and stage.kind == "lost":
        row.known("lost_reason", world.lost_reasons, needed=True)
    if len(row.complaints.found) > before or stage is None:
        return None
    first = next(name for name, one in stages.items() if one.kind == "open")
    begun = stage.name if stage.kind == "open" else stages[first].name
    return DealRecord(
        external_id=row.text("id", needed=True),
        name=row.text("name", needed=True, most=200),
        funnel=world.default_funnel,
        owner=row.text("owner"),
        steps=((begun, opened),) if stage.kind == "open" else ((begun, opened), (stage.name, closed)),
        customer=row.text("customer"),
        partner_manager=row.text("partner_manager"),
        partner=row.text("partner"),
        partner_kind=kind.value if kind else "",
        amount=amount,
        expected_close_on=row.day("expected_close_on"),
        lost_reason=row.text("lost_reason"),
    )


def _is_currency(row: Row, currency: str) -> bool:
    try:
        currency_digits(currency)
    except InvalidMoney as refusal:
        row.complain("currency", refusal.message)
        return False
    return True


def _check_close(row: Row, today: date, is_closed: bool, opened: date | None, closed: date | None) -> None:
    if is_closed and not row.text("closed_on"):
        row.complain("closed_on", _("A closed deal needs this date."))
    if not is_closed and row.text("closed_on"):
        row.complain("closed_on", _("An open deal has no close yet."))
    if opened and closed and closed < opened:
        row.complain("closed_on", _("The close lies before the opening."))
    for column, day in (("opened_on", opened), ("closed_on", closed)):
        if day and day > today:
            row.complain(column, _("This date lies in the future."))


def _action(row: Row, world: World, currency: str) -> ActionRecord | None:
    before = len(row.complaints.found)
    identity = row.text("id", needed=True)
    kind = row.known("action_type", world.action_types, needed=True)
    actor = row.known("actor", world.people, needed=True)
    counterpart = row.known("counterpart", world.people)
    about = [
        row.known("opportunity", world.deals),
        row.known("partner", world.partners),
        row.known("customer", world.customers),
    ]
    at = row.moment("occurred_at", actor.tzinfo if actor else UTC)
    minutes, notes = row.number("minutes", MOST_MINUTES), row.text("notes", most=LONGEST_CELL)
    if len(row.complaints.found) > before or kind is None or actor is None or at is None:
        return None
    try:
        check_action(kind, actor, at, counterpart, about=about)
    except InvalidInput as refusal:
        row.complain(refusal.field or "", refusal.message)
        return None
    return ActionRecord(
        external_id=identity,
        action_type=row.text("action_type"),
        actor=row.text("actor"),
        occurred_at=at,
        counterpart=row.text("counterpart"),
        opportunity=row.text("opportunity"),
        partner=row.text("partner"),
        customer=row.text("customer"),
        minutes=minutes,
        notes=notes,
    )


LAYOUTS = {
    "actions": (
        (
            "id",
            "action_type",
            "actor",
            "occurred_at",
            "opportunity",
            "partner",
            "customer",
            "counterpart",
            "minutes",
            "notes",
        ),
        _action,
    ),
    "people": (("id", "name", "email", "role", "team", "team_kind", "since"), _person),
    "partners": (("id", "name", "type", "tier", "region"), _partner),
    "customers": (("id", "name", "industry", "region"), _customer),
    "opportunities": (
        (
            "id",
            "name",
            "stage",
            "owner",
            "partner_manager",
            "customer",
            "partner",
            "partner_kind",
            "amount",
            "currency",
            "opened_on",
            "expected_close_on",
            "closed_on",
            "lost_reason",
        ),
        _deal,
    ),
}
