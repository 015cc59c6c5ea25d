"""Customers, funnels, opportunities and all that happens to them on the way to the ink."""

from .funnels import ForecastCategory, Funnel, LostReason, Stage, StageKind
from .handovers import HandOver, HandOverOutcome
from .history import Assignment, Capacity, StageChange
from .opportunity import Customer, InvolvementKind, Opportunity, OpportunityStatus, PartnerInvolvement
from .work import Commitment, CommitmentOutcome, Obstacle, ObstacleKind

__all__ = [
    "Assignment",
    "Capacity",
    "Commitment",
    "CommitmentOutcome",
    "Customer",
    "ForecastCategory",
    "Funnel",
    "HandOver",
    "HandOverOutcome",
    "InvolvementKind",
    "LostReason",
    "Obstacle",
    "ObstacleKind",
    "Opportunity",
    "OpportunityStatus",
    "PartnerInvolvement",
    "Stage",
    "StageChange",
    "StageKind",
]
