from datetime import date, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.calendar import WorkingCalendar
from apr.periods import PeriodKind, parse_period
from apr.scoring import (
    Component,
    DayCounts,
    DayPoints,
    Rule,
    Segment,
    Status,
    Thresholds,
    attainment,
    daily_rate,
    day_points,
    expected,
    joint_score,
    pace,
    points_for,
    round4,
    rule_on,
    side_score,
    status,
)
from foundation.dated import DateRange

WEEK, MONTH, QUARTER, YEAR = PeriodKind
OFFICE = WorkingCalendar(frozenset(range(5)), frozenset())
TODAY = date(2026, 9, 15)
SEPTEMBER = parse_period("2026-09")
Q3 = parse_period("2026-Q3")
ALWAYS = (date(2026, 1, 1), date(2028, 1, 1))
SIXTY_A_MONTH = [Segment(*ALWAYS, 60, MONTH)]
EMAIL = Rule(effective_from=date(2026, 1, 1), points=1, daily_cap=1)
MEETING = Rule(effective_from=date(2026, 1, 1), points=3)


# --- points


def test_points_before_any_cap():
    assert points_for(4, 3) == 12


@pytest.mark.parametrize(
    ("rule", "counts", "points"),
    [
        (MEETING, DayCounts(2), DayPoints(6, 6, 0)),
        (MEETING, DayCounts(2, confirmed=1), DayPoints(6, 6, 3)),
        (MEETING, DayCounts(3, disputed=1, confirmed=1), DayPoints(9, 6, 3)),
        (EMAIL, DayCounts(0), DayPoints(0, 0, 0)),
        (EMAIL, DayCounts(2), DayPoints(2, 1, 0)),
        (EMAIL, DayCounts(2, disputed=1), DayPoints(2, 1, 0)),  # the undisputed one fills the cap
        (EMAIL, DayCounts(2, disputed=2), DayPoints(2, 0, 0)),
        (EMAIL, DayCounts(3, disputed=1, confirmed=2), DayPoints(3, 1, 1)),
        (Rule(date(2026, 1, 1), points=3, daily_cap=4), DayCounts(2), DayPoints(6, 4, 0)),
        (Rule(date(2026, 1, 1), points=3, daily_cap=0), DayCounts(2, confirmed=2), DayPoints(6, 0, 0)),
    ],
)
def test_points_of_a_day(rule, counts, points):
    assert day_points(counts, rule) == points


def test_a_new_rule_changes_nothing_before_its_day():
    doubled = Rule(effective_from=date(2026, 9, 15), points=2, daily_cap=4)
    rules = [doubled, EMAIL]
    days = [(date(2026, 9, 14), 3), (date(2026, 9, 15), 3), (date(2026, 9, 16), 1)]
    counted = [day_points(DayCounts(count), rule_on(rules, day)).counted for day, count in days]
    assert counted == [1, 4, 2]


def test_before_the_first_rule_nothing_has_points():
    assert day_points(DayCounts(5), rule_on([EMAIL], date(2025, 12, 31))) == DayPoints(0, 0, 0)
    assert day_points(DayCounts(5), rule_on([], TODAY)) == DayPoints(0, 0, 0)


@given(
    st.integers(0, 50),
    st.integers(0, 50),
    st.integers(0, 50),
    st.integers(0, 10),
    st.none() | st.integers(0, 20),
)
def test_confirmed_is_part_of_counted_and_counted_of_raw(confirmed, disputed, silent, points, cap):
    counts = DayCounts(confirmed + disputed + silent, disputed, confirmed)
    result = day_points(counts, Rule(date.min, points, cap))
    assert 0 <= result.confirmed <= result.counted <= result.raw
    assert cap is None or result.counted <= cap


# --- the story of September 2026: 22 working days, a target of 60, ten working days gone by the 15th


def expected_to_date(calendar=OFFICE, period=SEPTEMBER, segments=SIXTY_A_MONTH):
    return expected(segments, calendar, 1, period.start, TODAY)


