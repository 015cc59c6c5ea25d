"""Reads a deal for its map: eleven queries, however long the deal."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Case, Value, When
from django.utils import timezone

from accounts.models import User
from apr.involvement import Deed, involvement_of, of_partner_managers
from apr.models import Action, ActionCapacity, Confirmation
from apr.scorecards import action_points
from opportunities.measures import Measures
from opportunities.models import CommitmentOutcome, Opportunity, StageKind
from opportunities.visits import visits_of

from .story import Act, Block, Lane, Names, Story, Word


def load(deal: Opportunity, reader: User, measures: Measures) -> Story:
    """The story of a deal that `reader` sees; `deal` comes with its owner and partner manager."""
    rows = _rows(deal, reader)
    involvement = involvement_of(
        visits_of(deal.stage_changes.order_by("effective_at", "id")),
        [Deed(row.occurred_at, row.occurred_on, bool(row.is_pm), _is_ae(row)) for row in rows],
        calendar=measures.calendar,
        today=measures.today,
        closed_on=deal.closed_on,
        expected_close_on=deal.expected_close_on,
    )
    return Story(
        opened_on=deal.opened_on,
        today=measures.today,
        status=deal.status,
        involvement=involvement,
        calendar=measures.calendar,
        allowed=measures.organisation.silence_days,
        names=_names(deal),
        places=_places(deal),
        acts=_acts(rows),
        blocks=_blocks(deal, measures),
        words=_words(deal),
    )


def _rows(deal: Opportunity, reader: User) -> list[Any]:
    rows = Action.objects.visible_to(reader).standing().filter(opportunity=deal)
    told = rows.annotate(is_pm=Case(When(of_partner_managers(), then=Value(1)), default=Value(0)))
    related = told.select_related("action_type", "actor", "partner", "counterpart")
    return list(related.order_by("occurred_at", "id"))


def _is_ae(row: Any) -> bool:
    return bool(row.capacity == ActionCapacity.ACCOUNT_EXECUTIVE)


def _acts(rows: Iterable[Any]) -> list[Act]:
    points = action_points(rows)
    return [
        Act(
            pk=row.pk,
            day=row.occurred_on,
            lane=_lane(row),
            is_pm=bool(row.is_pm),
            is_ae=_is_ae(row),
            category=row.action_type.category,
            title=row.action_type.name,
            points=points[row.pk].raw,
            actor=row.actor.name,
            partner=row.partner.name if row.partner else "",
            counterpart=row.counterpart.name if row.counterpart else "",
            is_confirmed=row.confirmation == Confirmation.CONFIRMED,
            is_disputed=row.confirmation == Confirmation.DISPUTED,
            is_shared=not row.is_pm and not _is_ae(row),
        )
        for row in rows
    ]


def _lane(row: Any) -> Lane:
    if row.is_pm:
        return Lane.PM
    return Lane.PARTNER if row.partner else Lane.AE


def _names(deal: Opportunity) -> Names:
    partners = list(deal.involvements.select_related("partner").order_by("id"))
    first = min(partners, key=lambda row: row.kind != "sourced", default=None)
    return Names(
        partner=first.partner.name if first else "",
        partner_kind=first.get_kind_display() if first else "",
        pm=deal.partner_manager.name if deal.partner_manager else "",
        ae=deal.owner.name if deal.owner else "",
    )


def _places(deal: Opportunity) -> dict[str, int]:
    """How far on each stage of the funnel is, from 1 to 5."""
    stages = deal.funnel.stages.filter(kind=StageKind.OPEN).order_by("position", "id")
    names = list(dict.fromkeys(stages.values_list("name", flat=True)))
    apart = max(len(names) - 1, 4)
    return {name: 1 + at * 4 // apart for at, name in enumerate(names)}


def _blocks(deal: Opportunity, measures: Measures) -> list[Block]:
    zone = measures.organisation.tzinfo

    def on(instant: datetime) -> Any:
        return timezone.localdate(instant, zone)

    rows = deal.obstacles.select_related("raised_by", "cleared_by").order_by("raised_at", "id")
    return [
        Block(
            pk=row.pk,
            name=row.description,
            raised_on=on(row.raised_at),
            due_on=row.due_on,
            cleared_on=on(row.cleared_at) if row.cleared_at else None,
            raised_by=row.raised_by.name,
            cleared_by=row.cleared_by.name if row.cleared_by else "",
        )
        for row in rows
    ]


def _words(deal: Opportunity) -> list[Word]:
    rows = deal.commitments.exclude(outcome=CommitmentOutcome.WITHDRAWN).select_related("made_by", "made_to")
    return [
        Word(
            pk=row.pk,
            text=row.text,
            by=row.made_by.name,
            to=row.made_to.name if row.made_to else "",
            due_on=row.due_on,
            outcome=row.outcome,
            is_pm=row.made_by_id == deal.partner_manager_id,
        )
        for row in rows.order_by("due_on", "id")
    ]
