"""The map with time to the right, 1120 × 416; its column of labels stays while the rest scrolls."""

from dataclasses import dataclass
from datetime import date
from functools import partial

from apr.involvement import Silence, VisitCover

from . import words
from .marks import STACKED, act_mark, box_mark, dimension, extent, stacked, tie_end, word_mark
from .obstacles import draw_obstacles
from .scale import Scale
from .sheet import Sheet, Text, ring, shortened
from .story import Act, Lane, Story, Word

# It is drawn for each of these widths that shows a deal otherwise, and the page takes the widest that fits.
WIDTHS = (1120, 960, 800, 680, 540)
HEIGHT = 416
LABELS, MARGIN = 144, 52
LEAST = 5  # pixels a day; a longer deal scrolls
MONTHS, STRIP, COVERED, GROUND = 20, (32, 64), 80, (142, 194)
LANES = {Lane.PARTNER: 118, Lane.PM: 168, Lane.AE: 222}
OBSTACLES, ROW, PROMISES, INK = 277, 24, {Lane.PROMISE_PM: 336, Lane.PROMISE_AE: 360}, 402
RULES = (88, 248, 324, 380)


@dataclass(frozen=True)
class WideMap:
    """The column of labels and the drawing beside it; `today` is where the drawing is first looked at."""

    labels: Sheet
    drawing: Sheet
    today: float


def draw_every_width(story: Story) -> dict[tuple[int, ...], WideMap]:
    """The map for each room there may be, widest first; a long deal is the same in several of them."""
    rooms: dict[float, list[int]] = {}
    for width in WIDTHS:
        rooms.setdefault(_length(story, width), []).append(width)
    return {tuple(widths): draw_wide(story, widths[0]) for widths in rooms.values()}


def _length(story: Story, width: int) -> float:
    """How long the time line is: what room there is, or more where a day would have less than its least."""
    return max(width - LABELS - MARGIN, LEAST * (story.end - story.start).days)


def draw_wide(story: Story, width: int = WIDTHS[0]) -> WideMap:
    """The whole map, `width` wide with its labels, or wider where the deal is long."""
    length = _length(story, width)
    scale = Scale(story.start, story.end, length)
    sheet = Sheet(length + MARGIN, HEIGHT)
    more = ROW * max(draw_obstacles(sheet, story, scale, OBSTACLES, ROW) - 2, 0)
    sheet.height += more
    _times(sheet, story, scale)
    for number, cover in enumerate(story.involvement.visits):
        _visit(sheet, story, scale, number, cover)
    _months(sheet, scale)
    _lanes(sheet, story, scale)
    for gap in story.gaps:
        _gap(sheet, story, scale, gap)
    _promises(sheet, story, scale, more)
    _at_the_ink(sheet, story, scale, INK + more)
    for y in RULES:
        sheet.line(0, _down(y, more), sheet.width, _down(y, more), "rule")
    return WideMap(_labels(story, more), sheet, scale.middle(story.today))


def _down(y: float, more: float) -> float:
    """What stands below the obstacles moves down with them."""
    return y + more if y > OBSTACLES else y


def _labels(story: Story, more: float) -> Sheet:
    sheet = Sheet(LABELS, HEIGHT + more)
    for y, title, note, css in words.lane_labels(story):
        place = _down(y, more)
        title_css = f"name {css}".strip()
        room = LABELS - 8
        sheet.write(*(Text(0, place, t, title_css) for t in shortened(title)), right=room)
        sheet.write(*(Text(0, place + 16, t) for t in shortened(note)), right=room)
    for y in RULES:
        sheet.line(0, _down(y, more), LABELS, _down(y, more), "rule")
    return sheet


def _times(sheet: Sheet, story: Story, scale: Scale) -> None:
    """Today and the ink, with their names above."""
    if story.ink_on:
        x = scale.middle(story.ink_on)
        name = words.ink_label(story)
        sheet.line(x, 24, x, sheet.height - 4, "ink" if story.is_open else "ink is-done", over=True)
        end = min(x - 6 + Text(0, 0, name, "name").width, sheet.width)
        sheet.write(Text(end, MONTHS, name, "name", "end"))
    if story.is_open:
        x = scale.middle(story.today)
        sheet.line(x, 24, x, STRIP[0], "today", over=True)
        sheet.line(x, RULES[0], x, sheet.height - 4, "today", over=True)
        today = words.today_label()
        sheet.write(
            Text(x, MONTHS, today, "name", "middle"),
            Text(x + 4, MONTHS, today, "name", "end"),
            Text(x - 4, MONTHS, today, "name"),
            Text(x - 24, MONTHS, today, "name", "end"),
        )


def _months(sheet: Sheet, scale: Scale) -> None:
    for month in scale.months():
        x = scale.at(month)
        sheet.line(x, 24, x, sheet.height - 4, "grid")
        sheet.write(Text(x + (4 if x else 0), MONTHS, words.month(month, scale)))
    sheet.shapes.sort(key=lambda shape: shape.css != "grid")


