"""What the involvement map tells, against days counted by hand. 2026-06-01 is a Monday, without holidays."""

from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.calendar import WorkingCalendar
from apr.involvement import Deed, involvement_of
from apr.map import words
from apr.map.sheet import Text, overlapping, shortened
from apr.map.story import Act, Block, Lane, Names, Story, Word
from apr.map.tall import draw_tall
from apr.map.wide import draw_every_width, draw_wide
from opportunities.visits import Visit

WEEK = WorkingCalendar(frozenset(range(5)), frozenset())
FIRST = date(2026, 6, 1)


def on(day):
    """The day so many days after Monday 1 June."""
    return FIRST + timedelta(days=day)


def noon(day):
    return datetime(2026, 6, 1, 12, tzinfo=UTC) + timedelta(days=day)


def visit(start, end, stage="Qualify", expected=10):
    return Visit(
        stage,
        noon(start) - timedelta(hours=3),
        on(start),
        noon(end) - timedelta(hours=-3 if end == start else 3) if end is not None else None,
        on(end) if end is not None else None,
        expected,
        5,
    )


def act(pk, day, lane=Lane.PM, points=1, **more):
    return Act(
        pk=pk,
        day=on(day),
        lane=lane,
        is_pm=lane == Lane.PM,
        is_ae=lane == Lane.AE,
        category=more.pop("category", "engagement"),
        title="Call to",
        points=points,
        actor="Nora Lindqvist",
        **more,
    )


def story(visits, acts, *, today, closed=None, expected=None, blocks=(), promises=(), names=None):
    deeds = [Deed(noon((one.day - FIRST).days), one.day, one.is_pm, one.is_ae) for one in acts]
    found = involvement_of(
        visits,
        deeds,
        calendar=WEEK,
        today=on(today),
        closed_on=on(closed) if closed is not None else None,
        expected_close_on=on(expected) if expected is not None else None,
    )
    return Story(
        opened_on=FIRST,
        today=on(today),
        status="open" if closed is None else "won",
        involvement=found,
        calendar=WEEK,
        allowed=10,
        names=names or Names("Norrvik Systems", "Sourced", "Nora Lindqvist", "Ana Kovač"),
        places={"Qualify": 1, "Discovery": 2, "Negotiation": 5},
        acts=list(acts),
        blocks=list(blocks),
        words=list(promises),
    )


def css(sheet, kind):
    return [shape for shape in sheet.shapes if shape.css == kind]


def written(sheet):
    return [text.words for text in sheet.texts]


def test_ten_silent_working_days_keep_the_rail_and_eleven_break_it():
    # Monday 1 June to Tuesday 16 June: 2-5, 8-12 and 15 June, ten days. To Wednesday 17 June: eleven.
    ten = story([visit(0, None)], [act(1, 0), act(2, 15)], today=16, expected=30)
    assert ten.rails(Lane.PM) == [(on(0), on(15))]
    assert ten.gaps == []
    eleven = story([visit(0, None)], [act(1, 0), act(2, 16)], today=17, expected=30)
    assert eleven.rails(Lane.PM) == []
    assert [(gap.after, gap.until, gap.days, gap.runs) for gap in eleven.gaps] == [(on(0), on(16), 11, False)]


def test_a_silence_that_reaches_today_is_still_running():
    told = story([visit(0, None)], [act(1, 0)], today=22, expected=30)  # 2 June to 22 June: 15 days
    assert [(gap.days, gap.runs) for gap in told.gaps] == [(15, True)]
    drawing = draw_wide(told).drawing
    assert "15 days" in written(drawing)
    assert "silent, still running" in written(drawing)
    assert len(css(drawing, "gap")) == 1


def test_the_account_executives_silence_breaks_the_rail_without_a_red_line():
    told = story([visit(0, None)], [act(1, 0, Lane.AE), act(2, 16, Lane.AE), act(3, 8)], today=17)
    assert told.rails(Lane.AE) == []
    assert told.gaps == []


def test_a_reopened_deal_is_not_silent_while_it_was_closed():
    # Open 1 to 5 June, closed until Monday 6 July, open since: 6 and 7 July are silent, June is not.
    told = story([visit(0, 4), visit(35, None)], [act(1, 0)], today=37, expected=60)
    assert [silent.days for silent in told.involvement.silences] == [0, 3, 2]
    assert told.gaps == []


