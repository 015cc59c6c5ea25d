"""The map with time upward and the ink on top, for screens under 720 pixels. Obstacles are named beneath."""

from dataclasses import dataclass
from functools import partial

from apr.involvement import Silence, VisitCover

from . import words
from .marks import STACKED, act_mark, block_key, box_mark, extent, stacked, tie_end, word_mark
from .scale import Scale
from .sheet import Sheet, Text, ring, shortened
from .story import Act, Block, Lane, Story
from .wide import limit_of

WIDTH, HEAD, FOOT = 358, 56, 12
UNIT = 4.85  # pixels a day
LEAST = 120  # what the words of a very short deal need
STRIP = (34, 118)
GROUND = (154, 202)
LANES = {Lane.PARTNER: 136, Lane.PM: 178, Lane.AE: 219}
OBSTACLES, APART, BAR = 258, 15, 10
PROMISES = {Lane.PROMISE_PM: 318, Lane.PROMISE_AE: 340}


@dataclass(frozen=True)
class TallMap:
    """The drawing, and what its numbers stand for."""

    drawing: Sheet
    notes: list[words.Note]


def draw_tall(story: Story) -> TallMap:
    """The whole map, 358 wide, 4.85 pixels a day high."""
    length = max((story.end - story.start).days * UNIT, LEAST)
    scale = Scale(story.start, story.end, length, HEAD, backwards=True)
    sheet = Sheet(WIDTH, HEAD + length + FOOT)
    _heads(sheet, story)
    _times(sheet, story, scale)
    for number, cover in enumerate(story.involvement.visits):
        _visit(sheet, story, scale, number, cover)
    _lanes(sheet, story, scale)
    for gap in story.gaps:
        _gap(sheet, story, scale, gap)
    _obstacles(sheet, story, scale)
    _promises(sheet, story, scale)
    _months(sheet, scale)
    return TallMap(sheet, [words.note(number, block, story) for number, block in enumerate(story.blocks, 1)])


def _heads(sheet: Sheet, story: Story) -> None:
    for x, anchor, titles, css, room in words.column_heads(story):
        css = f"name {css}".strip()
        heads = [Text(x, 16, titles[0], css, anchor)]
        heads += [Text(x, 16, title, css, anchor, size=11) for title in titles]
        sheet.write(*(head for head in heads if head.width <= room), right=WIDTH + 8)
    sheet.line(0, 26, WIDTH, 26, "rule")


def _times(sheet: Sheet, story: Story, scale: Scale) -> None:
    if story.ink_on:
        y = scale.middle(story.ink_on)
        sheet.line(0, y, WIDTH, y, "ink" if story.is_open else "ink is-done", over=True)
        sheet.write(Text(0, y - 6, words.ink_label(story), "name"))
    if story.is_open:
        y = scale.middle(story.today)
        sheet.line(0, y, STRIP[0], y, "today", over=True)
        sheet.line(STRIP[1], y, WIDTH, y, "today", over=True)
        sizes = (12, 11, 10)
        left = (Text(0, y + 13, words.today_label(), "name", size=size) for size in sizes)
        sheet.write(*left, Text(0, y + 13, words.today_label()), right=STRIP[0] + 6)


def _months(sheet: Sheet, scale: Scale) -> None:
    for month in scale.months():
        y = scale.at(month)
        sheet.line(0, y, STRIP[0] - 4, y, "grid")
        sheet.line(STRIP[1] + 4, y, WIDTH, y, "grid")
        sheet.write(Text(0, y - 4, words.month(month, scale)), right=STRIP[0])
    sheet.shapes.sort(key=lambda shape: shape.css != "grid")


def _visit(sheet: Sheet, story: Story, scale: Scale, number: int, cover: VisitCover) -> None:
    visit, (left, right) = cover.visit, STRIP
    width = right - left
    bottom = scale.at(visit.starts_on)
    top = scale.middle(story.today) if visit.is_running else scale.at(visit.ends_on or story.today)
    planned = min(scale.middle(story.ink_on), top) if visit.is_running and story.ink_on else top
    place = story.places.get(visit.stage, 1)
    sheet.rect(left, top + 1, width, bottom - top - 1, f"stage st{place}")
    sheet.rect(left, planned, width, top - planned, f"stage planned st{place}")
    limit = limit_of(story, cover)
    edge = scale.at(limit) if limit else top
    if limit:
        sheet.rect(left, top + 1, width, edge - top - 1, "stage paper")
        sheet.rect(left, top + 1, width, edge - top - 1, "over")
        sheet.line(left, edge, right, edge, "limit")
        over = Text(left + 6, top + 14, words.over(cover.over), "name alert halo")
        if edge - top > 16:
            sheet.write(over)
    first = edge if limit else planned
    room = bottom - first
    say = partial(sheet.write, left=left, right=right - 2)
    if room >= 17:
        names = [(visit.stage, 12), *((name, 11) for name in shortened(visit.stage))]
        say(*(Text(left + 6, first + 14, name, "name on-stage", size=size) for name, size in names))
    if room >= 32:
        say(*(Text(left + 6, first + 29, days, "on-stage") for days in words.days_in_stage(cover)))
    mark = box_mark(left, planned, width, max(bottom - planned - 1, 3), f"visit-{number}", Lane.STAGE)
    sheet.marks.append(mark)
    _ground(sheet, cover, top, bottom, planned)


