"""What each action adds to the figures of its day, as SQL."""

from apr.models import Action
from apr.querysets import ActionQuerySet
from apr.rollup.tallies import RULES_AND_PLACES, Statement, statement


def worth(actions: ActionQuerySet[Action]) -> Statement:
    """Those of the actions that count: id, user, day, team, type, confirmation, raw, counted, confirmed.

    The actions have to be all of each person's day. Where its cap is reached, it takes confirmed actions
    first, then the others in the order in which they occurred; disputed ones count nothing. So the points of
    a day's actions add up to those of the day, as `apr.rollup.tallies.points` has them.
    """
    sql, params = statement(
        actions.that_count()
        .order_by()
        .values_list("pk", "actor_id", "occurred_on", "action_type_id", "confirmation", "occurred_at")
    )
    return _WORTH.format(actions=sql), params


def _capped(points: str) -> str:
    return f"CASE WHEN daily_cap < {points} THEN daily_cap ELSE {points} END"


_WORTH = f"""
WITH done (action_id, user_id, day, action_type_id, confirmation, occurred_at) AS ({{actions}}),
{RULES_AND_PLACES},
priced AS (
  SELECT d.action_id, d.user_id, d.day, COALESCE(p.team_id, 0) AS team_id, d.action_type_id,
         d.confirmation, d.occurred_at, r.daily_cap, COALESCE(r.points, 0) AS points,
         CASE WHEN d.confirmation = 'disputed' THEN 0 ELSE COALESCE(r.points, 0) END AS undisputed,
         CASE WHEN d.confirmation = 'confirmed' THEN COALESCE(r.points, 0) ELSE 0 END AS agreed
  FROM done d
  LEFT JOIN rules r ON r.action_type_id = d.action_type_id AND r.effective_from <= d.day
    AND (r.superseded_on IS NULL OR d.day < r.superseded_on)
  LEFT JOIN places p ON p.user_id = d.user_id AND p.starts_on <= d.day
    AND (p.ends_on IS NULL OR d.day < p.ends_on) AND (p.superseded_on IS NULL OR d.day < p.superseded_on)
),
summed AS (
  SELECT priced.*, SUM(undisputed) OVER so_far AS undisputed_by, SUM(agreed) OVER so_far AS agreed_by
  FROM priced
  WINDOW so_far AS (
    PARTITION BY user_id, day, action_type_id
    ORDER BY CASE confirmation WHEN 'confirmed' THEN 0 ELSE 1 END, occurred_at, action_id
    ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
  )
)
SELECT action_id, user_id, day, team_id, action_type_id, confirmation, points AS raw,
       {_capped("undisputed_by")} - {_capped("(undisputed_by - undisputed)")} AS counted,
       {_capped("agreed_by")} - {_capped("(agreed_by - agreed)")} AS confirmed
FROM summed
"""