def test_closed_on_the_day_it_was_created():
    told = story([visit(0, 0)], [act(1, 0)], today=40, closed=0)
    assert (told.start, told.end) == (on(0), on(2))
    assert (told.involvement.covered, told.involvement.counted) == (1, 1)
    assert told.involvement.at_the_ink == 1
    drawing = draw_wide(told).drawing
    assert "Today" not in written(drawing)
    assert "Ink 1 Jun" in " ".join(written(drawing))


def test_a_visit_without_a_working_day_is_left_out_unless_covered():
    told = story([visit(0, 5), visit(5, 7, "Discovery"), visit(7, None)], [act(1, 2)], today=14)
    assert [cover.days for cover in told.involvement.visits] == [5, 0, 5]
    assert (told.involvement.covered, told.involvement.counted) == (1, 2)
    assert len(css(draw_wide(told).drawing, "soft")) == 1
    assert len(css(draw_wide(told).drawing, "frame")) == 1


def test_a_visit_over_its_days_is_hatched_from_the_day_after_the_last_expected():
    told = story([visit(0, 21, expected=10)], [], today=40, closed=21)  # ten days end on Friday 12 June
    drawing = draw_wide(told).drawing
    (hatch,) = css(drawing, "over")
    unit = (1120 - 144 - 52) / 23  # 1 to 22 June, and two days after the ink
    assert hatch.x == pytest.approx(14 * unit, abs=0.1)
    assert "5 over" in written(drawing)


def test_marks_are_stacked_tied_and_struck_through():
    together = act(2, 3, points=3, partner="Norrvik Systems", counterpart="Ana Kovač", is_disputed=True)
    told = story([visit(0, None)], [act(1, 3), together, act(3, 3)], today=7)
    drawing = draw_wide(told).drawing
    marks = [mark for mark in drawing.marks if mark.lane == Lane.PM]
    assert [mark.y for mark in marks] == [168, 165, 162]
    assert "3" in written(drawing)
    assert len(css(drawing, "tie")) == len(css(drawing, "tie-end")) == 2
    assert [bool(mark.inner) for mark in marks] == [False, True, False]


def test_obstacles_that_overlap_take_more_rows_and_move_the_rest_down():
    blocks = [Block(n, f"Obstacle {n}", on(20), on(25), None) for n in range(4)]
    told = story([visit(0, None)], [], today=30, expected=60, blocks=blocks)
    wide = draw_wide(told)
    tops = {mark.y for mark in wide.drawing.marks if mark.lane == Lane.OBSTACLE}
    assert tops == {269, 293, 317, 341}
    assert wide.drawing.height == wide.labels.height == 416 + 48
    assert written(wide.drawing).count("late") == 4


def test_promises_say_how_they_ended():
    ends = [("kept", True), ("late", True), ("broken", False), ("open", False)]
    promises = [
        Word(n, "Offer", "Nora", "Ana", on(n * 12), outcome, is_pm) for n, (outcome, is_pm) in enumerate(ends)
    ]
    drawing = draw_wide(story([visit(0, None)], [], today=50, expected=60, promises=promises)).drawing
    assert [text for text in written(drawing) if text in {"late", "broken"}] == ["late", "broken"]
    classes = {mark.key: mark.css for mark in drawing.marks if mark.key.startswith("word")}
    assert classes["word-0"] == "word is-pm is-kept"
    assert classes["word-3"] == "word is-ae is-open"


def test_the_ink_is_filled_from_the_first_action_in_its_last_fortnight():
    # The ink is 1 July: 17 June is before the last 14 days, 18 June is the first of them.
    before = story([visit(0, None)], [act(1, 16)], today=25, expected=30)
    within = story([visit(0, None)], [act(1, 17)], today=25, expected=30)
    assert (before.involvement.at_the_ink, within.involvement.at_the_ink) == (0, 1)
    assert words.at_the_ink(before)[1] == "no partner manager yet"
    assert css(draw_wide(before).drawing, "filled") == []
    assert len(css(draw_wide(within).drawing, "filled")) == 1


