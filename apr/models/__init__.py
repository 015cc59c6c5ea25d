"""Actions, what they are worth, and what is expected."""

from .actions import Action, ActionCapacity, ActionCategory, ActionType, Confirmation, PointRule
from .rollup import CreditKind
from .targets import Metric, Target, TargetScope

__all__ = [
    "Action",
    "ActionCapacity",
    "ActionCategory",
    "ActionType",
    "Confirmation",
    "CreditKind",
    "Metric",
    "PointRule",
    "Target",
    "TargetScope",
]
