"""What one deal adds to the joint scorecards of a period, as counts that add up to those of a pair."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from accounts.calendar import WorkingCalendar
from apr.joint import rows
from apr.joint.figures import Key
from apr.joint.rows import Row, State, Window, closed_in
from apr.joint.stories import Story

Pair = tuple[int, int]
# Components that are counted from deals; coaching is counted from actions.
COUNTED = tuple(key for key in Key if key != Key.COACHING)


def facts_of(
    story: Story, window: Window, calendars: Mapping[int, WorkingCalendar]
) -> dict[Pair, Counter[str]]:
    """By partner manager and account executive: `shared`, `won`, `lost`, and for each component how many
    rows are `…_done` of those `…_counted`. `calendars` are those of the owners."""
    facts: dict[Pair, Counter[str]] = {}
    if one := rows.shared(story, window):
        pair = one.pm_id, one.ae_id
        facts[pair] = Counter(shared=1)
        if closed_in(one, window):
            facts[pair][story.deal.status] += 1
    for whose, key, row in rows_of(story, window, calendars):
        counts = facts.setdefault(whose, Counter())
        counts[f"{key}_counted"] += 1
        counts[f"{key}_done"] += row.state == State.DONE
    return facts


def rows_of(
    story: Story, window: Window, calendars: Mapping[int, WorkingCalendar]
) -> Iterator[tuple[Pair, Key, Row]]:
    """The rows that a deal adds, with the pair and the component."""
    if one := rows.shared(story, window):
        for key, of_deal in rows.OF_DEALS.items():
            for row in of_deal(one, window):
                yield (one.pm_id, one.ae_id), Key(key), row
    if brought := rows.brought(story, window):
        row = rows.followed_through(story, brought, window, calendars[brought.ae_id])
        yield (brought.pm_id, brought.ae_id), Key.FOLLOW_THROUGH, row
    for promise in story.promises:
        if promise.made_to_id is not None and (due := rows.kept(promise, window)):
            # It counts for either side: nobody knows from a promise who of the two is the partner manager.
            yield (promise.made_by_id, promise.made_to_id), Key.PM_COMMITMENTS, due
            yield (promise.made_to_id, promise.made_by_id), Key.AE_COMMITMENTS, due


def owners_of(stories: Iterable[Story]) -> set[int]:
    """Everybody who ever drove one of the deals."""
    return {post.user_id for post in chain.from_iterable(story.owners for story in stories)}
