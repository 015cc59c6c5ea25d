"""Reading scores: one function for each figure, whichever door shows it, and the rows behind it."""

from .capacities import points_by_capacity
from .cards import (
    organisation_scorecard,
    own_card,
    people_scores,
    person_score,
    results,
    results_of_people,
    team_scorecard,
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
    Totals,
    TypeScore,
    WeekPoints,
)
from .reader import action_types
from .rows import action_points, points_in_force, points_of_one_more, result_rows, score_rows
from .totals import organisation_figures, team_figures, team_totals

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
    "Totals",
    "TypeScore",
    "WeekPoints",
    "action_points",
    "action_types",
    "organisation_figures",
    "organisation_scorecard",
    "own_card",
    "people_scores",
    "person_score",
    "points_by_capacity",
    "points_in_force",
    "points_of_one_more",
    "result_rows",
    "results",
    "results_of_people",
    "score_rows",
    "team_figures",
    "team_scorecard",
    "team_totals",
]
