"""Actions, what they are worth, what is expected, and the scores in the API."""

from .actions import Actions
from .goals import PartnerGoals
from .joint import JointScorecardRows, JointScorecardView
from .rules import ActionTypes, PointRules, Targets
from .scores import ResultView, ScoreRows, ScoreView

__all__ = [
    "ActionTypes",
    "Actions",
    "JointScorecardRows",
    "JointScorecardView",
    "PartnerGoals",
    "PointRules",
    "ResultView",
    "ScoreRows",
    "ScoreView",
    "Targets",
]
