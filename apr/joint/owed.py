"""What each of the two owes the other now, with the day by which: rows that an act today still changes."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from itertools import chain

from apr.involvement import AT_THE_INK, is_at_the_ink
from apr.joint.figures import Key
from apr.joint.rows import Row, Shared, State, Window, visits_in
from opportunities.models import Commitment, CommitmentOutcome

# A running visit is owed a move from so many working days before it is over its time.
SOON = 10
# And an obstacle, if there is one, from so many.
VERY_SOON = 3

Found = Iterator[Row]


def still_open(rows: Iterable[Row]) -> tuple[Row, ...]:
    """Rows of a component that can still be done."""
    return tuple(row for row in rows if row.state == State.OPEN)


def ink_to_come(one: Shared, window: Window) -> Found:
    """Open deals in the last 14 days before their close that no partner manager has touched in those days.

    A close that is overdue is expected today.
    """
    deal = one.story.deal
    if one.is_open and deal.expected_close_on is not None:
        ink = max(deal.expected_close_on, window.today)
        touched = any(deed.is_pm and is_at_the_ink(deed.occurred_on, ink) for deed in one.story.deeds)
        if ink - AT_THE_INK < window.today and not touched:
            yield Row(State.OPEN, ink, deal.pk)


def obstacles_to_clear(one: Shared, window: Window) -> Found:
    """Obstacles that wait for the partner, overdue ones too."""
    for obstacle in one.story.obstacles:
        if obstacle.needs_partner and obstacle.cleared_at is None:
            yield Row(State.OPEN, obstacle.due_on or date.max, one.story.deal.pk, obstacle=obstacle)


def deals_to_move(one: Shared, window: Window) -> Found:
    """Running visits that are over their time, or will be within ten working days."""
    for visit in visits_in(one.story, window):
        if visit.ends_on is None and visit.expected_days is not None:
            left = visit.expected_days - visit.working_days(window.calendar, window.today)
            if left <= SOON:
                yield Row(State.OPEN, window.today, one.story.deal.pk, visit=visit, days_left=left)


def obstacles_to_raise(one: Shared, window: Window) -> Found:
    """Running visits that are nearly over their time with no obstacle that says why."""
    if any(obstacle.cleared_at is None for obstacle in one.story.obstacles):
        return
    for row in deals_to_move(one, window):
        if row.days_left is not None and 0 <= row.days_left <= VERY_SOON:
            yield row


OF_DEALS: dict[Key, Callable[[Shared, Window], Found]] = {
    Key.AT_THE_INK: ink_to_come,
    Key.OBSTACLES: obstacles_to_clear,
    Key.MOVING: deals_to_move,
    Key.RAISED_IN_TIME: obstacles_to_raise,
}


def owed_on(key: Key, deals: Iterable[Shared], window: Window) -> tuple[Row, ...]:
    """What is owed on the shared deals, soonest first."""
    rows = chain.from_iterable(OF_DEALS[key](one, window) for one in deals)
    return tuple(sorted(rows, key=lambda row: (row.days_left or 0, row.day)))


def owed_promises(promises: Iterable[Commitment]) -> tuple[Row, ...]:
    """Promises that are open, whenever they are due."""
    return tuple(
        Row(State.OPEN, one.due_on, one.opportunity_id, promise=one)
        for one in sorted(promises, key=lambda one: (one.due_on, one.pk))
        if one.outcome == CommitmentOutcome.OPEN
    )
