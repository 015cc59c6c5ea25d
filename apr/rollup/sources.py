"""Every table that scores are made of, and the marks that a change of one of its rows makes.

This is the whole list. What is not here (targets, the tree of teams, thresholds, weights) is read at the
moment of reading, so that nothing stored can go stale by it; so are calendars and absences for all but joint
scorecards.
"""

from dataclasses import dataclass

from django.db import models

from accounts.models import Absence, ExchangeRate, Holiday, Membership, Organisation
from apr.models import (
    SHARDS,
    WIDE_SHARD,
    Action,
    ActionType,
    PointRule,
    StaleDay,
    StaleDeal,
    StaleJoint,
    StaleMark,
    StaleScore,
    StaleWide,
    WideReason,
)
from opportunities.models import (
    Assignment,
    Commitment,
    Obstacle,
    Opportunity,
    PartnerInvolvement,
    StageChange,
)


@dataclass(frozen=True)
class Mark:
    """A row that the trigger appends: SQL for each column, in which `r.` is the changed row."""

    model: type[StaleMark]
    values: dict[str, str]


@dataclass(frozen=True)
class Source:
    """A table, the columns that matter, and the marks for the old and for the new state of a changed row.

    An update that leaves all these columns as they were makes no mark, nor does a row of which `only` is not
    true.
    """

    model: type[models.Model]
    columns: tuple[str, ...]
    mark: Mark
    events: tuple[str, ...] = ("insert", "update", "delete")
    only: str = ""

    @property
    def table(self) -> str:
        """The table's name."""
        return self.model._meta.db_table


def _day(user: str, day: str) -> Mark:
    return Mark(StaleDay, {"shard": f"{user} % {SHARDS}", "user_id": user, "day": day})


def _deal(opportunity: str) -> Mark:
    return Mark(StaleDeal, {"shard": f"{opportunity} % {SHARDS}", "opportunity_id": opportunity})


def _joint(opportunity: str) -> Mark:
    return Mark(StaleJoint, {"shard": f"{opportunity} % {SHARDS}", "opportunity_id": opportunity})


def _scores(user: str, starts_on: str, ends_on: str) -> Mark:
    return Mark(
        StaleScore,
        {"shard": f"{user} % {SHARDS}", "user_id": user, "starts_on": starts_on, "ends_on": ends_on},
    )


def _wide(reason: WideReason, **values: str) -> Mark:
    return Mark(StaleWide, {"shard": str(WIDE_SHARD), "reason": f"'{reason.value}'", "key": "''", **values})


SOURCES = [
    Source(
        Action,
        (
            "actor_id", "occurred_on", "action_type_id", "confirmation", "voided_at",
            "opportunity_id", "partner_id", "customer_id", "counterpart_id",
        ),
        _day("r.actor_id", "r.occurred_on"),
    ),
    Source(
        Opportunity,
        ("status", "stage_entered_at", "opened_on", "closed_on", "amount_minor", "currency"),
        _deal("r.id"),
    ),
    Source(StageChange, ("opportunity_id", "to_kind", "effective_at"), _deal("r.opportunity_id")),
    Source(
        Assignment,
        ("opportunity_id", "user_id", "capacity", "starts_at", "ends_at"),
        _deal("r.opportunity_id"),
    ),
    Source(PartnerInvolvement, ("opportunity_id", "kind"), _deal("r.opportunity_id")),
    Source(
        Membership,
        ("user_id", "team_id", "starts_on", "ends_on"),
        _scores("r.user_id", "r.starts_on", "r.ends_on"),
    ),
    Source(
        PointRule,
        ("action_type_id", "points", "daily_cap", "effective_from"),
        _wide(WideReason.POINTS, starts_on="r.effective_from"),
    ),
    # A type without actions has nothing to recount, so that only a change of its category matters.
    Source(
        ActionType,
        ("category",),
        _wide(WideReason.CATEGORY, key="CAST(r.id AS VARCHAR(20))"),
        events=("update",),
    ),
    Source(
        ExchangeRate,
        ("currency", "reporting_currency", "effective_from", "rate_nano"),
        _wide(WideReason.RATE, key="r.currency", starts_on="r.effective_from"),
    ),
    Source(Organisation, ("reporting_currency",), _wide(WideReason.CURRENCY)),
    # What a deal adds to joint scorecards.
    Source(Opportunity, ("status", "closed_on"), _joint("r.id")),
    Source(
        StageChange,
        ("opportunity_id", "to_kind", "effective_at", "effective_on", "expected_days"),
        _joint("r.opportunity_id"),
    ),
    Source(
        Assignment,
        ("opportunity_id", "user_id", "capacity", "starts_at", "ends_at"),
        _joint("r.opportunity_id"),
    ),
    Source(PartnerInvolvement, ("opportunity_id", "kind"), _joint("r.opportunity_id")),
    Source(
        Action,
        ("opportunity_id", "actor_id", "capacity", "occurred_at", "occurred_on", "voided_at"),
        _joint("r.opportunity_id"),
        only="r.opportunity_id IS NOT NULL",
    ),
    Source(
        Obstacle,
        ("opportunity_id", "needs_partner", "raised_at", "due_on", "cleared_at"),
        _joint("r.opportunity_id"),
    ),
    Source(
        Commitment,
        ("opportunity_id", "made_by_id", "made_to_id", "due_on", "settled_at", "outcome"),
        _joint("r.opportunity_id"),
    ),
    Source(Holiday, ("date",), _wide(WideReason.CALENDAR)),
    Source(
        Organisation, ("working_week", "time_zone", "fiscal_first_month"), _wide(WideReason.CALENDAR)
    ),
    Source(
        Absence,
        ("user_id", "starts_on", "ends_on"),
        _wide(WideReason.ABSENCE, key="CAST(r.user_id AS VARCHAR(20))"),
    ),
]  # fmt: skip
