"""The product's figures beside the oracle's, in the same shape."""

from dataclasses import replace
from datetime import date
from typing import Any

from accounts.models import Organisation, Team, User
from apr.joint import joint_scorecard, pairs_of
from apr.periods import Period
from apr.scorecards import (
    Score,
    organisation_figures,
    organisation_scorecard,
    person_score,
    results,
    team_figures,
    team_scorecard,
    team_totals,
)
from apr.scorecards.figures import Results
from tests.oracle.joint import JointOracle
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
        alone = team_figures(subject, period, today=today)
        (listed,) = team_totals([subject], period, today=today)  # its changes are those of all teams
        assert replace(listed, pending_changes=alone.score.pending_changes) == alone.score
    else:
        card = organisation_scorecard(period, today=today)
        alone, _teams = organisation_figures(period, today=today)
    members = [member.score for member in card.members]
    assert card.total.counted_points == sum(score.counted_points for score in members)
    assert card.total.raw_points == sum(score.raw_points for score in members)
    assert (alone.score, alone.results) == (card.total, card.results)
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


def shown_pair(pm: User, ae: User, period: Period, today: date) -> dict[str, Any]:
    """What the card of a pair says, with its rows counted."""
    card = joint_scorecard(pm, ae, period, today=today)
    figures: dict[str, Any] = {m.key.value: (m.numerator, m.denominator) for m in card.standing.measures}
    figures["shared"] = (card.shared_count, (card.outcomes.won.count, card.outcomes.lost.count))
    return figures


def listed_pairs(viewer: User, period: Period, today: date) -> dict[tuple[int, int], dict[str, Any]]:
    """What the list of all pairs says."""
    return {
        (one.pm.pk, one.ae.pk): {
            **{key.value: (c.numerator, c.denominator) for key, c in one.components.items()},
            "shared": (one.shared, (one.won, one.lost)),
        }
        for one in pairs_of(period, viewer=viewer, today=today)
    }


def reckoned_pairs(oracle: Oracle, period: Period, today: date) -> dict[tuple[int, int], dict[str, Any]]:
    """What the oracle says of every two people."""
    joint = JointOracle(oracle, str(period.kind.value), period.start, period.end, today)
    people = [row["id"] for row in oracle.rows["accounts_user"]]
    empty = {"involvement", "at_the_ink", "obstacles", "documented", "moving", "obstacles_raised_in_time"}
    return {
        (pm, ae): {**dict.fromkeys(empty, (0, 0)), **joint.card(pm, ae)}
        for pm in people
        for ae in people
        if pm != ae
    }


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