def test_noras_september():
    to_date = expected_to_date()
    whole = expected(SIXTY_A_MONTH, OFFICE, 1, SEPTEMBER.start, SEPTEMBER.end)
    assert to_date == Fraction(600, 22)
    assert whole == 60
    assert round4(to_date) == Decimal("27.2727")
    assert round4(pace(42, to_date)) == Decimal("1.5400")
    assert round4(attainment(42, whole)) == Decimal("0.7000")
    assert status(pace=pace(42, to_date), attainment=attainment(42, whole), is_over=False) == Status.ON_TRACK


def test_piotr_was_away_for_a_week():
    own = OFFICE.minus([DateRange(date(2026, 9, 7), date(2026, 9, 12))])
    to_date = expected_to_date(own)
    assert to_date == Fraction(60 * 5, 17)  # 17.647: five of his seventeen days are gone
    assert expected(SIXTY_A_MONTH, own, 1, SEPTEMBER.start, SEPTEMBER.end) == 60
    assert expected(SIXTY_A_MONTH, own, 1, date(2026, 9, 7), date(2026, 9, 12)) == 0
    assert round4(pace(16, to_date)) == Decimal("0.9067")
    assert status(pace=pace(16, to_date), attainment=Fraction(16, 60), is_over=False) == Status.AT_RISK


def test_the_team_of_six():
    piotr = OFFICE.minus([DateRange(date(2026, 9, 7), date(2026, 9, 12))])
    to_date = 5 * expected_to_date() + expected_to_date(piotr)
    assert round4(to_date) == Decimal("154.0107")  # 5 × 27.2727… + 17.6470…
    assert round4(pace(158, to_date)) == Decimal("1.0259")


@pytest.mark.parametrize(
    ("achieved", "target", "rounded"),
    [(186_000_00, 250_000_00, "0.9093"), (412_000_00, 500_000_00, "1.0071")],
)
def test_noras_number_in_the_quarter(achieved, target, rounded):
    to_date = expected_to_date(period=Q3, segments=[Segment(*ALWAYS, target, QUARTER)])
    assert to_date == Fraction(target * 54, 66)
    assert round4(pace(achieved, to_date)) == Decimal(rounded)


@pytest.mark.parametrize(
    ("points", "rounded", "verdict"),
    [(24, "0.8800", Status.AT_RISK), (17, "0.6233", Status.BEHIND), (28, "1.0267", Status.ON_TRACK)],
)
def test_the_others_of_the_team(points, rounded, verdict):
    ratio = pace(points, expected_to_date())
    assert round4(ratio) == Decimal(rounded)
    assert status(pace=ratio, attainment=Fraction(points, 60), is_over=False) == verdict


# --- expectations


def test_a_monthly_target_is_three_times_its_value_in_a_quarter_and_part_of_it_in_a_week():
    assert expected(SIXTY_A_MONTH, OFFICE, 1, Q3.start, Q3.end) == 180
    # 31 August to 4 September: one day of the 21 of August and four of the 22 of September.
    week = parse_period("2026-W36")
    assert expected(SIXTY_A_MONTH, OFFICE, 1, week.start, week.end) == Fraction(60, 21) + Fraction(240, 22)


def test_a_quarterly_target_in_a_month():
    quarterly = [Segment(*ALWAYS, 180, QUARTER)]
    assert expected(quarterly, OFFICE, 1, SEPTEMBER.start, SEPTEMBER.end) == Fraction(180 * 22, 66)


def test_a_fiscal_quarter_from_february():
    # With February as first month, August to October is one quarter: 21 + 22 + 22 working days.
    quarterly = [Segment(*ALWAYS, 130, QUARTER)]
    assert expected(quarterly, OFFICE, 2, SEPTEMBER.start, SEPTEMBER.end) == Fraction(130 * 22, 65)
    whole = parse_period("2027-Q3", 2)
    assert whole.start == date(2026, 8, 1)
    assert expected(quarterly, OFFICE, 2, whole.start, whole.end) == 130


def test_a_target_that_changes_in_between():
    changed = [
        Segment(ALWAYS[0], date(2026, 9, 15), 60, MONTH),
        Segment(date(2026, 9, 15), ALWAYS[1], 66, MONTH),
    ]
    # Ten days at 60/22 and twelve at 66/22.
    assert expected(changed, OFFICE, 1, SEPTEMBER.start, SEPTEMBER.end) == Fraction(600, 22) + 36


