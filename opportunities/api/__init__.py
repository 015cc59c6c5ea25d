"""Customers, funnels, deals and the work on them in the API."""

from .deals import Assignments, Opportunities, StageChanges
from .funnels import Customers, Funnels, Stages
from .handovers import HandOvers
from .work import Commitments, Obstacles

__all__ = [
    "Assignments",
    "Commitments",
    "Customers",
    "Funnels",
    "HandOvers",
    "Obstacles",
    "Opportunities",
    "StageChanges",
    "Stages",
]
