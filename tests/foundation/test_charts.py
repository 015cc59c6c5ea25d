"""Charts stand where the figures say. All coordinates below were worked out by hand."""

from fractions import Fraction

from django.template import Context, Template

from foundation.charts import Column, Run, RunDrawing, draw_columns, draw_run, draw_small_run, share, ticks

DAYS = [(0, "1 Sep"), (11, "15 Sep"), (22, "30 Sep")]
WORDS = ("today", "expected by yesterday", "Target")
EXPECTED = [Fraction(60 * day, 22) for day in range(23)]


def rendered(line, **context):
    return Template("{% load charts %}" + line).render(Context(context))


def test_share_is_exact_and_stays_within_the_bar():
    assert share(24, 60) == 40.0
    assert share(1, 3) == 33.33
    assert share(70, 60) == 100.0
    assert share(0, 0) == 0.0


def test_ticks_are_round_and_few():
    assert ticks(60) == [0, 20, 40, 60]
    assert ticks(42) == [0, 20, 40]
    assert ticks(7) == [0, 2, 4, 6]
    assert ticks(1) == [0, 1]


def test_run_is_drawn_to_scale_from_zero():
    run = Run([0, 3, 7, 13, 16, 21, 25, 27, 33, 37, 40, 42], EXPECTED, 60)
    drawing = draw_run(run, days=DAYS, words=WORDS)
    # 278 units for 22 days, 153 for 60 points: day 11 is in the middle, 42 points are 107.1 above 200.
    assert (drawing.now.x, drawing.now.y) == (175.0, 92.9)
    assert drawing.line.startswith("36.0,200.0 ")
    assert drawing.target_y == 47.0
    # Yesterday 10 of 22 days were over: 27.27 of 60 were expected.
    assert (drawing.expected_now.x, drawing.expected_now.y) == (162.4, 130.5)
    assert drawing.expected_label.strong == "27"
    assert [day.anchor for day in drawing.days] == ["start", "middle", "end"]


def test_labels_change_sides_when_behind():
    ahead = draw_run(Run([0, 10, 20], [0, 5, 10], 10), days=[(0, "a"), (2, "b")], words=WORDS)
    behind = draw_run(Run([0, 1, 2], [0, 5, 10], 10), days=[(0, "a"), (2, "b")], words=WORDS)
    assert ahead.now_label.y < ahead.now.y < behind.now.y < behind.now_label.y
    assert ahead.expected_label.y > ahead.expected_now.y
    assert behind.expected_label.y < behind.expected_now.y


def test_run_without_target_has_no_expectation():
    drawing = draw_run(Run([0, 5]), days=DAYS, words=WORDS)
    assert drawing.target_label is None
    assert drawing.expected_label is None
    assert drawing.now.x == 48.6  # the axis still goes to the last day that is named


def test_small_multiples_share_their_scale():
    low = draw_small_run(Run([0, 15]), top=60, days=[(0, "1"), (2, "3")])
    high = draw_small_run(Run([0, 60]), top=60, days=[(0, "1"), (2, "3")])
    assert high.now.y == 6.0
    assert low.now.y == 60.0  # a quarter of 72 units above 78


def test_columns_stand_on_common_ground():
    first, second = draw_columns([Column("W36", 21, 14), Column("W37", 7)])
    assert (first.x, first.width, first.middle) == (12.5, 25.0, 25.0)
    assert (first.y, first.height, first.target_y) == (20.0, 156.0, 72.0)
    assert (second.y, second.height, second.target_y) == (124.0, 52.0, None)


def test_bullet_outlines_what_was_not_counted():
    html = rendered("{% bullet 30 60 27 raw=36 whose='pm' %}")
    assert 'aria-label="30 of 60"' in html
    assert '<rect class="whose-fill" y="6" width="50.0%"' in html
    assert '<rect class="whose-outline" x="50.0%" y="6.5" width="10.0%"' in html
    assert '<svg x="45.0%"' in html
    assert "style=" not in html


def test_bullet_beyond_its_target_keeps_the_target_to_scale():
    assert '<svg x="80.0%"' in rendered("{% bullet 75 60 %}")


def test_days_over_are_hatched():
    assert "url(#hatch)" not in rendered("{% days_bar 20 20 %}")
    over = rendered("{% days_bar 24 15 30 %}")
    assert 'x="50.0%" y="1" width="30.0%" height="7" fill="url(#hatch)"' in over


def test_cells_count_what_they_show():
    html = rendered("{% cells 3 1 2 'pm' 'Three of six' %}")
    assert html.index("is-missed") < html.index("is-still") < html.index("is-done")
    assert html.count("is-done") == 3


def test_decimals_are_written_for_machines_in_every_language():
    from django.utils.translation import override

    with override("de"):
        html = rendered(
            "{% bullet 1 3 %}{% run run days 'x' %}", run=Run([0, 1.5, 2]), days=[(0, "1"), (2, "2")]
        )
    assert 'width="33.33%"' in html
    assert "," not in html.split('class="whose-fill"')[1].split("/>")[0]
    assert 'cx="314.0"' in html


def late_in_the_month(achieved_today: int) -> RunDrawing:
    """The 23rd of a month of 30 days, target 60, expected two a day."""
    return draw_run(
        Run([*range(0, 44, 2), achieved_today], [2 * day for day in range(31)], target=60),
        days=[(0, "1 Nov"), (22, "23 Nov"), (30, "30 Nov")],
        words=("today", "expected by yesterday", "Target"),
    )


def test_a_day_that_has_no_room_beside_the_last_is_left_out():
    assert [label.text for label in late_in_the_month(55).days] == ["1 Nov", "30 Nov"]


def test_the_target_is_named_at_the_left_where_today_stands_in_its_corner():
    assert late_in_the_month(57).target_label.anchor == "start"
    assert late_in_the_month(30).target_label.anchor == "end"


def test_what_was_expected_is_named_below_its_line():
    drawing = late_in_the_month(55)
    label, dot = drawing.expected_label, drawing.expected_now
    rise = (drawing.base - dot.y) / (dot.x - drawing.left)
    line_where_the_words_begin = dot.y + (dot.x - (label.x - 150)) * rise
    assert label.anchor == "end"
    assert label.y - 12 >= line_where_the_words_begin - 8


def test_todays_figure_is_not_struck_through_by_the_target():
    drawing = late_in_the_month(55)
    assert drawing.now_label.anchor == "start"
    assert drawing.now_label.y - 9 > drawing.target_y
