"""From records to rows, a batch at a time. The same file twice changes nothing the second time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Membership, Role, RoleGrant, Team, User
from accounts.services.addresses import set_address
from accounts.services.teams import join_team
from apr.models import Action
from apr.services.history import PastAction, write_actions
from exchange.importing.records import (
    ActionRecord,
    Counts,
    CustomerRecord,
    DealRecord,
    PartnerRecord,
    PersonRecord,
    Record,
)
from exchange.importing.world import World
from opportunities.models import (
    Capacity,
    Customer,
    InvolvementKind,
    Opportunity,
    Stage,
)
from opportunities.services.details import edit_facts
from opportunities.services.history import DealHistory, write_histories
from opportunities.services.people import write_assignment
from opportunities.services.stages import write_step
from partners.models import Partner

SINCE_EVER = date(2000, 1, 1)
ExternalModel = type[Customer] | type[Partner]


@transaction.atomic
def apply_records(records: Sequence[Record], world: World, by: User | None) -> Counts:
    """Makes or changes the rows of one batch, whole or not at all."""
    counts = Counts()
    for record_type, applier in APPLIERS.items():
        batch = [record for record in records if isinstance(record, record_type)]
        if batch:
            counts += applier(batch, world, by)
    return counts


# --- people and teams -----------------------------------------------------------------------------


def _people(records: Sequence[PersonRecord], world: World, by: User | None) -> Counts:
    counts = Counts()
    for record in records:
        before = _stamp(record, world)
        person = make_person(
            record.external_id, record.name, record.role, world, email=record.email, since=record.since
        )
        if record.team:
            team = _team(record, world)
            if not person.memberships.exists():
                join_team(person=person, team=team, starts_on=record.since or SINCE_EVER)
        _tally(counts, before, _stamp(record, world))
    return counts


def make_person(
    external_id: str, name: str, role: str, world: World, *, email: str = "", since: date | None = None
) -> User:
    """The person of that id in the source; made with this role where there is none."""
    person: User
    person, made = User.objects.get_or_create(
        external_source=world.source,
        external_id=external_id,
        defaults={"name": name, "time_zone": world.organisation.time_zone},
    )
    if made:
        person.set_unusable_password()
        person.save()
        RoleGrant.objects.create(user=person, role=role, starts_on=since or SINCE_EVER)
    elif person.name != name:
        person.name = name
        person.save(update_fields=["name"])
    if email and not person.email:  # one that they have already, and sign in with, stays
        set_address(person=person, email=email)
    return person


def _team(record: PersonRecord, world: World) -> Team:
    above = None
    if record.above:
        above = Team.objects.get_or_create(
            external_source=world.source,
            external_id=f"office:{record.above}",
            defaults={"name": record.above, "kind": record.team_kind},
        )[0]
    team, made = Team.objects.get_or_create(
        external_source=world.source,
        external_id=f"team:{record.team}",
        defaults={"name": record.team, "kind": record.team_kind, "parent": above},
    )
    if made and record.team_leader:
        leader = make_person(
            f"manager:{record.team_leader}", record.team_leader, Role.LEADER, world, since=record.since
        )
        team.leaders.add(leader)
    return team


def _stamp(record: PersonRecord, world: World) -> tuple[object, ...] | None:
    """What is known of a person now, to see whether an import changed it."""
    person = User.objects.filter(external_source=world.source, external_id=record.external_id).first()
    if person is None:
        return None
    team = (
        Membership.objects.filter(user=person).order_by("-starts_on").values_list("team", flat=True).first()
    )
    return person.name, person.email, team


# --- customers and partners -----------------------------------------------------------------------


def _customers(records: Sequence[CustomerRecord], world: World, by: User | None) -> Counts:
    facts = {r.external_id: {"name": r.name, "industry": r.industry, "region": r.region} for r in records}
    return _plain_rows(Customer, facts, world)


def _partners(records: Sequence[PartnerRecord], world: World, by: User | None) -> Counts:
    facts = {
        r.external_id: {"name": r.name, "type": r.type, "tier": r.tier, "region": r.region} for r in records
    }
    return _plain_rows(Partner, facts, world)


def _plain_rows(model: ExternalModel, facts: dict[str, dict[str, str]], world: World) -> Counts:
    """Rows without consequences: made where missing, changed where a fact differs."""
    known = {
        row.external_id: row
        for row in model._default_manager.filter(external_source=world.source, external_id__in=facts)
    }
    counts, fresh = Counts(), list[Any]()
    for external_id, values in facts.items():
        row = known.get(external_id)
        if row is None:
            fresh.append(model(external_source=world.source, external_id=external_id, **values))
        elif any(getattr(row, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(row, name, value)
            row.save(update_fields=[*values, "updated_at"])
            counts.changed += 1
        else:
            counts.unchanged += 1
    model._default_manager.bulk_create(fresh)
    counts.made = len(fresh)
    return counts


# --- deals ----------------------------------------------------------------------------------------


def _deals(records: Sequence[DealRecord], world: World, by: User | None) -> Counts:
    known = known_deals(records, world, Opportunity.objects.select_for_update(of=("self",)))
    fresh = [_history(record, world) for record in records if record.external_id not in known]
    write_histories(fresh, by=by)
    counts = Counts(made=len(fresh))
    for record in records:
        if deal := known.get(record.external_id):
            _tally(counts, False, _bring_up_to_date(deal, record, world, by))
    return counts


def known_deals(
    records: Sequence[DealRecord], world: World, deals: QuerySet[Opportunity]
) -> dict[str, Opportunity]:
    """Those of the records' deals that are here, by their id in the source."""
    ids = [record.external_id for record in records]
    here = deals.filter(external_source=world.source, external_id__in=ids)
    related = here.select_related("stage", "owner", "customer", "partner_manager")
    return {deal.external_id: deal for deal in related}


