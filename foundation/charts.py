"""Where the marks of a chart stand. Plain numbers in, coordinates out; the drawing is in templates/charts/.

All scales are linear and start at zero. Bars are measured in percent of their width, so that they fit
any column; lines and columns in the units of their own drawing area.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

Number = int | float | Fraction
LABEL_WIDTH = 150  # what "27 expected by yesterday" takes at 12 px, in most languages
# How wide a day's name is at most.
DAY_WIDTH = 48


def share(value: Number, whole: Number) -> float:
    """`value` in percent of `whole`, within 0 and 100; nothing of nothing is 0."""
    if not whole:
        return 0.0
    return round(float(min(max(Fraction(value) / Fraction(whole), Fraction(0)), Fraction(1)) * 100), 2)


def ticks(top: Number, most: int = 4) -> list[int]:
    """Round numbers from 0 up to `top` (1, 2 or 5 times a power of ten apart), at most `most` steps."""
    step = 1
    while math.ceil(Fraction(top) / step) > most:
        step = _next_round(step)
    return list(range(0, math.floor(Fraction(top) / step) * step + 1, step))


def _next_round(step: int) -> int:
    leading = int(str(step)[0])
    return step * 5 // 2 if leading == 2 else step * 2


@dataclass(frozen=True)
class Run:
    """How something grew: running totals after each step (0 first), and what was expected then.

    `achieved` ends today; `expected` goes on to the end of the period. `away` are ranges of steps.
    """

    achieved: Sequence[Number]
    expected: Sequence[Number] = ()
    target: Number | None = None
    away: Sequence[tuple[int, int]] = ()

    @property
    def top(self) -> Number:
        """The highest figure in it: the scale it needs."""
        return max([*self.achieved, *self.expected, self.target or 0, 1])


@dataclass(frozen=True)
class Label:
    x: float
    y: float
    text: str
    anchor: str = "start"
    strong: str = ""


@dataclass(frozen=True)
class Dot:
    x: float
    y: float


@dataclass(frozen=True)
class RunDrawing:
    """A run in its drawing area."""

    width: float
    height: float
    left: float
    right: float
    base: float
    line: str
    now: Dot
    expected_line: str
    expected_now: Dot | None
    target_y: float | None
    away: list[tuple[float, float]]
    grid: list[Label]
    days: list[Label]
    now_label: Label
    expected_label: Label | None
    target_label: Label | None


@dataclass(frozen=True)
class Area:
    """A drawing area and its scales."""

    width: float
    height: float
    left: float
    right: float
    ceiling: float
    base: float
    steps: int
    top: Number

    def x(self, step: Number) -> float:
        return round(self.left + (self.right - self.left) * float(step) / max(self.steps, 1), 1)

    def y(self, value: Number) -> float:
        return round(self.base - (self.base - self.ceiling) * float(value) / float(self.top), 1)

    def path(self, values: Sequence[Number]) -> str:
        """Straight lines from one value to the next: nothing is smoothed."""
        return " ".join(f"{self.x(step)},{self.y(value)}" for step, value in enumerate(values))


def draw_run(
    run: Run,
    *,
    days: Sequence[tuple[int, str]],
    words: tuple[str, str, str],
    width: int = 366,
    height: int = 228,
    top: Number | None = None,
) -> RunDrawing:
    """The one large chart. `days` name steps of the axis; `words` say today, expected and target."""
    area = Area(width, height, 36, width - 52, 47, height - 28, _steps(run, days), top or run.top)
    return _draw(
        run,
        area,
        days,
        words,
        [Label(28, area.y(v), f"{v:,}", "end", "target" if v == run.target else "") for v in ticks(area.top)],
    )


def draw_small_run(run: Run, *, top: Number, days: Sequence[tuple[int, str]], width: int = 164) -> RunDrawing:
    """One of several on the same scale, `top` being the highest of all."""
    area = Area(width, 96, 2, width - 6, 6, 78, _steps(run, days), top)
    return _draw(run, area, days, ("", "", ""), [])


def _steps(run: Run, days: Sequence[tuple[int, str]]) -> int:
    """Steps of the axis: to the end of the run or of the days that are named, whichever is later."""
    return max(len(run.achieved) - 1, len(run.expected) - 1, *(step for step, _text in days))


def _draw(
    run: Run, area: Area, days: Sequence[tuple[int, str]], words: tuple[str, str, str], grid: list[Label]
) -> RunDrawing:
    today = len(run.achieved) - 1
    now = Dot(area.x(today), area.y(run.achieved[-1]))
    has_expected = len(run.expected) > 0
    yesterday = max(today - 1, 0)
    expected = run.expected[yesterday] if has_expected else None
    expected_now = Dot(area.x(yesterday), area.y(expected)) if expected is not None else None
    rule = area.y(run.target) if run.target else None
    ahead = expected_now is None or now.y <= expected_now.y
    return RunDrawing(
        width=area.width,
        height=area.height,
        left=area.left,
        right=area.right,
        base=area.base,
        line=area.path(run.achieved),
        now=now,
        expected_line=area.path(run.expected) if has_expected else "",
        expected_now=expected_now,
        target_y=rule,
        away=[(area.x(start), area.x(end) - area.x(start)) for start, end in run.away],
        grid=grid,
        days=_apart([_day_label(area, step, text) for step, text in days]),
        now_label=_beside(area, now, words[0], _shown(run.achieved[-1]), above=ahead, rule=rule),
        expected_label=_opposite(area, expected_now, words[1], _shown(expected or 0), ahead),
        target_label=_target_label(area, run.target, words[2], now),
    )


def _shown(value: Number) -> str:
    return f"{round(Fraction(value)):,}"


def _day_label(area: Area, step: int, text: str) -> Label:
    anchor = "start" if step <= 0 else "end" if step >= area.steps else "middle"
    return Label(area.x(step), area.base + 16, text, anchor)


def _apart(labels: list[Label]) -> list[Label]:
    """The first and the last label, and those between that have room."""
    kept = labels[:1]
    for label in labels[1:-1]:
        if label.x - kept[-1].x >= DAY_WIDTH and labels[-1].x - label.x >= 1.75 * DAY_WIDTH:
            kept.append(label)
    return kept + labels[1:][-1:]


def _beside(area: Area, dot: Dot, text: str, strong: str, *, above: bool, rule: float | None) -> Label:
    """The label of today's dot: over it when ahead of what was expected, under it when not.

    Where the target's `rule` would run through it, it stands to the right of the dot.
    """
    y = dot.y - 10 if above else dot.y + 20
    if rule is not None and abs(y - 4 - rule) < 10:
        return Label(dot.x + 8, max(dot.y, rule) + 14, text, "start", strong)
    near_left, near_right = dot.x < area.left + 32, dot.x > area.right - 32
    anchor = "start" if near_left else "end" if near_right else "middle"
    return Label(dot.x, y, text, anchor, strong)


def _opposite(area: Area, dot: Dot | None, text: str, strong: str, ahead: bool) -> Label | None:
    """The label of the expected dot stands on the other side of the line."""
    if dot is None or not text:
        return None
    if ahead:
        if dot.x + 8 + LABEL_WIDTH <= area.right:
            return Label(dot.x + 8, dot.y + 18, text, "start", strong)
        # Under the line also where the words begin, to the left of the dot: there the line is lower.
        before_dot = max(dot.x - (area.right - LABEL_WIDTH), 0)
        below = round(dot.y + 18 + before_dot * _steepness(area, dot), 1)
        return Label(area.right, min(below, area.base - 6), text, "end", strong)
    start = max(dot.x - 8 - LABEL_WIDTH, area.left + 4)
    past_dot = max(start + LABEL_WIDTH - dot.x, 0)
    return Label(start, round(dot.y - 10 - past_dot * _steepness(area, dot), 1), text, "start", strong)


def _steepness(area: Area, dot: Dot) -> float:
    """How much the straight line from the origin to the dot rises per unit."""
    return (area.base - dot.y) / max(dot.x - area.left, 1)


def _target_label(area: Area, target: Number | None, text: str, now: Dot) -> Label | None:
    """At the right end of its rule; at the left end where today's label stands in that corner."""
    if not target or not text:
        return None
    y = area.y(target)
    taken = now.x > area.right - 2 * DAY_WIDTH and abs(now.y - y) < 28
    return Label(
        area.left + 4 if taken else area.right, y - 6, f"{text} {_shown(target)}", "start" if taken else "end"
    )


