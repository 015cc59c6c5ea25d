"""The map as a page shows it: drawings whose marks say what they are, measures, and the table behind."""

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _

from apr.involvement import Involvement
from apr.models import ActionCategory

from . import words
from .marks import block_key, word_mark
from .sheet import Mark, Path, Rect, Sheet, Text, outline
from .story import Act, Block, Lane, Story, Word
from .tall import draw_tall
from .wide import WideMap, draw_every_width

EARLIER = 20  # entries more than needed, so that steps and promises between them do not push one out
READ_FIRST = (Lane.PM, Lane.AE, Lane.PARTNER, Lane.STAGE)


@dataclass(frozen=True)
class Told:
    """What is said of a mark, its place in its lane, and the entry that it opens."""

    said: words.Said
    url: str
    number: int = 0
    of: int = 0

    @cached_property
    def whole(self) -> str:
        """All of it in a line, for who does not see the mark."""
        place = _("%(number)s of %(of)s") % {"number": self.number, "of": self.of}
        return f"{self.said.title}, {self.said.rest}, {place}"


@dataclass(frozen=True)
class ToldMark:
    """A mark with what is said of it."""

    mark: Mark
    told: Told
    is_first: bool


@dataclass(frozen=True)
class Drawing:
    """A sheet as the template draws it."""

    sheet: Sheet
    items: list[Rect | Path | Text]
    marks: list[ToldMark]


@dataclass(frozen=True)
class Room:
    """A wide drawing with its labels, shown where the CSS classes `rooms` say; first looked at `today`."""

    rooms: str
    labels: Sheet
    drawing: Drawing
    today: float


@dataclass(frozen=True)
class MapPage:
    """All that the section of a deal's page needs."""

    story: Story
    wide: list[Room]
    tall: Drawing
    notes: list[words.Note]
    first: ToldMark | None
    at_the_ink: list[Act]
    rows: list[tuple[Act, str, bool]]
    outcomes: list[tuple[Word, str]]
    lanes: str

    @property
    def involvement(self) -> Involvement:
        """The measures above the map."""
        return self.story.involvement

    @property
    def legend_shapes(self) -> list[tuple[str, str]]:
        """The shapes of the categories that the deal's marks have."""
        used = {act.category for act in self.story.acts}
        return [(outline(kind, 1), str(kind.label)) for kind in ActionCategory if kind.value in used]

    @property
    def legend_promises(self) -> list[tuple[Mark, str]]:
        """How promises are drawn, by how they ended."""

        def example(outcome: str, is_pm: bool) -> Mark:
            return word_mark(Word(0, "", "", "", self.story.today, outcome, is_pm), 0, 0)

        return [
            (example("kept", is_pm=True), ""),
            (example("kept", is_pm=False), _("kept")),
            (example("late", is_pm=True), _("late")),
            (example("broken", is_pm=False), _("broken")),
            (example("open", is_pm=True), _("open")),
        ]


def page_of(story: Story) -> MapPage:
    """All drawings of a story and the table behind them."""
    wide, tall = draw_every_width(story), draw_tall(story)
    widest = next(iter(wide.values())).drawing
    told, chosen = _told(story, widest), _first(widest)
    rooms = [_room(widths, one, told, chosen) for widths, one in wide.items()]
    ink = words.acts_at_the_ink(story)
    pks = {act.pk for act in ink}
    return MapPage(
        story=story,
        wide=rooms,
        tall=_drawing(tall.drawing, told, chosen),
        notes=tall.notes,
        first=next((one for one in rooms[0].drawing.marks if one.is_first), None),
        at_the_ink=ink,
        rows=[(act, words.confirmation(act), act.pk in pks) for act in story.acts],
        outcomes=[(word, words.outcome(word)) for word in story.words],
        lanes=" ".join(Lane),
    )


def _room(widths: tuple[int, ...], one: WideMap, told: dict[str, Told], chosen: str) -> Room:
    rooms = " ".join(f"at-{width}" for width in widths)
    return Room(rooms, one.labels, _drawing(one.drawing, told, chosen), one.today)


def _drawing(sheet: Sheet, told: dict[str, Told], chosen: str) -> Drawing:
    order = list(Lane)
    marks = sorted(sheet.marks, key=lambda mark: (order.index(Lane(mark.lane)), told[mark.key].number))
    return Drawing(
        sheet,
        [*sheet.shapes, *sheet.over, *sheet.texts],
        [ToldMark(mark, told[mark.key], mark.key == chosen) for mark in marks],
    )


def _first(sheet: Sheet) -> str:
    """The mark that is read out at first: the partner manager's last action, else the nearest to it."""
    for lane in READ_FIRST:
        keys = [mark.key for mark in sheet.marks if mark.lane == lane]
        if keys:
            return keys[-1]
    return ""


def _told(story: Story, sheet: Sheet) -> dict[str, Told]:
    said = {f"visit-{at}": words.of_visit(cover) for at, cover in enumerate(story.involvement.visits)}
    links = {key: f"#{key}" for key in said}
    for at, act in enumerate(reversed(story.acts), 1):
        said[f"act-{act.pk}"] = words.of_act(act)
        links[f"act-{act.pk}"] = f"?show=actions&entries={at + EARLIER}#action-{act.pk}"
    for block in story.blocks:
        said[block_key(block)] = words.of_block(block, story)
        links[block_key(block)] = _block_link(block)
    for word in story.words:
        said[f"word-{word.pk}"] = words.of_word(word)
        links[f"word-{word.pk}"] = "#promises" if word.outcome == "open" else "?show=promises#timeline"
    return _numbered(sheet, said, links)


def _block_link(block: Block) -> str:
    return f"#obstacle-row-{block.pk}"


def _numbered(sheet: Sheet, said: dict[str, words.Said], links: dict[str, str]) -> dict[str, Told]:
    lanes: dict[str, list[Mark]] = defaultdict(list)
    for mark in sheet.marks:
        lanes[mark.lane].append(mark)
    return {
        mark.key: Told(said[mark.key], links[mark.key], number, len(marks))
        for marks in lanes.values()
        for number, mark in enumerate(sorted(marks, key=lambda mark: mark.x), 1)
    }
