"""The product's figures beside the oracle's, in the same shape."""

from datetime import date
from typing import Any

from accounts.models import Organisation, Team, User
from apr.periods import Period
from apr.scorecards import Score, organisation_scorecard, person_score, results, team_scorecard
from apr.scorecards.figures import Results
from tests.oracle.scores import Oracle

Subject = User | Team | Organisation
MONEY = ("won", "sourced_won", "influenced_won", "pipeline_created")


def shown(subject: Subject, period: Period, today: date) -> dict[str, Any]:
    """What the product says."""
    if isinstance(subject, User):
        score, outcome = person_score(subject, period, today=today), results(subject, period, today=today)
        return _shape(score, outcome)
    if isinstance(subject, Team):
        card = team_scorecard(subject, period, today=today)
    else:
        card = organisation_scorecard(period, today=today)
    members = [member.score for member in card.members]
    assert card.total.counted_points == sum(score.counted_points for score in members)
    assert card.total.raw_points == sum(score.raw_points for score in members)
    return _shape(card.total, card.results)


def _shape(score: Score, outcome: Results) -> dict[str, Any]:
    figures: dict[str, Any] = {
        "points": {
            t.action_type.pk: (t.count, t.raw_points, t.counted_points, t.confirmed_points)
            for t in score.by_type
        },
        "target": score.target,
        "to date": score.expected_to_date,
        "wins": outcome.wins,
        "losses": outcome.losses,
        "overlap": outcome.overlap.minor,
    }
    for name in MONEY:
        measure = getattr(outcome, name)
        figures[name] = (
            measure.amount.minor,
            measure.count,
            {money.currency: money.minor for money in measure.left_out},
        )
    return figures


def reckoned(oracle: Oracle, subject: Subject, period: Period, today: date) -> dict[str, Any]:
    """What the oracle says."""
    kind, start, end, metric = str(period.kind.value), period.start, period.end, "apr_points"
    if isinstance(subject, User):
        days, team = oracle.person(subject.pk), None
    elif isinstance(subject, Team):
        days, team = oracle.team(subject.pk), subject.pk
    else:
        days, team = oracle.everybody(), None
    target = oracle.expected(team, metric, kind, start, end, days)
    gone = min(max(start, today), end)
    to_date = None
    if target is not None:
        to_date = oracle.expected(team, metric, kind, start, gone, days) or 0
    return {
        "points": oracle.points(days, start, end),
        "target": target,
        "to date": to_date,
        **oracle.results(days, start, end, today),
    }