@dataclass(frozen=True)
class Column:
    """One period: what was reached and what was to be reached."""

    label: str
    value: Number
    target: Number | None = None
    url: str = ""


@dataclass(frozen=True)
class ColumnMark:
    """A column: `x`, `width` and `middle` in percent of the drawing, the rest in its own units."""

    column: Column
    x: float
    width: float
    middle: float
    y: float
    height: float
    target_y: float | None


def draw_columns(columns: Sequence[Column], *, height: int = 200) -> list[ColumnMark]:
    """Columns from a common ground, each with its own target as a rule; the base line is at height - 24."""
    top = max([*(c.value for c in columns), *(c.target or 0 for c in columns), 1])
    area = Area(100, height, 0, 100, 20, height - 24, len(columns), top)
    room = 100 / max(len(columns), 1)
    marks = []
    for place, column in enumerate(columns):
        y = area.y(column.value)
        target_y = area.y(column.target) if column.target else None
        x, middle = round(room * (place + 0.25), 2), round(room * (place + 0.5), 2)
        marks.append(ColumnMark(column, x, round(room / 2, 2), middle, y, round(area.base - y, 1), target_y))
    return marks


def spark_path(values: Sequence[Number], *, width: int = 80, height: int = 20) -> str:
    """A line of `values` from zero, for beside a figure."""
    area = Area(width, height, 1, width - 1, 2, height - 2, len(values) - 1, max([*values, 1]))
    return area.path(values)
