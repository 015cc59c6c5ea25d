"""Reading scores: one function for each figure, whichever door shows it, and the rows behind it."""

from .cards import (
    daily_points,
    organisation_scorecard,
    own_card,
    person_score,
    results,
    team_scorecard,
    team_totals,
    weekly_points,
)
from .figures import (
    ActionPoints,
    MemberScore,
    MoneyMeasure,
    OwnCard,
    PointsRun,
    Results,
    Score,
    Subject,
    TeamScorecard,
    TypeScore,
    WeekPoints,
)
from .rows import action_points, points_in_force, points_of_one_more, result_rows, score_rows

__all__ = [
    "ActionPoints",
    "MemberScore",
    "MoneyMeasure",
    "OwnCard",
    "PointsRun",
    "Results",
    "Score",
    "Subject",
    "TeamScorecard",
    "TypeScore",
    "WeekPoints",
    "action_points",
    "daily_points",
    "organisation_scorecard",
    "own_card",
    "person_score",
    "points_in_force",
    "points_of_one_more",
    "result_rows",
    "results",
    "score_rows",
    "team_scorecard",
    "team_totals",
    "weekly_points",
]
