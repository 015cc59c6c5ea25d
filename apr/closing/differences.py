"""What was corrected since a period was closed. Differences of rows add up to those of figures."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection

from apr.closing.reading import Side
from apr.closing.storing import known_credits
from apr.models import Action, Closing, CreditKind, KnownCredit
from apr.rollup.tallies import Statement, as_date, statement
from apr.rollup.worth import worth
from apr.scorecards.figures import Points
from apr.scorecards.rows import RESULT_KINDS

# The figures whose deals are told one by one; the win rate follows from the last two.
FIGURES = ("won", "sourced_won", "influenced_won", "pipeline_created", "wins", "losses")


@dataclass(frozen=True)
class Worked:
    """An action as it stands in the figures, then or now."""

    user_id: int
    day: date
    team_id: int
    action_type_id: int
    confirmation: str
    raw: int
    counted: int
    confirmed: int


@dataclass(frozen=True)
class ActionChange:
    """An action that stood in the figures then, or does now, and not in the same way."""

    action_id: int
    was: Worked | None
    now: Worked | None

    @property
    def day(self) -> date:
        """The day on which it counts, or did."""
        return (self.now or self.was or _NEVER).day

    @property
    def points(self) -> Points:
        """What it changes."""
        was, now = self.was or _NEVER, self.now or _NEVER
        return Points(
            (self.now is not None) - (self.was is not None),
            now.raw - was.raw,
            now.counted - was.counted,
            now.confirmed - was.confirmed,
        )


_NEVER = Worked(0, date.min, 0, 0, "", 0, 0, 0)


@dataclass(frozen=True)
class DealChange:
    """A deal that stood in a figure then, or does now, and not with the same amount or date."""

    opportunity_id: int
    was: KnownCredit | None
    now: KnownCredit | None

    @property
    def minor(self) -> int:
        """What it changes, in minor units of the reporting currency."""
        return _minor(self.now) - _minor(self.was)

    @property
    def count(self) -> int:
        """One where the deal came, minus one where it went."""
        return (self.now is not None) - (self.was is not None)


def action_changes(closing: Closing, then: Side, now: Side) -> list[ActionChange]:
    """The actions that differ, the last day first. One statement, which hands out nothing else."""
    found: dict[int, dict[bool, Worked]] = defaultdict(dict)
    for was, pk, user, day, *rest in _differing(closing, then, now):
        found[pk][bool(was)] = Worked(user, as_date(day), *rest)
    changes = [ActionChange(pk, each.get(True), each.get(False)) for pk, each in found.items()]
    return sorted(changes, key=lambda change: (change.day, change.action_id), reverse=True)


def _differing(closing: Closing, then: Side, now: Side) -> list[tuple[Any, ...]]:
    period = closing.period
    known = closing.actions.filter(then.rows).order_by().values_list(*_COLUMNS)
    actions = Action.objects.filter(
        now.people(period), occurred_on__gte=period.start, occurred_on__lt=period.end
    )
    where, asked = now.condition
    parts = [_part(1, lambda: statement(known)), _part(0, lambda: worth(actions), where, asked)]
    sql = " UNION ALL ".join(part for part, _params in parts if part)
    if not sql:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_DIFFERING.format(rows=sql), [param for _part, params in parts for param in params])
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def _part(
    was: int, query: Callable[[], Statement], where: str = "1 = 1", asked: tuple[int, ...] = ()
) -> Statement:
    """Rows of one side as SQL; nothing where their conditions exclude every row."""
    try:
        sql, params = query()
    except EmptyResultSet:
        return "", ()
    return f"SELECT {was}, side{was}.* FROM ({sql}) side{was} WHERE {where}", (*params, *asked)  # noqa: S608 - our own SQL


_COLUMNS = (
    "action_id", "user_id", "day", "team_id", "action_type_id", "confirmation", "raw", "counted", "confirmed",
)  # fmt: skip
_DIFFERING = f"""
WITH sides (was, {", ".join(_COLUMNS)}) AS MATERIALIZED ({{rows}})
SELECT * FROM sides WHERE action_id IN (
  SELECT action_id FROM sides GROUP BY action_id HAVING COUNT(*) = 1
  {" ".join(f"OR MIN({name}) <> MAX({name})" for name in ("day", *_COLUMNS[4:]))}
)
"""  # noqa: S608 - our own SQL


# --- deals ------------------------------------------------------------------------------------------


def deal_changes(closing: Closing, then: Side, now: Side, today: date) -> dict[str, list[DealChange]]:
    """By figure, the deals that differ, the last day first; figures without any are left out."""
    was = _by_figure(closing.credits.filter(then.rows))
    live = known_credits(closing, closing.period, today)
    is_ = _by_figure(one for one in live if now.has(one.user_id, one.team_id))
    changes: dict[str, list[DealChange]] = {}
    for name in FIGURES:
        both = (DealChange(pk, was[name].get(pk), is_[name].get(pk)) for pk in was[name] | is_[name])
        if found := [one for one in both if _differs(one)]:
            changes[name] = sorted(found, key=_latest_first, reverse=True)
    return changes


def _by_figure(credits_: Iterable[KnownCredit]) -> dict[str, dict[int, KnownCredit]]:
    """By figure and deal: a deal stands once in each, with its account executive where both are there."""
    found: dict[str, dict[int, KnownCredit]] = {name: {} for name in FIGURES}
    for credit in sorted(credits_, key=lambda one: CreditKind.values.index(one.kind), reverse=True):
        for name in FIGURES:
            if credit.kind in RESULT_KINDS[name]:
                found[name][credit.opportunity_id] = credit
    return found


def _differs(change: DealChange) -> bool:
    was, now = change.was, change.now
    return was is None or now is None or (was.day, was.minor) != (now.day, now.minor)


def _latest_first(change: DealChange) -> tuple[date, int]:
    return (change.now or change.was or KnownCredit()).day, change.opportunity_id


def _minor(credit: KnownCredit | None) -> int:
    return (credit.minor or 0) if credit else 0
