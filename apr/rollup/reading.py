"""Points as scorecards read them: stored scores, and what marks say is stale computed live.

So a figure is right with every worker down, only slower.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from django.db import connection
from django.db.models import Q, QuerySet, Sum

from apr.models import Action, DayTally, PeriodScore, ScoreUnit
from apr.rollup.pending import Pending
from apr.rollup.recompute import GRAINS, hull, in_spans, on_days, whole_units, within
from apr.rollup.tallies import Grain, Statement, as_date, counted, points, stored
from foundation.dated import DateRange

# With more days to count again than this, one count of all actions is cheaper than a list of days.
MANY_DAYS = 1_000

# Which rows are meant, given how they name the person and the day.
Where = Callable[[str, str], Q]


@dataclass(frozen=True)
class Part:
    """Points of one person, while in one team (0: none), from one action type, from `start` on."""

    user_id: int
    start: date | None
    team_id: int
    action_type_id: int
    count: int
    raw: int
    counted: int
    confirmed: int


def period_parts(
    people: Collection[int] | None, dates: DateRange, unit: ScoreUnit, marks: Pending
) -> Iterator[Part]:
    """Parts of the scores of people (None: everybody) over whole weeks or months; they add up to the score.

    Parts read from the store are added up over the dates and have no `start`.
    """
    if people is not None and not people:
        return
    everybody = partial(_on_dates, people, dates)
    if marks.concerns_every_score(dates):
        yield from live_parts(everybody, marks, GRAINS[unit])
        return
    rows = PeriodScore.objects.filter(everybody("user", "starts_on"), unit=unit)
    stale = _stale_spans(marks, dates, unit)
    if stale:
        rows = rows.exclude(in_spans(stale, "user", "starts_on"))
        yield from live_parts(partial(in_spans, stale), marks, GRAINS[unit])
    yield from _added_up(rows)


def daily_parts(people: Collection[int] | None, dates: DateRange, marks: Pending) -> Iterator[Part]:
    """Parts by day."""
    if people is None or people:
        yield from live_parts(partial(_on_dates, people, dates), marks, Grain.DAY)


def live_parts(where: Where, marks: Pending, grain: Grain) -> Iterator[Part]:
    """Parts computed now: from stored tallies, and from the actions of days whose tallies are stale."""
    actions = Action.objects.filter(where("actor", "occurred_on"))
    if marks.every_day or marks.day_count > MANY_DAYS:
        yield from _parts(points(counted(actions), grain))
        return
    tallies = DayTally.objects.filter(where("user", "day"))
    if marks.days:
        tallies = tallies.exclude(on_days(marks.days, "user", "day"))
        stale = actions.filter(on_days(marks.days, "actor", "occurred_on"))
        yield from _parts(points(counted(stale), grain))
    yield from _parts(points(stored(tallies), grain))


def _added_up(rows: QuerySet[PeriodScore]) -> Iterator[Part]:
    sums = rows.order_by().values_list("user_id", "team_id", "action_type_id").annotate(
        a=Sum("count"), b=Sum("raw"), c=Sum("counted"), d=Sum("confirmed")
    )  # fmt: skip
    for user, team, kind, count, raw, counted_, confirmed in sums:
        yield Part(user, None, team, kind, count, raw, counted_, confirmed)


def _parts(statement: Statement) -> Iterator[Part]:
    with connection.cursor() as cursor:
        cursor.execute(*statement)
        for user, start, team, kind, *figures in cursor.fetchall():
            yield Part(user, as_date(start), team, kind, *(int(figure) for figure in figures))


def _on_dates(people: Collection[int] | None, dates: DateRange, user: str, day: str) -> Q:
    days = within(dates, day)
    return days if people is None else days & Q(**{f"{user}__in": people})


def _stale_spans(marks: Pending, dates: DateRange, unit: ScoreUnit) -> dict[int, DateRange]:
    """For each person with marks the span of whole weeks or months of the dates that holds all of them."""
    spans: dict[int, DateRange] = {}
    for pk, days in marks.days.items():
        spans[pk] = DateRange(min(days), max(days) + timedelta(days=1))
    for pk, marked in marks.spans.items():
        for span in marked:
            spans[pk] = hull(spans[pk], span) if pk in spans else span
    return {pk: shared for pk, span in spans.items() if (shared := whole_units(span, unit).overlap(dates))}
