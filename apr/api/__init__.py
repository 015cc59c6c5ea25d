"""Actions, what they are worth, what is expected, and the scores in the API."""

from .actions import Actions
from .rules import ActionTypes, PointRules, Targets
from .scores import ResultView, ScoreRows, ScoreView

__all__ = ["ActionTypes", "Actions", "PointRules", "ResultView", "ScoreRows", "ScoreView", "Targets"]
