"""The obstacles of the wide map: bars in as many rows as they need, each with its name at the left end."""

from dataclasses import dataclass

from . import words
from .marks import block_key, box_mark
from .scale import Scale
from .sheet import Sheet, Text
from .story import Block, Lane, Story

BAR = 10
BESIDE = 8
LONGEST = 40  # letters of a name; the read-out has all of it


@dataclass(frozen=True)
class Bar:
    """An obstacle with its places: the bar, its due date, its name, and the word for being late."""

    block: Block
    start: float
    end: float
    due: float | None
    late: bool
    name: Text
    note: Text | None

    @property
    def left(self) -> float:
        """Where it begins, its words included."""
        return min(self.start, self.name.left)

    @property
    def right(self) -> float:
        """Where it ends, its words included."""
        return max(self.end, self.due or 0, self.name.right, self.note.right if self.note else 0)


def draw_obstacles(sheet: Sheet, story: Story, scale: Scale, top: float, row: float) -> int:
    """Draws the bars from `top` on, `row` apart, and returns how many rows they took."""
    rows: list[list[Bar]] = []
    for block in story.blocks:
        bar = _bar(story, scale, block)
        free = (
            at
            for at, others in enumerate(rows)
            if all(other.right + 6 < bar.left or bar.right + 6 < other.left for other in others)
        )
        at = next(free, len(rows))
        if at == len(rows):
            rows.append([])
        rows[at].append(bar)
        _draw(sheet, bar, top + at * row, story)
    return len(rows)


def _bar(story: Story, scale: Scale, block: Block) -> Bar:
    start = scale.middle(block.raised_on)
    end = max(scale.middle(block.cleared_on or story.today), start + 2)
    due = scale.middle(block.due_on) if block.due_on else None
    late = block.is_late(story.today)
    name = block.name if len(block.name) <= LONGEST else block.name[: LONGEST - 1].rstrip() + "…"
    tail = max(end, due or 0) + BESIDE
    note = Text(tail, 0, words.late_obstacle(block), "name alert") if late else None
    before = Text(start - BESIDE, 0, name, "say", "end")
    after = Text(note.right + BESIDE if note else tail, 0, name, "say")
    return Bar(block, start, end, due, late, before if before.left >= 0 else after, note)


def _draw(sheet: Sheet, bar: Bar, y: float, story: Story) -> None:
    top = y - BAR / 2
    due = bar.due
    solid = min(bar.end, max(due, bar.start)) if due is not None and bar.late else bar.end
    sheet.rect(bar.start, top, solid - bar.start, BAR, "bar")
    if bar.late:
        sheet.rect(solid, top, bar.end - solid, BAR, "paper")
        sheet.rect(solid, top, bar.end - solid, BAR, "over")
    if due is not None:
        if due > bar.end and bar.block.cleared_on:
            sheet.line(bar.end, y, due, y, "to-due")
        elif due > bar.end:
            sheet.rect(bar.end, top, due - bar.end, BAR, "frame")
        sheet.line(due, y - 8, due, y + 8, "due")
    for text in (bar.name, bar.note):
        if text:
            sheet.write(Text(text.x, y + 4, text.words, text.css, text.anchor))
    right = max(bar.end, due or 0)
    mark = box_mark(bar.start, y - 8, max(right - bar.start, 4), 16, block_key(bar.block), Lane.OBSTACLE)
    sheet.marks.append(mark)