def test_a_target_that_starts_in_between_asks_for_its_days_only():
    late = [Segment(TODAY, ALWAYS[1], 66, MONTH)]
    assert expected(late, OFFICE, 1, SEPTEMBER.start, SEPTEMBER.end) == 36
    assert expected(late, OFFICE, 1, SEPTEMBER.start, TODAY) == 0


def test_a_month_away_owes_nothing():
    own = OFFICE.minus([DateRange(date(2026, 9, 1), date(2026, 10, 1))])
    assert expected(SIXTY_A_MONTH, own, 1, SEPTEMBER.start, SEPTEMBER.end) == 0
    assert expected(SIXTY_A_MONTH, own, 1, Q3.start, Q3.end) == 120


def test_a_leap_day_is_one_of_21():
    assert (
        expected(SIXTY_A_MONTH, OFFICE, 1, date(2028, 2, 29), date(2028, 3, 1)) == 0
    )  # the target has ended
    longer = [Segment(date(2028, 1, 1), date(2029, 1, 1), 63, MONTH)]
    assert expected(longer, OFFICE, 1, date(2028, 2, 29), date(2028, 3, 1)) == 3


def test_week_53_has_its_own_value():
    weekly = [Segment(*ALWAYS, 15, WEEK)]
    assert expected(weekly, OFFICE, 1, date(2026, 12, 28), date(2027, 1, 4)) == 15
    assert expected(weekly, OFFICE, 1, date(2026, 12, 28), date(2027, 1, 1)) == 12


def test_no_segment_and_no_days_expect_nothing():
    assert expected([], OFFICE, 1, SEPTEMBER.start, SEPTEMBER.end) == 0
    assert expected(SIXTY_A_MONTH, OFFICE, 1, TODAY, TODAY) == 0
    assert daily_rate(60, 0) == 0
    assert daily_rate(60, 22) == Fraction(30, 11)


@given(
    st.lists(st.integers(0, 365), min_size=3, max_size=3),
    st.sampled_from(PeriodKind),
    st.integers(1, 12),
    st.lists(st.integers(0, 365), max_size=5),
)
def test_expectations_of_neighbouring_ranges_add_up(offsets, kind, first_month, away):
    start, middle, end = (date(2026, 1, 1) + timedelta(days=n) for n in sorted(offsets))
    absent = [
        DateRange(d, d + timedelta(days=5)) for d in (date(2026, 1, 1) + timedelta(days=n) for n in away)
    ]
    own, segments = OFFICE.minus(absent), [Segment(*ALWAYS, 97, kind)]
    parts = [expected(segments, own, first_month, a, b) for a, b in ((start, middle), (middle, end))]
    assert sum(parts) == expected(segments, own, first_month, start, end)


# --- verdicts


def test_without_a_target_or_before_the_first_working_day_there_is_no_ratio():
    assert attainment(42, None) is None
    assert attainment(42, Fraction(0)) is None
    assert pace(42, None) is None
    assert pace(42, Fraction(0)) is None
    assert pace(0, Fraction(1)) == 0


@pytest.mark.parametrize(
    ("pace", "attainment", "is_over", "verdict"),
    [
        (Fraction(1), Fraction(1, 2), False, Status.ON_TRACK),
        (Fraction(999_999, 1_000_000), Fraction(1, 2), False, Status.AT_RISK),
        (Fraction(4, 5), Fraction(1, 2), False, Status.AT_RISK),
        (Fraction(799_999, 1_000_000), Fraction(1, 2), False, Status.BEHIND),
        (None, Fraction(0), False, Status.ON_TRACK),  # nothing expected yet
        (Fraction(2), Fraction(1, 2), True, Status.BEHIND),  # over: attainment decides
        (None, Fraction(9, 10), True, Status.AT_RISK),
        (Fraction(1, 2), Fraction(1), True, Status.ON_TRACK),
        (None, None, False, Status.NO_TARGET),
        (Fraction(2), None, True, Status.NO_TARGET),
    ],
)
def test_status(pace, attainment, is_over, verdict):
    assert status(pace=pace, attainment=attainment, is_over=is_over) == verdict