def _history(record: DealRecord, world: World) -> DealHistory:
    partner = world.partners.get(record.partner.casefold()) if record.partner else None
    return DealHistory(
        name=record.name,
        steps=_dated_steps(record, world),
        currency=record.amount.currency if record.amount else world.organisation.reporting_currency,
        amount=record.amount,
        customer=world.customers.get(record.customer.casefold()),
        owner=world.people.get(record.owner.casefold()),
        partner_manager=world.people.get(record.partner_manager.casefold()),
        partner=(partner, InvolvementKind(record.partner_kind)) if partner else None,
        expected_close_on=record.expected_close_on,
        lost_reason=world.lost_reasons.get(record.lost_reason.casefold()),
        external_source=world.source,
        external_id=record.external_id,
    )


def _dated_steps(record: DealRecord, world: World) -> list[tuple[Stage, datetime]]:
    """The steps, each after the last; a date is noon of the organisation, so that no time zone shifts it."""
    stages, zone = world.stages[record.funnel.casefold()], world.organisation.tzinfo
    steps: list[tuple[Stage, datetime]] = []
    for name, day in record.steps:
        if isinstance(day, datetime):
            at = day.astimezone(UTC)
        else:
            at = datetime.combine(day, time(12), zone).astimezone(UTC) if day else timezone.now()
        if steps and at <= steps[-1][1]:
            at = steps[-1][1] + timedelta(minutes=1)
        steps.append((stages[name.casefold()], at))
    return steps


def _bring_up_to_date(deal: Opportunity, record: DealRecord, world: World, by: User | None) -> bool:
    """Changes what the file says otherwise than the deal; tells whether anything was."""
    wanted = _history(record, world)
    news = _news(deal, wanted)
    if news.facts:
        edit_facts(deal, **news.facts)
    if news.moved:
        stage, at = wanted.steps[-1]
        at = max(at, deal.stage_entered_at)
        deal.funnel = stage.funnel
        write_step(deal, stage, by=by, effective_at=at, lost_reason=wanted.lost_reason)
    for capacity, person in news.people.items():
        write_assignment(deal, capacity, person, by=by, starts_at=timezone.now())
    return news.is_any


@dataclass(frozen=True)
class News:
    """What a file says otherwise than the deal that is here. An empty cell says nothing."""

    facts: dict[str, object]
    moved: bool
    people: dict[Capacity, User]

    @property
    def is_any(self) -> bool:
        """Whether the deal would change."""
        return bool(self.facts or self.moved or self.people)


def _news(deal: Opportunity, wanted: DealHistory) -> News:
    facts = {
        "name": wanted.name,
        "customer": wanted.customer,
        "amount_minor": wanted.amount.minor if wanted.amount else None,
        "currency": wanted.currency if wanted.amount else None,
        "expected_close_on": wanted.expected_close_on,
    }
    people = {
        Capacity.ACCOUNT_EXECUTIVE: (deal.owner, wanted.owner),
        Capacity.PARTNER_MANAGER: (deal.partner_manager, wanted.partner_manager),
    }
    return News(
        {name: value for name, value in facts.items() if value not in (None, getattr(deal, name))},
        deal.stage != wanted.steps[-1][0],
        {hat: person for hat, (held, person) in people.items() if person is not None and person != held},
    )


def deal_would_change(deal: Opportunity, record: DealRecord, world: World) -> bool:
    """Whether bringing the record in would change the deal."""
    return _news(deal, _history(record, world)).is_any


# --- actions --------------------------------------------------------------------------------------


def _actions(records: Sequence[ActionRecord], world: World, by: User | None) -> Counts:
    """Makes those that are not here yet. What was logged is history: a later file does not change it."""
    ids = [record.external_id for record in records]
    logged = Action.objects.filter(external_source=world.source, external_id__in=ids)
    known = set(logged.values_list("external_id", flat=True))
    fresh = [_past(record, world) for record in records if record.external_id not in known]
    write_actions(fresh, source=world.source, by=by)
    return Counts(made=len(fresh), unchanged=len(known))


def _past(record: ActionRecord, world: World) -> PastAction:
    actor, kind = world.people[record.actor.casefold()], world.action_types[record.action_type.casefold()]
    if actor is None or kind is None:
        raise LookupError(f"{record.actor} or {record.action_type} went away since the file was checked")
    return PastAction(
        action_type=kind,
        actor=actor,
        occurred_at=record.occurred_at,
        deal=world.deals.get(record.opportunity.casefold()),
        partner=world.partners.get(record.partner.casefold()),
        customer=world.customers.get(record.customer.casefold()),
        counterpart=world.people.get(record.counterpart.casefold()),
        duration_minutes=record.minutes,
        notes=record.notes,
        external_id=record.external_id,
    )


def _tally(counts: Counts, before: object, after: object) -> None:
    if before is None:
        counts.made += 1
    elif before != after:
        counts.changed += 1
    else:
        counts.unchanged += 1


APPLIERS: dict[type[Record], Callable[..., Counts]] = {
    PersonRecord: _people,
    CustomerRecord: _customers,
    PartnerRecord: _partners,
    DealRecord: _deals,
    ActionRecord: _actions,
}
