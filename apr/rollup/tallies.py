"""From actions to day tallies, and from tallies to points: each step is one query, the only one of its kind.

Whoever needs points (the drain, the audit, a reader who finds marks) gives the tallies as a query: the stored
ones, or those counted from the actions at that moment.
"""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Any

from django.db import connection
from django.db.models import Count, Q, QuerySet

from apr.models import Action, Confirmation, DayTally
from apr.querysets import ActionQuerySet

Statement = tuple[str, tuple[Any, ...]]


class Grain(StrEnum):
    """The days that points are added up over."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


def counted(actions: ActionQuerySet[Action]) -> QuerySet[Action, Any]:
    """Day tallies of those of the actions that count: user, day, type, count, disputed, confirmed."""
    return (
        actions.that_count()
        .order_by()
        .values_list("actor_id", "occurred_on", "action_type_id")
        .annotate(
            done=Count("pk"),
            disputed=Count("pk", filter=Q(confirmation=Confirmation.DISPUTED)),
            confirmed=Count("pk", filter=Q(confirmation=Confirmation.CONFIRMED)),
        )
    )


def coached(actions: ActionQuerySet[Action]) -> QuerySet[Action, Any]:
    """Coaching sessions among the actions: coach, day, colleague, count."""
    sessions = actions.coaching_sessions().order_by()
    return sessions.values_list("actor_id", "occurred_on", "counterpart_id").annotate(done=Count("pk"))


def stored(tallies: QuerySet[DayTally]) -> QuerySet[DayTally, Any]:
    """Stored tallies in the same columns."""
    return tallies.order_by().values_list(
        "user_id", "day", "action_type_id", "count", "disputed", "confirmed"
    )


def statement(query: QuerySet[Any, Any]) -> Statement:
    """The query as SQL. Raises EmptyResultSet where its conditions exclude every row."""
    sql, params = query.query.sql_with_params()
    return sql, tuple(params)


def as_date(value: date | str) -> date:
    """A date as plain SQL hands it out: SQLite keeps dates as text."""
    return date.fromisoformat(value) if isinstance(value, str) else value


def points(tallies: QuerySet[Any, Any], grain: Grain) -> Statement:
    """Tallies × rules × membership as SQL: user, start, team, type, count, raw, counted, confirmed.

    By scoring.md: the rule in force on the day (before the first, nothing has points); the cap holds for a
    person, day and type, on what is not disputed, and on what is confirmed; the team is that of the day, 0
    without one. Of memberships that overlap, the one that began later holds.
    """
    sql, params = statement(tallies)
    return f"{_WORTH.format(tallies=sql)} {_sums(grain)} FROM worth GROUP BY {_by(grain)}", params


# A person, with the days [start, end) of the weeks and of the months that are wanted of them.
Units = tuple[int, date, date, date, date]


def points_of_units(tallies: QuerySet[Any, Any], people: Sequence[Units]) -> Statement:
    """The same by week and by month from one pass over the tallies, with the unit as last column."""
    sql, params = statement(tallies)
    wanted = ", ".join(["(%s, %s, %s, %s, %s)"] * len(people))
    units = " UNION ALL ".join(
        f"{_sums(grain)}, '{grain.value}' FROM worth JOIN wanted ON wanted.who = worth.user_id "
        f"WHERE day >= {grain.value}s_start AND day < {grain.value}s_end GROUP BY {_by(grain)}"
        for grain in (Grain.WEEK, Grain.MONTH)
    )
    named = "wanted (who, weeks_start, weeks_end, months_start, months_end)"
    values = tuple(value for person in people for value in person)
    return f"{_WORTH.format(tallies=sql)}, {named} AS (VALUES {wanted}) {units}", (*params, *values)


# What a day's actions are held against: the rule in force, and the team of the person.
RULES_AND_PLACES = """
rules AS (
  SELECT action_type_id, points, daily_cap, effective_from,
         LEAD(effective_from) OVER (PARTITION BY action_type_id ORDER BY effective_from) AS superseded_on
  FROM apr_pointrule
),
places AS (
  SELECT user_id, team_id, starts_on, ends_on,
         LEAD(starts_on) OVER (PARTITION BY user_id ORDER BY starts_on) AS superseded_on
  FROM accounts_membership
)"""

_WORTH = f"""
WITH tallies (user_id, day, action_type_id, done, disputed, confirmed) AS ({{tallies}}),
{RULES_AND_PLACES},
worth AS (
  SELECT t.user_id, t.day, COALESCE(p.team_id, 0) AS team_id, t.action_type_id, t.done, r.daily_cap,
         t.done * COALESCE(r.points, 0) AS raw,
         (t.done - t.disputed) * COALESCE(r.points, 0) AS undisputed,
         t.confirmed * COALESCE(r.points, 0) AS agreed
  FROM tallies t
  LEFT JOIN rules r ON r.action_type_id = t.action_type_id AND r.effective_from <= t.day
    AND (r.superseded_on IS NULL OR t.day < r.superseded_on)
  LEFT JOIN places p ON p.user_id = t.user_id AND p.starts_on <= t.day
    AND (p.ends_on IS NULL OR t.day < p.ends_on) AND (p.superseded_on IS NULL OR t.day < p.superseded_on)
)"""


def _sums(grain: Grain) -> str:
    return f"""SELECT user_id, {_start(grain)} AS starts_on, team_id, action_type_id, SUM(done) AS count,
  SUM(raw) AS raw, SUM(CASE WHEN daily_cap < undisputed THEN daily_cap ELSE undisputed END) AS counted,
  SUM(CASE WHEN daily_cap < agreed THEN daily_cap ELSE agreed END) AS confirmed"""


def _by(grain: Grain) -> str:
    return f"user_id, {_start(grain)}, team_id, action_type_id"


def _start(grain: Grain) -> str:
    """SQL for the first day of the grain in which `day` lies."""
    if grain == Grain.DAY:
        return "day"
    if connection.vendor == "postgresql":
        return f"CAST(date_trunc('{grain.value}', day) AS date)"
    return "date(day, '-6 days', 'weekday 1')" if grain == Grain.WEEK else "date(day, 'start of month')"