def test_thresholds_are_a_setting():
    strict = Thresholds(on_track=Fraction(11, 10), at_risk=Fraction(1))
    verdict = status(pace=Fraction(1), attainment=Fraction(1, 2), is_over=False, thresholds=strict)
    assert verdict == Status.AT_RISK


# --- the joint scorecard, with the figures of Nora Lindqvist and Ana Kovač

NORA = [Component("a", 17, 21), Component("b", 3, 4), Component("c", 4, 5), Component("d", 5, 6)]
NORA += [Component("e", 6, 7)]
ANA = [Component("a", 7, 9), Component("b", 17, 24), Component("c", 4, 7), Component("d", 3, 4)]
ANA += [Component("e", 5, 6)]


def test_nora_and_ana_stand_at_76_8():
    # In 420ths: 340 + 315 + 336 + 350 + 360 = 1701, a mean of exactly 0.81.
    assert side_score(NORA) == 81
    # In 504ths: 392 + 357 + 288 + 378 + 420 = 1835, a mean of 1835 / 2520.
    assert side_score(ANA) == Fraction(183_500, 2520)
    assert round4(side_score(ANA)) == Decimal("72.8175")
    # 76.79975² = 5898.2016 < 81 × 183500/2520 = 5898.2143 < 76.79985² = 5898.2170
    assert joint_score(side_score(NORA), side_score(ANA)) == Decimal("76.7998")


def test_one_more_coaching_session_takes_noras_side_to_84_3():
    coached = [Component("d", 6, 6) if one.key == "d" else one for one in NORA]
    assert round4(side_score(coached)) == Decimal("84.3333")


def test_what_has_nothing_to_count_is_left_out():
    assert side_score([Component("a", 0, 0), Component("b", 1, 2), Component("c", 1, 1)]) == 75
    assert side_score([Component("a", 0, 0), Component("b", 1, 2)]) is None
    assert side_score([]) is None


def test_more_coaching_than_expected_counts_once():
    assert Component("coaching", 7, Fraction(7, 2)).ratio == 1
    assert Component("coaching", 2, Fraction(5, 2)).ratio == Fraction(4, 5)


def test_one_side_at_zero_makes_the_whole_zero():
    assert joint_score(Fraction(0), Fraction(100)) == 0
    assert joint_score(None, Fraction(100)) is None
    assert joint_score(Fraction(100), None) is None


@pytest.mark.parametrize(
    ("pm_side", "ae_side", "score"),
    [
        (Fraction(100), Fraction(100), "100.0000"),
        (Fraction(81), Fraction(64), "72.0000"),
        (Fraction(50), Fraction(100), "70.7107"),  # √5000 = 70.71067…
        (Fraction(100_005, 10**5), Fraction(100_005, 10**5), "1.0000"),  # exactly half way: to the even one
        (Fraction(100_015, 10**5), Fraction(100_015, 10**5), "1.0002"),
    ],
)
def test_the_joint_score(pm_side, ae_side, score):
    assert str(joint_score(pm_side, ae_side)) == score


@given(
    st.fractions(min_value=0, max_value=100, max_denominator=5040),
    st.fractions(min_value=0, max_value=100, max_denominator=5040),
)
def test_the_joint_score_agrees_with_fifty_digits(pm_side, ae_side):
    product = pm_side * ae_side
    with localcontext(prec=50):
        root = (Decimal(product.numerator) / Decimal(product.denominator)).sqrt()
        assert joint_score(pm_side, ae_side) == root.quantize(Decimal("0.0001"))


@pytest.mark.parametrize(
    ("value", "rounded"),
    [
        (Fraction(1, 3), "0.3333"),
        (Fraction(2, 3), "0.6667"),
        (Fraction(5, 100_000), "0.0000"),
        (Fraction(15, 100_000), "0.0002"),
        (Fraction(-1, 3), "-0.3333"),
        (Fraction(60), "60.0000"),
    ],
)
def test_round4(value, rounded):
    assert str(round4(value)) == rounded