def test_long_deals_keep_five_pixels_a_day():
    told = story([visit(0, None)], [], today=400, expected=420)
    wide = draw_wide(told)
    assert wide.drawing.width == 5 * 422 + 52
    assert wide.today == pytest.approx(5 * 400.5)


def crowded(length):
    """Visits of every length, an obstacle a week, promises on neighbouring days, an ink next to today."""
    names = ["Qualify", "Discovery", "Solution fit with a long name", "Negotiation"]
    starts = sorted({0, 1, 2, 5, 9, 16, 30, length // 2, length - 4} & set(range(length)))
    visits = [
        visit(start, end, names[at % 4], 3)
        for at, (start, end) in enumerate(zip(starts, [*starts[1:], None], strict=True))
    ]
    blocks = [
        Block(n, "Something in the way " * (n % 3 + 1), on(day), on(day + 3), on(day + 9) if n % 2 else None)
        for n, day in enumerate(range(0, length, 7))
    ]
    promises = [
        Word(n, "Offer", "Nora", "Ana", on(day), ["late", "broken"][n % 2], n % 3 == 0)
        for n, day in enumerate(range(0, length, 2))
    ]
    acts = [act(n, day, [Lane.PM, Lane.AE][n % 2]) for n, day in enumerate(range(0, length, 15))]
    more = [act(900 + n, 1) for n in range(4)]
    return story(visits, acts + more, today=length, expected=length + 1, blocks=blocks, promises=promises)


@pytest.mark.parametrize("length", [3, 10, 45, 120, 430])
@pytest.mark.parametrize("draw", [draw_wide, draw_tall])
def test_no_words_are_written_over_others(draw, length):
    drawing = draw(crowded(length)).drawing
    assert overlapping(drawing.texts) == []
    assert all(text.left >= -0.5 and text.right <= drawing.width + 8.5 for text in drawing.texts)


def test_the_check_for_overlap_finds_one():
    assert overlapping([Text(0, 10, "Today"), Text(20, 14, "Ink")]) == [("Today", "Ink")]
    assert overlapping([Text(0, 10, "Today"), Text(0, 30, "Ink")]) == []


def test_names_are_shortened_to_three_letters_at_least():
    assert shortened("Qualify") == ["Qualify", "Qualif…", "Quali…", "Qual…", "Qua…"]


@pytest.mark.parametrize(
    ("pm", "ae", "heads"),
    [
        ("Nora Lindqvist", "Ana Kovač", ["Nora", "Ana"]),
        ("Mo Weber", "Katarzyna Zielińska", ["Mo", "Kat…"]),
        ("Wim Mommsen", "Maria Zielińska", ["Wim", "MZ"]),
    ],
)
def test_every_column_of_the_tall_map_says_whose_it_is(pm, ae, heads):
    told = story([visit(0, None)], [], today=10, names=Names("Norrvik Systems", "Sourced", pm, ae))
    top = [text.words for text in draw_tall(told).drawing.texts if text.y == 16]
    assert top == ["Stage", "Norrvik", *heads, "Obstacles", "Promises"]


def test_a_deal_is_drawn_for_every_room_it_fits_into_and_a_long_one_once():
    short = story([visit(0, None)], [], today=30, expected=40)  # 42 days take 406 at least
    assert list(draw_every_width(short)) == [(1120,), (960,), (800,), (680,), (540,)]
    for widths, room in draw_every_width(short).items():
        assert room.drawing.width + room.labels.width == widths[0]
    middling = story(
        [visit(0, None)], [], today=110, expected=118
    )  # 120 days take 600, 796 with their margins
    assert list(draw_every_width(middling)) == [(1120,), (960,), (800,), (680, 540)]
    long = story([visit(0, None)], [], today=400, expected=420)
    (only,) = draw_every_width(long).values()
    assert only.drawing.width == 5 * 422 + 52


def test_without_partner_manager_and_without_any_action():
    told = story([visit(0, None)], [], today=10, names=Names(ae="Ana Kovač"))
    wide, tall = draw_wide(told), draw_tall(told)
    assert "Partner manager" in written(wide.labels)
    assert "nobody yet" in written(wide.labels)
    assert tall.notes == []
