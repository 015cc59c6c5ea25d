"""What bringing records in would do to each of them, without doing it."""

from collections.abc import Callable, Sequence
from typing import Any

from accounts.models import User
from apr.models import Action
from exchange.importing.applying import deal_would_change, known_deals
from exchange.importing.records import (
    ActionRecord,
    CustomerRecord,
    DealRecord,
    PartnerRecord,
    PersonRecord,
    Record,
)
from exchange.importing.world import World
from exchange.models import Outcome
from opportunities.models import Customer, Opportunity
from partners.models import Partner


def outcomes(records: Sequence[Record], world: World) -> dict[str, Outcome]:
    """What would become of each record of one kind, by its id in the source."""
    return COMPARERS[type(records[0])](records, world) if records else {}


def _of(is_here: bool, differs: bool) -> Outcome:
    if not is_here:
        return Outcome.MADE
    return Outcome.CHANGED if differs else Outcome.UNCHANGED


def _deals(records: Sequence[DealRecord], world: World) -> dict[str, Outcome]:
    known = known_deals(records, world, Opportunity.objects.all())
    return {
        record.external_id: _of(deal is not None, deal is not None and deal_would_change(deal, record, world))
        for record in records
        for deal in [known.get(record.external_id)]
    }


def _actions(records: Sequence[ActionRecord], world: World) -> dict[str, Outcome]:
    ids = [record.external_id for record in records]
    logged = Action.objects.filter(external_source=world.source, external_id__in=ids)
    known = set(logged.values_list("external_id", flat=True))
    return {one: _of(one in known, False) for one in ids}


def _facts(model: type[Customer] | type[Partner], *names: str) -> Callable[..., dict[str, Outcome]]:
    def compare(records: Sequence[Any], world: World) -> dict[str, Outcome]:
        ids = [record.external_id for record in records]
        rows = model._default_manager.filter(external_source=world.source, external_id__in=ids)
        known = {row.external_id: row for row in rows}
        return {
            record.external_id: _of(
                row is not None,
                row is not None and any(getattr(row, name) != getattr(record, name) for name in names),
            )
            for record in records
            for row in [known.get(record.external_id)]
        }

    return compare


def _people(records: Sequence[PersonRecord], world: World) -> dict[str, Outcome]:
    ids = [record.external_id for record in records]
    users = User.objects.filter(external_source=world.source, external_id__in=ids).prefetch_related(
        "memberships"
    )
    known = {user.external_id: user for user in users}
    return {
        record.external_id: _of(user is not None, user is not None and _person_differs(user, record))
        for record in records
        for user in [known.get(record.external_id)]
    }


def _person_differs(user: User, record: PersonRecord) -> bool:
    joins = bool(record.team) and not user.memberships.all()
    return user.name != record.name or bool(record.email and not user.email) or joins


COMPARERS: dict[type[Record], Callable[..., dict[str, Outcome]]] = {
    PersonRecord: _people,
    CustomerRecord: _facts(Customer, "name", "industry", "region"),
    PartnerRecord: _facts(Partner, "name", "type", "tier", "region"),
    DealRecord: _deals,
    ActionRecord: _actions,
}
