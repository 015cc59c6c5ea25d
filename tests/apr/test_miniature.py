"""The map in miniature, against places counted by hand. 2026-06-01 is a Monday, without holidays."""

import re
from datetime import date, timedelta

import pytest

from apr.map.mini import Glance, draw_mini, six_weeks
from apr.map.scale import Scale
from tests.apr.test_map_story import WEEK, act, on, story, visit

TODAY = on(42)  # Monday 13 July: six weeks after the first day, so that a day is 100 / 43 wide
DAY = 100 / 43


def mini(opened=0, closed=None, pm=(), ae=(), has_pm=True, scale=None, today=TODAY, **more):
    glance = Glance(
        spans=[(on(opened), None if closed is None else on(closed))],
        has_pm=has_pm,
        pm=[on(day) for day in pm],
        ae=[on(day) for day in ae],
    )
    scale = scale or six_weeks(today)
    return draw_mini(glance, scale, today=today, calendar=WEEK, allowed=10, **more)


def places(drawing, css):
    """Where the strokes of a kind begin, and where horizontal ones end."""
    shapes = [shape.d for shape in drawing.sheet.shapes if shape.css == css]
    return [[float(x) for x in re.findall(r"[MH]([\d.]+)", d)] for d in shapes]


def test_ticks_stand_in_the_middle_of_their_days():
    drawing = mini(pm=(0, 21, 42), ae=(41,))
    assert places(drawing, "tick is-pm") == [
        [pytest.approx(d * DAY + DAY / 2, abs=0.06) for d in (0, 21, 42)]
    ]
    assert places(drawing, "tick is-ae") == [[pytest.approx(41.5 * DAY, abs=0.06)]]
    assert (drawing.pm_days, drawing.ae_days) == (3, 1)


def test_ten_working_days_are_no_gap_and_eleven_are():
    # Between Friday 26 June (25) and Monday 13 July lie ten working days, after Thursday the 25th eleven
    assert places(mini(pm=(0, 10, 25)), "gap") == []
    silent = mini(pm=(0, 10, 24))
    assert silent.silent_now == 11
    assert silent.is_silent
    (gap,) = places(silent, "gap")
    assert gap[:2] == [pytest.approx(24.5 * DAY, abs=0.06), pytest.approx(42.5 * DAY, abs=0.06)]


def test_a_gap_that_began_before_the_drawing_has_no_end_there():
    drawing = mini(
        opened=-60, pm=(-30, 20, 30, 40), past_gaps=True
    )  # the last action before the six weeks was on 2 May
    (gap,) = places(drawing, "gap")
    assert gap == [0.0, pytest.approx(20.5 * DAY, abs=0.06), pytest.approx(20.5 * DAY, abs=0.06)]


def test_what_lies_before_the_last_action_known_is_no_gap():
    assert places(mini(opened=-200, pm=(-3, 5, 15, 25, 35), past_gaps=True), "gap") == []


def test_a_gap_that_was_ended_is_drawn_where_the_past_is_told():
    assert places(mini(pm=(0, 20, 30, 40)), "gap") == []
    assert len(places(mini(pm=(0, 20, 30, 40), past_gaps=True), "gap")) == 1


def test_without_a_partner_manager_nobody_is_silent():
    drawing = mini(has_pm=False)
    assert places(drawing, "gap") == []
    assert drawing.silent_now is None
    assert not drawing.is_silent


def test_the_ink_ends_the_line_and_the_silence():
    drawing = mini(closed=30, pm=(0, 10, 20))
    assert places(drawing, "ink") == [[pytest.approx(30.5 * DAY, abs=0.06)]]
    assert places(drawing, "ground") == [[0.0, pytest.approx(30.5 * DAY, abs=0.06)]]
    assert drawing.silent_now is None
    assert places(drawing, "gap") == []


def test_a_deal_opened_within_the_six_weeks_begins_with_a_cap():
    (ground,) = places(mini(opened=21, pm=(30,)), "ground")
    assert ground == [pytest.approx(21 * DAY, abs=0.06)] * 2 + [100.0]


def test_it_shows_the_gaps_of_the_whole_map():
    days = [0, 3, 20, 22, 40, 60]
    whole = story([visit(0, None)], [act(n, day) for n, day in enumerate(days)], today=90, expected=100)
    scale = Scale(on(0), on(91), 100)
    drawing = mini(pm=days, scale=scale, today=on(90), past_gaps=True)
    assert places(drawing, "gap") == [
        [
            pytest.approx(place, abs=0.06)
            for place in (
                scale.middle(gap.after),
                scale.middle(gap.until),
                scale.middle(gap.after),
                scale.middle(gap.until),
            )
        ]
        for gap in whole.gaps
    ]
    assert len(whole.gaps) == 4


def test_a_period_that_is_over_shows_its_days_only():
    scale = Scale(on(0), on(30), 100)
    drawing = mini(pm=(2, 12, 45), ae=(29, 30), scale=scale, today=on(60), past_gaps=True)
    assert (drawing.pm_days, drawing.ae_days) == (2, 1)
    (gap,) = places(drawing, "gap")  # from 13 June until 16 July, of which June is shown
    assert gap == [pytest.approx(12.5 / 30 * 100, abs=0.06), 100.0, pytest.approx(12.5 / 30 * 100, abs=0.06)]
    assert places(drawing, "ink") == []


def test_six_weeks_end_today():
    scale = six_weeks(date(2026, 9, 15))
    assert scale.start == date(2026, 8, 4)
    assert scale.end == date(2026, 9, 16)
    assert scale.start == date(2026, 9, 15) - timedelta(weeks=6)
