from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.calendar import WorkingCalendar
from foundation.dated import DateRange

OFFICE = WorkingCalendar(weekdays=frozenset(range(5)), holidays=frozenset())
FIRST = date(2026, 1, 1)
days = st.integers(min_value=0, max_value=120).map(lambda n: FIRST + timedelta(days=n))


@st.composite
def absences(draw):
    start = draw(days)
    end = draw(st.none() | days)
    return DateRange(start, end if end is None or end >= start else start)


calendars = st.builds(
    WorkingCalendar,
    weekdays=st.frozensets(st.integers(min_value=0, max_value=6)),
    holidays=st.frozensets(days, max_size=20),
)


def test_september_2026_has_22_working_days():
    assert OFFICE.working_days(date(2026, 9, 1), date(2026, 10, 1)) == 22
    assert OFFICE.working_days(date(2026, 9, 1), date(2026, 9, 15)) == 10


def test_the_third_quarter_of_2026_has_66_of_which_54_are_gone():
    assert OFFICE.working_days(date(2026, 7, 1), date(2026, 10, 1)) == 66
    assert OFFICE.working_days(date(2026, 7, 1), date(2026, 9, 15)) == 54


def test_the_start_counts_and_the_end_does_not():
    friday, saturday, monday = date(2026, 9, 4), date(2026, 9, 5), date(2026, 9, 7)
    assert OFFICE.working_days(friday, saturday) == 1
    assert OFFICE.working_days(friday, monday) == 1
    assert OFFICE.working_days(saturday, monday) == 0
    assert OFFICE.working_days(monday, monday) == 0
    assert OFFICE.working_days(monday, friday) == 0


def test_a_holiday_on_a_weekend_costs_nothing():
    saturday, monday = date(2026, 12, 26), date(2026, 12, 28)
    calendar = WorkingCalendar(frozenset(range(5)), frozenset({date(2026, 12, 25), saturday}))
    assert calendar.working_days(date(2026, 12, 21), monday) == 4
    assert not calendar.is_working(date(2026, 12, 25))
    assert calendar.is_working(monday)


def test_a_leap_day_is_a_day_like_others():
    # 29 February 2028 is a Tuesday: February 2028 has 21 working days, that of 2027 has 20.
    assert OFFICE.working_days(date(2028, 2, 1), date(2028, 3, 1)) == 21
    assert OFFICE.working_days(date(2027, 2, 1), date(2027, 3, 1)) == 20
    assert OFFICE.is_working(date(2028, 2, 29))


def test_a_week_may_run_from_sunday_to_thursday():
    calendar = WorkingCalendar(frozenset({6, 0, 1, 2, 3}), frozenset())
    assert calendar.working_days(date(2026, 9, 4), date(2026, 9, 7)) == 1
    assert calendar.is_working(date(2026, 9, 6))


def test_absence_leaves_17_of_22_days():
    own = OFFICE.minus([DateRange(date(2026, 9, 7), date(2026, 9, 12))])
    assert own.working_days(date(2026, 9, 1), date(2026, 10, 1)) == 17
    assert own.working_days(date(2026, 9, 1), date(2026, 9, 15)) == 5
    assert not own.is_working(date(2026, 9, 11))
    assert own.is_working(date(2026, 9, 14))


def test_overlapping_absences_cost_each_day_once():
    own = OFFICE.minus([DateRange(date(2026, 9, 7), date(2026, 9, 10))])
    own = own.minus(
        [DateRange(date(2026, 9, 9), date(2026, 9, 12)), DateRange(date(2026, 9, 8), date(2026, 9, 9))]
    )
    assert own.working_days(date(2026, 9, 1), date(2026, 10, 1)) == 17


def test_away_for_good():
    own = OFFICE.minus([DateRange(date(2026, 9, 7))])
    assert own.working_days(date(2026, 9, 1), date(2030, 1, 1)) == 4
    with pytest.raises(ValueError, match="not 5 working days"):
        own.nth_working_day_after(date(2026, 8, 31), 5)


def test_the_nth_working_day():
    friday = date(2026, 9, 4)
    assert OFFICE.nth_working_day_after(friday, 1) == date(2026, 9, 7)
    assert OFFICE.nth_working_day_after(friday, 5) == date(2026, 9, 11)
    assert OFFICE.nth_working_day_after(date(2026, 9, 5), 1) == date(2026, 9, 7)
    assert OFFICE.nth_working_day_before(friday, 4) == date(2026, 8, 31)
    assert OFFICE.nth_working_day_before(friday, 5) == date(2026, 8, 28)
    assert OFFICE.nth_working_day_before(date(2026, 9, 6), 1) == friday


@pytest.mark.parametrize("n", [0, -1])
def test_days_are_counted_from_one(n):
    with pytest.raises(ValueError, match="from 1"):
        OFFICE.nth_working_day_after(FIRST, n)
    with pytest.raises(ValueError, match="from 1"):
        OFFICE.nth_working_day_before(FIRST, n)


def test_a_week_without_work_has_no_next_day():
    with pytest.raises(ValueError, match="not 1 working days"):
        WorkingCalendar(frozenset(), frozenset()).nth_working_day_after(FIRST, 1)
    with pytest.raises(ValueError, match="not 1 working days"):
        WorkingCalendar(frozenset(), frozenset()).nth_working_day_before(FIRST, 1)


def by_hand(calendar, absent, start, end):
    """Day by day, as a child would count."""
    return [
        day
        for day in (start + timedelta(days=n) for n in range(max(0, (end - start).days)))
        if day.weekday() in calendar.weekdays
        and day not in calendar.holidays
        and not any(a.contains(day) for a in absent)
    ]


@given(calendars, st.lists(absences(), max_size=4), days, days)
def test_counting_agrees_with_counting_day_by_day(calendar, absent, start, end):
    own = calendar.minus(absent)
    counted = by_hand(calendar, absent, start, end)
    assert own.working_days(start, end) == len(counted)
    assert all(own.is_working(day) for day in counted)


@given(calendars, st.lists(absences(), max_size=3), days, st.integers(min_value=1, max_value=15))
def test_the_nth_day_agrees_with_counting_day_by_day(calendar, absent, day, n):
    own = calendar.minus(absent)
    before = by_hand(calendar, absent, day - timedelta(days=400), day)
    if len(before) >= n:
        assert own.nth_working_day_before(day, n) == before[-n]
    after = by_hand(calendar, absent, day + timedelta(days=1), day + timedelta(days=400))
    if len(after) >= n:
        assert own.nth_working_day_after(day, n) == after[n - 1]


@given(calendars, st.lists(absences(), max_size=3), days, days, days)
def test_counts_of_neighbouring_ranges_add_up(calendar, absent, one, two, three):
    start, middle, end = sorted([one, two, three])
    own = calendar.minus(absent)
    assert own.working_days(start, middle) + own.working_days(middle, end) == own.working_days(start, end)
