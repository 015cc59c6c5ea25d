"""Two lines over the same steps, one of them dashed: what is looked at beside what it is compared with."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from foundation.charts import Area, Label, Number, ticks

FINENESS = 100  # values below 1 have round ticks too
APART = 14  # what keeps two labels at the end of their lines from touching


@dataclass(frozen=True)
class LinesDrawing:
    """Both lines in their drawing area; `mark_x` is where the step stands that all is told from."""

    width: float
    height: float
    left: float
    right: float
    base: float
    ceiling: float
    solid: str
    dashed: str
    mark_x: float | None
    grid: list[Label]
    steps: list[Label]
    solid_label: Label
    dashed_label: Label


def draw_lines(
    solid: Sequence[Number],
    dashed: Sequence[Number],
    *,
    steps: Sequence[tuple[int, str]],
    words: tuple[str, str],
    mark: int | None = None,
    per_cent: bool = False,
    width: int = 720,
    height: int = 228,
) -> LinesDrawing:
    """Straight lines from zero. `steps` name places of the axis; shares are drawn as per cent."""
    top = max([*solid, *dashed, Fraction(1, FINENESS)])
    area = Area(width, height, 40, width - 128, 16, height - 28, len(solid) - 1, top)
    unit = "%" if per_cent else ""
    scale = FINENESS if per_cent else 1
    grid = [
        Label(32, area.y(Fraction(tick, FINENESS)), f"{tick * scale / FINENESS:g}{unit}", "end")
        for tick in ticks(Fraction(top) * FINENESS)
    ]
    ends = _apart(area.y(solid[-1]), area.y(dashed[-1]))
    return LinesDrawing(
        width=width,
        height=height,
        left=area.left,
        right=area.right,
        base=area.base,
        ceiling=area.ceiling,
        solid=area.path(solid),
        dashed=area.path(dashed),
        mark_x=None if mark is None else area.x(mark),
        grid=grid,
        steps=[Label(area.x(step), area.base + 18, text, "middle") for step, text in steps],
        solid_label=Label(area.right + 8, ends[0], words[0]),
        dashed_label=Label(area.right + 8, ends[1], words[1]),
    )


def _apart(one: float, other: float) -> tuple[float, float]:
    """The heights of two labels, moved from each other until both can be read."""
    lack = max(APART - abs(one - other), 0) / 2
    return (one - lack, other + lack) if one <= other else (one + lack, other - lack)