def _ground(sheet: Sheet, cover: VisitCover, top: float, bottom: float, planned: float) -> None:
    left, right = GROUND
    if cover.is_covered:
        sheet.rect(left, top + 1, right - left, bottom - top - 1, "soft")
    elif cover.is_counted:
        sheet.rect(left, planned + 2, right - left, bottom - planned - 3, "frame")


def _lanes(sheet: Sheet, story: Story, scale: Scale) -> None:
    for lane in (Lane.AE, Lane.PM):
        for start, end in story.rails(lane):
            x = LANES[lane]
            sheet.line(x, scale.middle(start), x, scale.middle(end), f"rail is-{lane}")
    for lane, x in LANES.items():
        for act, level, _count in stacked(story.lane(lane), lambda act: act.day):
            _act(sheet, story, act, x + STACKED * level, scale.middle(act.day))


def _act(sheet: Sheet, story: Story, act: Act, x: float, y: float) -> None:
    for lane in act.ties:
        far = tie_end(story, act, lane, LANES)
        sheet.line(x, y, far, y, "tie")
        sheet.path(f"M{far:.1f} {y:.1f}{ring(4).replace('M', 'm', 1)}", "tie-end")
    sheet.marks.append(act_mark(act, x, y))


def _gap(sheet: Sheet, story: Story, scale: Scale, gap: Silence) -> None:
    x = LANES[Lane.PM]
    done = gap.until in {act.day for act in story.lane(Lane.PM)}
    first, last = extent(gap, scale)
    start, end = first - (11 if gap.after else 0), last + (11 if done else 1)
    if start - end < 8:
        return
    sheet.path(f"M{x - 6} {start:.1f}h12M{x} {start:.1f}V{end:.1f}M{x - 6} {end:.1f}h12", "gap")
    middle = (start + end) / 2
    sheet.write(Text(x, middle - 2, words.days_short(gap.days), "name alert halo", "middle"))
    sheet.write(Text(x, middle + 12, words.silent(), "alert halo", "middle"))


def _obstacles(sheet: Sheet, story: Story, scale: Scale) -> None:
    columns: list[float] = []
    for number, block in enumerate(story.blocks, 1):
        bottom, top, due = _extent(story, scale, block)
        highest = min(top, bottom if due is None else due) - 6
        free = (at for at, end in enumerate(columns) if bottom + 6 < end)
        at = next(free, len(columns))
        columns[at:] = [highest, *columns[at + 1 :]]
        x = OBSTACLES + APART * min(at, 2)
        late = due is not None and block.is_late(story.today)
        solid = max(top, due) if late and due is not None else top
        sheet.rect(x, solid, BAR, bottom - solid, "bar")
        if late:
            sheet.rect(x, top, BAR, solid - top, "paper")
            sheet.rect(x, top, BAR, solid - top, "over")
        elif due is not None and due < top:
            if block.cleared_on:
                sheet.line(x + BAR / 2, top, x + BAR / 2, due, "to-due")
            else:
                sheet.rect(x, due, BAR, top - due, "frame")
        if due is not None:
            sheet.line(x - 4, due, x + BAR + 4, due, "due")
        sheet.write(
            Text(x + BAR + 4, bottom - 6, str(number), "name halo"),
            Text(x + BAR + 4, bottom - 20, str(number), "name halo"),
            Text(x - 4, bottom - 6, str(number), "name halo", "end"),
        )
        mark = box_mark(x - 4, top, BAR + 8, max(bottom - top, 4), block_key(block), Lane.OBSTACLE)
        sheet.marks.append(mark)


def _extent(story: Story, scale: Scale, block: Block) -> tuple[float, float, float | None]:
    bottom = scale.middle(block.raised_on)
    top = min(scale.middle(block.cleared_on or story.today), bottom - 2)
    return bottom, top, scale.middle(block.due_on) if block.due_on else None


def _promises(sheet: Sheet, story: Story, scale: Scale) -> None:
    for lane, x in PROMISES.items():
        promises = (word for word in story.words if word.lane == lane)
        for word, level, _count in stacked(promises, lambda word: word.due_on):
            sheet.marks.append(word_mark(word, x, scale.middle(word.due_on) - STACKED * level))
