"""The rows of each component of a joint scorecard, deal by deal. No database here.

A component is counted from its rows: what is done of what is there. Days are those of the organisation.
Where the definition leaves a choice, the function that makes it says so.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from functools import cached_property

from django.utils import timezone

from accounts.calendar import WorkingCalendar
from apr.involvement import SHORTEST, is_at_the_ink
from apr.joint.stories import Post, Story
from apr.models import Action
from apr.periods import Period
from opportunities.models import Commitment, CommitmentOutcome, Obstacle, OpportunityStatus
from opportunities.visits import Visit

ACT_WITHIN = 5  # working days in which the account executive takes up a deal that was brought


class State(StrEnum):
    """What became of a row. What can still be done counts like what was missed, and is drawn apart."""

    DONE = "done"
    OPEN = "open"
    MISSED = "missed"


@dataclass(frozen=True)
class Row:
    """One visit, deal, obstacle, session or promise. `day` is the one by which it counts: due, closed, last
    seen open, brought, done. `days_left` are working days until a running visit is over its time."""

    state: State
    day: date
    deal_id: int | None = None
    visit: Visit | None = None
    obstacle: Obstacle | None = None
    promise: Commitment | None = None
    session: Action | None = None
    days_left: int | None = None


@dataclass(frozen=True)
class Window:
    """A period as it is on a day, where the organisation is."""

    period: Period
    today: date
    zone: tzinfo
    calendar: WorkingCalendar

    @cached_property
    def has_begun(self) -> bool:
        """Whether the first day has come."""
        return self.period.start <= self.today

    @cached_property
    def is_over(self) -> bool:
        """Whether the last day has passed."""
        return self.period.end <= self.today

    @cached_property
    def last_day(self) -> date:
        """The last day that has come; today's work counts."""
        return min(self.period.end - timedelta(days=1), self.today)

    @cached_property
    def until(self) -> date:
        """The first day that is not over: working days are counted up to it."""
        return min(self.period.end, self.today)

    def date_of(self, instant: datetime) -> date:
        """The date of an instant at the organisation."""
        return timezone.localdate(instant, self.zone)

    def state(self, *, done: bool, can_be_done: bool = False) -> State:
        """Done, or what can still be done while the period runs, or missed."""
        if done:
            return State.DONE
        return State.OPEN if can_be_done and not self.is_over else State.MISSED


@dataclass(frozen=True)
class Shared:
    """A deal of a pair in a period. `last_day` is the last one in the period on which it was open."""

    story: Story
    pm_id: int
    ae_id: int
    last_day: date
    is_open: bool


def shared(story: Story, window: Window) -> Shared | None:
    """The pair whose deal it is in the period; None where it was not open in it, or nobody stood on a side.

    A deal is open on every day from its first step to the one on which it closed, both included. The pair
    are those who held it at the last moment of its last open day in the period: at the close, if it closed
    then (as for results), else at the end of that day. A person alone is no pair.
    """
    visits = visits_in(story, window)
    if not visits:
        return None
    last = visits[-1]
    is_open = last.ends_at is None or last.ends_on is None or last.ends_on > window.last_day
    if is_open or last.ends_at is None or last.ends_on is None:
        midnight = datetime.combine(window.last_day + timedelta(days=1), time.min, window.zone)
        last_day, moment = window.last_day, midnight - timedelta(microseconds=1)
    else:
        last_day, moment = last.ends_on, last.ends_at
    pm, ae = holder(story.managers, moment), holder(story.owners, moment)
    if pm is None or ae is None or pm == ae:
        return None
    return Shared(story, pm, ae, last_day, is_open)


def holder(posts: list[Post], moment: datetime) -> int | None:
    """Who held the post at a moment; a post that begins right then is held."""
    held = [p for p in posts if p.starts_at <= moment and (p.ends_at is None or p.ends_at > moment)]
    return held[-1].user_id if held else None


def visits_in(story: Story, window: Window) -> list[Visit]:
    """The visits with at least one day in the period so far; the last day of a visit is one of its days."""
    if not window.has_begun:
        return []
    start = window.period.start
    return [
        visit
        for visit in story.visits
        if visit.starts_on <= window.last_day and (visit.ends_on is None or visit.ends_on >= start)
    ]


def closed_in(one: Shared, window: Window) -> bool:
    """Whether the deal closed in the period; one that was re-opened has left the close of then."""
    deal = one.story.deal
    return (
        deal.status != OpportunityStatus.OPEN
        and deal.closed_on is not None
        and window.period.start <= deal.closed_on <= window.last_day
    )


# --- of the partner manager -----------------------------------------------------------------------


def involvement(one: Shared, window: Window) -> Iterator[Row]:
    """Visits, clipped to the period, with an action of a partner manager in them.

    A visit with less than 3 working days in the period is left out unless it is covered in the period.
    """
    for visit in visits_in(one.story, window):
        covered = any(
            deed.is_pm
            and visit.contains(deed.occurred_at)
            and window.period.start <= deed.occurred_on <= window.last_day
            for deed in one.story.deeds
        )
        start, end = max(visit.starts_on, window.period.start), min(visit.ends_on or date.max, window.until)
        if covered or window.calendar.working_days(start, end) >= SHORTEST:
            runs = visit.ends_on is None or visit.ends_on > window.today
            yield _of_visit(one, visit, window, window.state(done=covered, can_be_done=runs))


def at_the_ink(one: Shared, window: Window) -> Iterator[Row]:
    """Deals closed in the period, with an action of a partner manager in the 14 days up to the close."""
    closed_on = one.story.deal.closed_on
    if closed_on is not None and closed_in(one, window):
        done = any(deed.is_pm and is_at_the_ink(deed.occurred_on, closed_on) for deed in one.story.deeds)
        yield Row(window.state(done=done), closed_on, one.story.deal.pk)


