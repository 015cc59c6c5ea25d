"""Points as scorecards read them: stored scores, and what marks say is stale computed live.

So a figure is right with every worker down, only slower.
"""

from collections.abc import Callable, Collection, Iterator
from datetime import date, timedelta
from functools import partial
from typing import NamedTuple

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


class Part(NamedTuple):
    """Points of one person, while in one team (0: none), from one action type, from `start` on.

    Without `user_id` they are those of many people together.
    """

    user_id: int | None
    start: date | None
    team_id: int
    action_type_id: int
    actions: int
    raw: int
    counted: int
    confirmed: int


def period_parts(
    people: Collection[int] | None,
    dates: DateRange,
    unit: ScoreUnit,
    marks: Pending,
    *,
    together: bool = False,
) -> Iterator[Part]:
    """Parts of the scores of people (None: everybody) over whole weeks or months; they add up to the score.

    Parts read from the store are added up over the dates and have no `start`; with `together` they are added
    up over the people of each team, too.
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
    yield from _added_up(rows, together=together)


def counts(
    people: Collection[int],
    dates: DateRange,
    grain: Grain,
    marks: Pending,
    *,
    within: Collection[int] | None = None,
) -> Iterator[tuple[int, date, int]]:
    """Counted points of each person (user, start, points) by day, or by whole weeks or months of the dates.

    `within` leaves out what was done on days outside these teams.
    """
    if not people or (within is not None and not within):
        return
    everybody = partial(_on_dates, people, dates)
    for unit, coarse in GRAINS.items():
        if grain == coarse and not marks.concerns_every_score(dates):
            rows = PeriodScore.objects.filter(everybody("user", "starts_on"), unit=unit)
            stale = _stale_spans(marks, dates, unit)
            if stale:
                rows = rows.exclude(in_spans(stale, "user", "starts_on"))
                yield from _live_counts(partial(in_spans, stale), marks, grain, within)
            if within is not None:
                rows = rows.filter(team__in=within)
            yield from rows.order_by().values_list("user_id", "starts_on").annotate(Sum("counted"))
            return
    yield from _live_counts(everybody, marks, grain, within)


def _live_counts(
    where: Where, marks: Pending, grain: Grain, within: Collection[int] | None
) -> Iterator[tuple[int, date, int]]:
    teams = "" if within is None else f"WHERE team_id IN ({', '.join(str(int(pk)) for pk in within)})"
    for sql, params in live_statements(where, marks, grain):
        added_up = (
            f"SELECT user_id, starts_on, SUM(counted) FROM ({sql}) p {teams} GROUP BY user_id, starts_on"
        )
        with connection.cursor() as cursor:
            cursor.execute(added_up, params)
            for user, start, counted_points in cursor.fetchall():
                yield user, as_date(start), int(counted_points)


def live_parts(where: Where, marks: Pending, grain: Grain) -> Iterator[Part]:
    """Parts computed now."""
    for statement in live_statements(where, marks, grain):
        yield from _parts(statement)


def live_statements(where: Where, marks: Pending, grain: Grain) -> Iterator[Statement]:
    """Points computed now: from stored tallies, and from the actions of days whose tallies are stale."""
    actions = Action.objects.filter(where("actor", "occurred_on"))
    if marks.every_day or marks.day_count > MANY_DAYS:
        yield points(counted(actions), grain)
        return
    tallies = DayTally.objects.filter(where("user", "day"))
    if marks.days:
        tallies = tallies.exclude(on_days(marks.days, "user", "day"))
        yield points(counted(actions.filter(on_days(marks.days, "actor", "occurred_on"))), grain)
    yield points(stored(tallies), grain)


def _added_up(rows: QuerySet[PeriodScore], *, together: bool) -> Iterator[Part]:
    by = () if together else ("user_id",)
    sums = rows.order_by().values_list(*by, "team_id", "action_type_id").annotate(
        a=Sum("count"), b=Sum("raw"), c=Sum("counted"), d=Sum("confirmed")
    )  # fmt: skip
    for row in sums:
        user, (team, kind, *figures) = (None, row) if together else (row[0], row[1:])
        yield Part(user, None, team, kind, *figures)


def _parts(statement: Statement) -> Iterator[Part]:
    with connection.cursor() as cursor:
        cursor.execute(*statement)
        for user, start, team, kind, *figures in cursor.fetchall():
            yield Part(user, as_date(start), team, kind, *map(int, figures))


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
