"""Actions, what they are worth, and what is expected."""

from .actions import Action, ActionCapacity, ActionCategory, ActionType, Confirmation, PointRule
from .closing import Closing, ClosingStatus
from .coaching import CoachingAdvice
from .evidence import EvidenceReport
from .joint import CoachingTally, JointFact, JointReckoning, StaleJoint
from .known import KnownAction, KnownCredit, KnownPair, KnownScorecard
from .notifications import (
    Channel,
    Digest,
    DigestKind,
    Notification,
    NotificationChoice,
    NudgeKind,
    NudgeRules,
    Rhythm,
)
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
from .trials import TRIABLE, Trial, TrialMeasure, TrialMember, TrialResult
from .weights import JointWeight

__all__ = [
    "SHARDS",
    "TRIABLE",
    "WIDE_SHARD",
    "Action",
    "ActionCapacity",
    "ActionCategory",
    "ActionType",
    "Audit",
    "Channel",
    "Closing",
    "ClosingStatus",
    "CoachingAdvice",
    "CoachingTally",
    "Confirmation",
    "CreditKind",
    "DayTally",
    "DealCredit",
    "Digest",
    "DigestKind",
    "EvidenceReport",
    "JointFact",
    "JointReckoning",
    "JointWeight",
    "KnownAction",
    "KnownCredit",
    "KnownPair",
    "KnownScorecard",
    "Metric",
    "Notification",
    "NotificationChoice",
    "NudgeKind",
    "NudgeRules",
    "PeriodScore",
    "PointRule",
    "Rhythm",
    "ScoreUnit",
    "Shard",
    "StaleDay",
    "StaleDeal",
    "StaleJoint",
    "StaleMark",
    "StaleScore",
    "StaleWide",
    "Target",
    "TargetScope",
    "Trial",
    "TrialMeasure",
    "TrialMember",
    "TrialResult",
    "WideReason",
]
