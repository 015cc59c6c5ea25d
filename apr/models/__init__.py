"""Actions, what they are worth, and what is expected."""

from .actions import Action, ActionCapacity, ActionCategory, ActionType, Confirmation, PointRule
from .rollup import (
    SHARDS,
    WIDE_SHARD,
    Audit,
    CreditKind,
    DayTally,
    DealCredit,
    PeriodScore,
    ScoreUnit,
    Shard,
    StaleDay,
    StaleDeal,
    StaleMark,
    StaleScore,
    StaleWide,
    WideReason,
)
from .targets import Metric, Target, TargetScope

__all__ = [
    "SHARDS",
    "WIDE_SHARD",
    "Action",
    "ActionCapacity",
    "ActionCategory",
    "ActionType",
    "Audit",
    "Confirmation",
    "CreditKind",
    "DayTally",
    "DealCredit",
    "Metric",
    "PeriodScore",
    "PointRule",
    "ScoreUnit",
    "Shard",
    "StaleDay",
    "StaleDeal",
    "StaleMark",
    "StaleScore",
    "StaleWide",
    "Target",
    "TargetScope",
    "WideReason",
]
