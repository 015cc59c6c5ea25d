"""A simulated world written to the database, to hold what is loaded against what was simulated."""

from datetime import UTC, date, datetime, time, timedelta

import numpy as np

from accounts.models import User
from apr.evidence.panel import Panel
from apr.models import Action
from opportunities.models import Assignment, Opportunity, Stage, StageChange
from tests.factories import action_type

MIDWEEK, LATER = timedelta(days=2), timedelta(days=3)


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


def write_history(panel: Panel, people: list[User], first: date) -> list[Opportunity]:
    """Deals with steps, assignments and actions, week 0 beginning on Monday `first`."""
    stages = list(Stage.objects.filter(funnel__is_default=True, kind="open").order_by("position"))
    ends = {kind: Stage.objects.get(funnel__is_default=True, kind=kind) for kind in ("won", "lost")}
    rows = panel.rows
    deals, steps, assignments = {}, [], []
    for number in np.unique(rows.deal).tolist():
        mine = np.flatnonzero(rows.deal == number)
        path = _path(panel, mine, stages, ends, first)
        stage, closed = path[-1][0], path[-1][1] if path[-1][0].kind != "open" else None
        deal = Opportunity(
            name=f"Deal {number}", funnel=stage.funnel, stage=stage, status=stage.kind, currency="EUR",
            stage_entered_at=_noon(path[-1][1]), opened_on=path[0][1], closed_on=closed, amount_minor=100_000,
            owner=people[int(rows.owner[mine[0]])],
        )  # fmt: skip
        deals[number] = deal
        steps += [
            StageChange(
                opportunity=deal, to_stage=to, to_stage_name=to.name, to_kind=to.kind, currency="EUR",
                probability=to.probability, effective_at=_noon(day), effective_on=day, recorded_at=_noon(day),
            )
            for to, day in path
        ]  # fmt: skip
        assignments.append(
            Assignment(
                opportunity=deal, user=deal.owner, capacity="account_executive", starts_at=_noon(path[0][1])
            )
        )
    Opportunity.objects.bulk_create(deals.values())
    StageChange.objects.bulk_create(steps, 500)
    Assignment.objects.bulk_create(assignments, 500)
    _write_actions(panel, deals, first)
    return list(deals.values())


def _path(panel: Panel, mine, stages, ends, first: date) -> list[tuple[Stage, date]]:
    """The steps of one deal from its rows: opened, where the rows begin, each advance, and the end."""
    rows = panel.rows

    def day(week: int) -> date:
        return first + timedelta(weeks=int(week)) + MIDWEEK

    start, last = mine[0], mine[-1]
    path = [(stages[0], day(rows.week[start] - rows.weeks_open[start] - 1))]
    if rows.stage[start]:
        path.append((stages[rows.stage[start]], day(rows.week[start] - rows.weeks_in_stage[start] - 1)))
    for row in mine:
        if rows.advanced[row]:
            higher = rows.stage[row] + 1
            path.append((stages[higher] if higher < 4 else ends["won"], day(rows.week[row])))
    if not rows.advanced[last] and rows.week[last] < panel.weeks - 1:
        path.append((ends["lost"], day(rows.week[last])))
    return path


def _write_actions(panel: Panel, deals: dict[int, Opportunity], first: date) -> None:
    kind = action_type("call_to")
    actions = []
    for number, week in zip(panel.deeds.deal.tolist(), panel.deeds.week.tolist(), strict=True):
        if number in deals:
            day = first + timedelta(weeks=week) + LATER
            actions.append(
                Action(
                    action_type=kind,
                    actor=deals[number].owner,
                    capacity="account_executive",
                    occurred_at=_noon(day),
                    occurred_on=day,
                    opportunity=deals[number],
                )
            )
    Action.objects.bulk_create(actions, 500)
