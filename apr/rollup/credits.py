"""Who is credited with which deal, for what, on which day: the results side of scoring.md, deal by deal."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import DateTimeField, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from apr.models import CreditKind
from opportunities.models import (
    Assignment,
    Capacity,
    InvolvementKind,
    Opportunity,
    OpportunityStatus,
    PartnerInvolvement,
    StageChange,
)


@dataclass(frozen=True)
class Credit:
    """One deal in one person's figures. `colleague_id` is, for a partner manager, the account executive who
    is credited with the same deal; `priced_on` is the day whose rate holds, None for an open deal (today).
    """

    opportunity_id: int
    user_id: int
    colleague_id: int | None
    kind: str
    day: date
    amount_minor: int | None
    currency: str
    priced_on: date | None


def credits_of(deals: QuerySet[Opportunity]) -> Iterator[Credit]:
    """The credits of these deals, from the source rows, in one query."""
    for deal in _annotated(deals).iterator(chunk_size=2_000):
        yield from _created(deal)
        if deal["status"] == OpportunityStatus.WON:
            yield from _won(deal)
        elif deal["status"] == OpportunityStatus.LOST:
            yield from _lost(deal)


def _annotated(deals: QuerySet[Opportunity]) -> QuerySet[Opportunity, Any]:
    """The deals with the people and partners on whom their credits depend.

    The close is the instant of the last change into a stage of the deal's present kind; a deal without
    history closed when it entered its stage.
    """
    closing = (
        StageChange.objects.filter(opportunity=OuterRef("pk"), to_kind=OuterRef("status"))
        .order_by("-effective_at", "-id")
        .values("effective_at")[:1]
    )
    involved = PartnerInvolvement.objects.filter(opportunity=OuterRef("pk"))
    return (
        deals.order_by("pk")
        .annotate(
            close_at=Coalesce(
                Subquery(closing, output_field=DateTimeField()), F("stage_entered_at")
            )
        )
        .annotate(
            ae_at_close=_assigned_at_close(Capacity.ACCOUNT_EXECUTIVE),
            pm_at_close=_assigned_at_close(Capacity.PARTNER_MANAGER),
            first_ae=_first_assigned(Capacity.ACCOUNT_EXECUTIVE),
            first_pm=_first_assigned(Capacity.PARTNER_MANAGER),
            is_sourced=Exists(involved.filter(kind=InvolvementKind.SOURCED)),
            is_involved=Exists(involved),
        )
        .values(
            "pk", "status", "opened_on", "closed_on", "amount_minor", "currency",
            "ae_at_close", "pm_at_close", "first_ae", "first_pm", "is_sourced", "is_involved",
        )
    )  # fmt: skip


def _assigned_at_close(capacity: Capacity) -> Subquery:
    """Who held the capacity at the closing instant; an assignment that begins right then counts."""
    covering = Assignment.objects.filter(
        Q(ends_at__isnull=True) | Q(ends_at__gt=OuterRef("close_at")),
        opportunity=OuterRef("pk"),
        capacity=capacity,
        starts_at__lte=OuterRef("close_at"),
    )
    return Subquery(covering.order_by("-starts_at", "-id").values("user")[:1])


def _first_assigned(capacity: Capacity) -> Subquery:
    """Who held the capacity first."""
    held = Assignment.objects.filter(opportunity=OuterRef("pk"), capacity=capacity)
    return Subquery(held.order_by("starts_at", "id").values("user")[:1])


def _created(deal: dict[str, Any]) -> Iterator[Credit]:
    ae, pm = deal["first_ae"], deal["first_pm"]
    if ae is not None:
        yield _credit(deal, CreditKind.CREATED, ae, None, deal["opened_on"])
    if pm is not None and deal["is_sourced"]:
        yield _credit(deal, CreditKind.BROUGHT, pm, ae, deal["opened_on"])


def _won(deal: dict[str, Any]) -> Iterator[Credit]:
    ae, pm = deal["ae_at_close"], deal["pm_at_close"]
    if ae is not None:
        yield _credit(deal, CreditKind.WON, ae, None, deal["closed_on"])
    if pm is not None:
        kind = CreditKind.SUPPORTED_WON
        if deal["is_sourced"]:
            kind = CreditKind.SOURCED_WON
        elif deal["is_involved"]:
            kind = CreditKind.INFLUENCED_WON
        yield _credit(deal, kind, pm, ae, deal["closed_on"])


def _lost(deal: dict[str, Any]) -> Iterator[Credit]:
    ae, pm = deal["ae_at_close"], deal["pm_at_close"]
    if ae is not None:
        yield _credit(deal, CreditKind.LOST, ae, None, deal["closed_on"])
    if pm is not None:
        yield _credit(deal, CreditKind.SUPPORTED_LOST, pm, ae, deal["closed_on"])


def _credit(deal: dict[str, Any], kind: CreditKind, user: int, colleague: int | None, day: date) -> Credit:
    return Credit(
        opportunity_id=deal["pk"],
        user_id=user,
        colleague_id=colleague,
        kind=kind.value,
        day=day,
        amount_minor=deal["amount_minor"],
        currency=deal["currency"],
        priced_on=deal["closed_on"],
    )