def obstacles(one: Shared, window: Window) -> Iterator[Row]:
    """Obstacles that needed the partner and fell due in the period, and were cleared by then.

    One that is not due yet counts from the day on which it is cleared, else from the day after it was due:
    nobody has missed it before.
    """
    for obstacle in one.story.obstacles:
        due = obstacle.due_on
        if obstacle.needs_partner and due is not None and window.period.contains(due):
            cleared = obstacle.cleared_at is not None and window.date_of(obstacle.cleared_at) <= due
            if cleared or due < window.today:
                yield Row(window.state(done=cleared), due, one.story.deal.pk, obstacle=obstacle)


# --- of the account executive ---------------------------------------------------------------------


def documented(one: Shared, window: Window) -> Iterator[Row]:
    """Deals with an action as account executive in the 14 days up to and including the last day on which
    they were open in the period. Those days may reach back before the period."""
    done = any(deed.is_ae and is_at_the_ink(deed.occurred_on, one.last_day) for deed in one.story.deeds)
    yield Row(window.state(done=done, can_be_done=one.is_open), one.last_day, one.story.deal.pk)


def moving(one: Shared, window: Window) -> Iterator[Row]:
    """Visits that were not longer than expected, from their first day up to the end of the period.

    The whole visit counts, not the part in the period, or no visit were long in a week. Visits of stages
    that expect nothing are left out.
    """
    for visit in visits_in(one.story, window):
        if visit.expected_days is not None:
            left = visit.expected_days - _length(visit, window)
            yield _of_visit(one, visit, window, window.state(done=left >= 0), left)


def raised_in_time(one: Shared, window: Window) -> Iterator[Row]:
    """Visits that ran over, and had an obstacle raised before they did.

    A visit runs over on the first working day beyond those expected. An obstacle that was raised on an
    earlier day counts, by whomever, also one from before the visit if it still stood when the visit began.
    """
    for visit in visits_in(one.story, window):
        if visit.expected_days is not None and _length(visit, window) > visit.expected_days:
            eve = visit.starts_on - timedelta(days=1)
            over_on = window.calendar.nth_working_day_after(eve, visit.expected_days + 1)
            raised = any(
                window.date_of(o.raised_at) < over_on
                and (o.cleared_at is None or o.cleared_at >= visit.starts_at)
                for o in one.story.obstacles
            )
            yield _of_visit(one, visit, window, window.state(done=raised))


# The components that follow from the deals of a pair.
OF_DEALS: dict[str, Callable[[Shared, Window], Iterator[Row]]] = {
    "involvement": involvement,
    "at_the_ink": at_the_ink,
    "obstacles": obstacles,
    "documented": documented,
    "moving": moving,
    "obstacles_raised_in_time": raised_in_time,
}


# --- between the two ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Brought:
    """A deal that a partner manager brought to an account executive, with the day by which to act on it."""

    pm_id: int
    ae_id: int
    day: date
    deal_id: int


def brought(story: Story, window: Window) -> Brought | None:
    """Who brought the deal to whom in the period: a deal sourced by a partner, its first partner manager, and
    its first owner besides that one, on the day on which the owner's assignment began. An accepted hand-over
    is such a day. What later owners get comes from their colleague."""
    if not story.is_sourced or not story.managers:
        return None
    pm = story.managers[0].user_id
    first = next((post for post in story.owners if post.user_id != pm), None)
    if first is None:
        return None
    day = window.date_of(first.starts_at)
    if not window.period.start <= day <= window.last_day:
        return None
    return Brought(pm, first.user_id, day, story.deal.pk)


def followed_through(story: Story, one: Brought, window: Window, own: WorkingCalendar) -> Row:
    """Whether the account executive did anything on the deal from the day it was brought to the fifth working
    day after it, by their `own` calendar: absences give more time. The time may end after the period."""
    try:
        until = own.nth_working_day_after(one.day, ACT_WITHIN)
    except ValueError:  # away for good
        until = date.max
    acted = any(
        deed.actor_id == one.ae_id and one.day <= deed.occurred_on <= min(until, window.today)
        for deed in story.deeds
    )
    state = State.DONE if acted else State.OPEN if window.today <= until else State.MISSED
    return Row(state, one.day, one.deal_id)


def kept(promise: Commitment, window: Window) -> Row | None:
    """A promise to a colleague that fell due in the period, and was kept by then.

    Withdrawn before its day it leaves the count; late or broken it stays. One that is not due yet counts from
    the day on which it is settled, else from the day after it was due, as obstacles do.
    """
    due = promise.due_on
    if not window.period.contains(due):
        return None
    settled = None if promise.settled_at is None else window.date_of(promise.settled_at)
    withdrawn = promise.outcome == CommitmentOutcome.WITHDRAWN
    if (withdrawn and settled is not None and settled < due) or (settled is None and due >= window.today):
        return None
    done = promise.outcome == CommitmentOutcome.KEPT
    return Row(window.state(done=done), due, promise.opportunity_id, promise=promise)


def _length(visit: Visit, window: Window) -> int:
    """Working days of a visit from its beginning, as far as the period goes."""
    return window.calendar.working_days(visit.starts_on, min(visit.ends_on or date.max, window.until))


def _of_visit(one: Shared, visit: Visit, window: Window, state: State, left: int | None = None) -> Row:
    day = min(visit.ends_on or date.max, window.last_day)
    return Row(state, day, one.story.deal.pk, visit=visit, days_left=left)
