"""The marks of the map, the same in every drawing of it."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import TypeVar

from apr.involvement import Silence

from .scale import Scale
from .sheet import Mark, outline, ring, rounded
from .story import Act, Block, Lane, Story, Word

STACKED = 3  # pixels between marks of one day in one lane
ICON = 8.0
CLEAR = 11  # from the middle of a mark to that of a ring before it
INNER = {"kept": "M-3.5 .3l2.4 2.4 4.6-5", "late": "M0-4.6v5.1l3 1.6", "broken": "M-3-3l6 6M3-3l-6 6"}
Dated = TypeVar("Dated", Act, Word)


def stacked(things: Iterable[Dated], day: Callable[[Dated], object]) -> list[tuple[Dated, int, int]]:
    """Each thing, how many of its day stand below it, and how many its day has in all."""
    days: dict[object, list[Dated]] = defaultdict(list)
    for thing in things:
        days[day(thing)].append(thing)
    return [(thing, level, len(same)) for same in days.values() for level, thing in enumerate(same)]


def act_mark(act: Act, x: float, y: float) -> Mark:
    """An action: shape by category, size by points, colour by whose it is; disputed: struck through."""
    whose = "shared" if act.is_shared or act.lane == Lane.PARTNER else act.lane
    css = f"act is-{whose}" + (" is-disputed" if act.is_disputed else "")
    inner = "M-8 8L8-8" if act.is_disputed else ""
    return Mark(
        round(x, 1), round(y, 1), outline(act.category, act.points), css, f"act-{act.pk}", act.lane, inner
    )


def tie_end(story: Story, act: Act, lane: Lane, places: dict[Lane, int]) -> float:
    """Where the line from a partner manager's action ends: in the lane, or short of that day's mark."""
    far, near = places[lane], places[Lane.PM]
    taken = any(other.day == act.day for other in story.lane(lane))
    short = CLEAR if taken else 0
    return far - short if far > near else far + short


def word_mark(word: Word, x: float, y: float) -> Mark:
    """A promise: round the partner manager's, square the account executive's, inside how it ended."""
    d = ring(ICON) if word.is_pm else rounded(ICON)
    css = f"word is-{'pm' if word.is_pm else 'ae'} is-{word.outcome}"
    inner = INNER.get(word.outcome, "")
    return Mark(round(x, 1), round(y, 1), d, css, f"word-{word.pk}", word.lane, inner)


def box_mark(x: float, y: float, width: float, height: float, key: str, lane: Lane) -> Mark:
    """Something with an extent that can be chosen: a visit, an obstacle."""
    d = f"M0 0h{width:.1f}v{height:.1f}h{-width:.1f}z"
    return Mark(round(x, 1), round(y, 1), d, "extent", key, lane)


def block_key(block: Block) -> str:
    """The key of an obstacle's mark."""
    return f"block-{block.pk}"


def extent(gap: Silence, scale: Scale) -> tuple[float, float]:
    """Where a gap begins and ends: at the action before it or the opening, and at what ended it or today."""
    start = scale.middle(gap.after) if gap.after else scale.at(gap.since)
    return start, scale.middle(gap.until)


def dimension(
    start: float, end: float, y: float, reach: float, *, begins: bool = True, ends: bool = True
) -> str:
    """The line that measures a hole, with end caps that reach so far up and down."""
    caps = [x for x, is_drawn in ((start, begins), (end, ends)) if is_drawn]
    return f"M{start:.1f} {y:g}H{end:.1f}" + "".join(f"M{x:.1f} {y - reach:g}v{2 * reach:g}" for x in caps)