def _visit(sheet: Sheet, story: Story, scale: Scale, number: int, cover: VisitCover) -> None:
    visit, (top, bottom) = cover.visit, STRIP
    start = scale.at(visit.starts_on)
    end = scale.middle(story.today) if visit.is_running else scale.at(visit.ends_on or story.today)
    planned = max(scale.middle(story.ink_on), end) if visit.is_running and story.ink_on else end
    height = bottom - top
    place = story.places.get(visit.stage, 1)
    sheet.rect(start, top, end - start - 1, height, f"stage st{place}")
    sheet.rect(end, top, planned - end, height, f"stage planned st{place}")
    limit = limit_of(story, cover)
    edge = scale.at(limit) if limit else end
    if limit:
        sheet.rect(edge, top, end - edge - 1, height, "stage paper")
        sheet.rect(edge, top, end - edge - 1, height, "over")
        sheet.line(edge, top, edge, bottom, "limit")
        over = words.over(cover.over)
        sheet.write(
            Text(end - 1, top - 4, over, "name alert", "end"), Text(edge, top - 4, over, "name alert")
        )
    _visit_words(sheet, cover, start, edge if limit else planned, planned)
    mark = box_mark(start, top, max(planned - start - 1, 3), height, f"visit-{number}", Lane.STAGE)
    sheet.marks.append(mark)
    _ground(sheet, cover, start, end, planned)


def limit_of(story: Story, cover: VisitCover) -> date | None:
    """The day from which a visit was longer than expected; None where it is not."""
    if not cover.over or cover.visit.expected_days is None:
        return None
    day_before = date.fromordinal(cover.visit.starts_on.toordinal() - 1)
    return story.calendar.nth_working_day_after(day_before, cover.visit.expected_days + 1)


def _visit_words(sheet: Sheet, cover: VisitCover, start: float, clear: float, end: float) -> None:
    left = start + 6
    say = partial(sheet.write, left=start)
    names = shortened(cover.visit.stage)
    say(*(Text(left, 45, name, "name on-stage") for name in names), right=clear - 2)
    say(*(Text(left, 58, days, "on-stage") for days in words.days_in_stage(cover)), right=clear - 2)
    css = "name pm" if cover.is_covered else "name alert"
    say(*(Text(left, COVERED, text, css) for text in words.covered(cover)), right=end)


def _ground(sheet: Sheet, cover: VisitCover, start: float, end: float, planned: float) -> None:
    top, bottom = GROUND
    if cover.is_covered:
        sheet.rect(start, top, end - start - 1, bottom - top, "soft")
    elif cover.is_counted:
        sheet.rect(start + 1, top, planned - start - 3, bottom - top, "frame")


def _lanes(sheet: Sheet, story: Story, scale: Scale) -> None:
    until = story.today if story.is_open else story.ink_on or story.today
    y = LANES[Lane.PARTNER]
    sheet.line(scale.at(story.start), y, scale.middle(until), y, "lane")
    for lane in (Lane.AE, Lane.PM):
        for start, end in story.rails(lane):
            sheet.line(scale.middle(start), LANES[lane], scale.middle(end), LANES[lane], f"rail is-{lane}")
    for lane, y in LANES.items():
        for act, level, count in stacked(story.lane(lane), lambda act: act.day):
            _act(sheet, story, act, scale.middle(act.day), y - STACKED * level)
            if count >= 3 and level == count - 1:
                sheet.write(Text(scale.middle(act.day), y - STACKED * level - 10, str(count), "", "middle"))


def _act(sheet: Sheet, story: Story, act: Act, x: float, y: float) -> None:
    for lane in act.ties:
        far = tie_end(story, act, lane, LANES)
        sheet.line(x, y, x, far, "tie")
        sheet.path(f"M{x:.1f} {far}{ring(4).replace('M', 'm', 1)}", "tie-end")
    sheet.marks.append(act_mark(act, x, y))


def _gap(sheet: Sheet, story: Story, scale: Scale, gap: Silence) -> None:
    y = LANES[Lane.PM]
    done = gap.until in {act.day for act in story.lane(Lane.PM)}
    first, last = extent(gap, scale)
    start, end = first + (11 if gap.after else 0), last - (11 if done else 1)
    if end - start < 8:
        return
    sheet.path(dimension(start, end, y, 6), "gap")
    middle = (start + end) / 2
    sheet.write(*(Text(middle, y - 8, text, "name alert halo", "middle") for text in words.gap(gap.days)))
    if gap.runs:
        running = words.still_running()
        sheet.write(*(Text(middle, y + 18, text, "alert halo", "middle") for text in running), left=0)


def _promises(sheet: Sheet, story: Story, scale: Scale, more: float) -> None:
    for lane, row in PROMISES.items():
        placed: list[tuple[Word, float, float]] = [
            (word, scale.middle(word.due_on), row + more - STACKED * level)
            for word, level, _count in stacked(
                (word for word in story.words if word.lane == lane), lambda word: word.due_on
            )
        ]
        for at, (word, x, y) in enumerate(placed):
            sheet.marks.append(word_mark(word, x, y))
            following = placed[at + 1][1] - 10 if at + 1 < len(placed) else sheet.width
            css = "name alert" if word.outcome == "broken" else ""
            sheet.write(Text(x + 13, y + 4, words.outcome_beside(word), css), right=following)


def _at_the_ink(sheet: Sheet, story: Story, scale: Scale, y: float) -> None:
    if not story.ink_on or not story.last_weeks:
        return
    start, end = scale.at(story.last_weeks), scale.middle(story.ink_on)
    sheet.rect(start, y - 8, end - start, 16, "frame")
    first = min((act.day for act in words.acts_at_the_ink(story)), default=None)
    if first:
        sheet.rect(scale.middle(first) - 3, y - 8, end - scale.middle(first) + 3, 16, "filled")
    whole, strong = words.at_the_ink(story)
    css = "pm" if first else "alert"
    sheet.write(
        Text(start - 8, y + 4, whole, f"end-{css}", "end", strong),
        Text(start - 8, y + 4, strong, f"name {css}", "end"),
    )
