from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apr.periods import Period, PeriodKind, parse_period, period_containing, periods_between
from foundation.dated import DateRange
from foundation.errors import InvalidInput

WEEK, MONTH, QUARTER, YEAR = PeriodKind
some_day = st.dates(min_value=date(1950, 1, 1), max_value=date(2150, 1, 1))
kinds = st.sampled_from(PeriodKind)
first_months = st.integers(min_value=1, max_value=12)


@pytest.mark.parametrize(
    ("key", "kind", "start", "end"),
    [
        ("2026", YEAR, date(2026, 1, 1), date(2027, 1, 1)),
        ("2026-Q3", QUARTER, date(2026, 7, 1), date(2026, 10, 1)),
        ("2026-Q4", QUARTER, date(2026, 10, 1), date(2027, 1, 1)),
        ("2026-09", MONTH, date(2026, 9, 1), date(2026, 10, 1)),
        ("2026-12", MONTH, date(2026, 12, 1), date(2027, 1, 1)),
        ("2028-02", MONTH, date(2028, 2, 1), date(2028, 3, 1)),
        ("2026-W37", WEEK, date(2026, 9, 7), date(2026, 9, 14)),
        # 2026 starts on a Thursday and so has a week 53, which reaches into 2027.
        ("2026-W53", WEEK, date(2026, 12, 28), date(2027, 1, 4)),
        ("2026-W01", WEEK, date(2025, 12, 29), date(2026, 1, 5)),
    ],
)
def test_calendar_years(key, kind, start, end):
    assert parse_period(key) == Period(kind, start, end, key, 1)


@pytest.mark.parametrize(
    ("key", "start", "end"),
    [
        ("2027", date(2026, 4, 1), date(2027, 4, 1)),
        ("2027-Q1", date(2026, 4, 1), date(2026, 7, 1)),
        ("2027-Q2", date(2026, 7, 1), date(2026, 10, 1)),
        ("2027-Q3", date(2026, 10, 1), date(2027, 1, 1)),
        ("2027-Q4", date(2027, 1, 1), date(2027, 4, 1)),
        ("2027-02", date(2027, 2, 1), date(2027, 3, 1)),
        ("2027-W05", date(2027, 2, 1), date(2027, 2, 8)),
    ],
)
def test_a_fiscal_year_from_april_is_named_after_the_year_in_which_it_ends(key, start, end):
    period = parse_period(key, 4)
    assert (period.start, period.end, period.key, period.fiscal_first_month) == (start, end, key, 4)


def test_a_fiscal_year_from_december_and_its_quarters():
    assert parse_period("2027", 12).dates == DateRange(date(2026, 12, 1), date(2027, 12, 1))
    assert parse_period("2027-Q1", 12).dates == DateRange(date(2026, 12, 1), date(2027, 3, 1))
    assert period_containing(date(2027, 1, 15), QUARTER, 12).key == "2027-Q1"
    assert period_containing(date(2027, 12, 1), YEAR, 12).key == "2028"


@pytest.mark.parametrize(
    ("day", "kind", "first_month", "key"),
    [
        (date(2026, 9, 15), WEEK, 1, "2026-W38"),
        (date(2026, 9, 15), MONTH, 1, "2026-09"),
        (date(2026, 9, 15), QUARTER, 1, "2026-Q3"),
        (date(2026, 9, 15), YEAR, 1, "2026"),
        (date(2026, 9, 15), QUARTER, 4, "2027-Q2"),
        (date(2026, 3, 31), QUARTER, 4, "2026-Q4"),
        (date(2026, 3, 31), YEAR, 4, "2026"),
        (date(2026, 4, 1), YEAR, 4, "2027"),
        (date(2027, 1, 3), WEEK, 1, "2026-W53"),
        (date(2027, 1, 3), MONTH, 1, "2027-01"),
        (date(2024, 12, 30), WEEK, 1, "2025-W01"),
        (date(2028, 2, 29), MONTH, 1, "2028-02"),
    ],
)
def test_the_period_of_a_day(day, kind, first_month, key):
    assert period_containing(day, kind, first_month).key == key


@pytest.mark.parametrize(
    ("key", "first_month", "previous", "following"),
    [
        ("2026-Q1", 1, "2025-Q4", "2026-Q2"),
        ("2027-Q1", 4, "2026-Q4", "2027-Q2"),
        ("2027", 4, "2026", "2028"),
        ("2026-01", 1, "2025-12", "2026-02"),
        ("2026-W53", 1, "2026-W52", "2027-W01"),
        ("2027-W01", 1, "2026-W53", "2027-W02"),
    ],
)
def test_neighbours(key, first_month, previous, following):
    period = parse_period(key, first_month)
    assert (period.previous().key, period.next().key) == (previous, following)


NO_PERIODS = """
    soon 26 2026- 2026-9 2026-00 2026-13 2026-Q0 2026-Q5 2026-q3 2026-W00 2025-W53 2026-W54 2026-W37-1
    0000 9999 0001-W01 ２０２６
"""


@pytest.mark.parametrize("key", ["", "2026-Q3 ", "2026\n", *NO_PERIODS.split()])
def test_other_keys_are_refused_with_words_that_help(key):
    with pytest.raises(InvalidInput) as refusal:
        parse_period(key)
    assert refusal.value.message == (
        f"“{key}” is not a period. Write it like 2026, 2026-Q3, 2026-09 or 2026-W37."
    )


@pytest.mark.parametrize(
    ("key", "first_month", "locale", "label"),
    [
        ("2026-09", 1, "en", "September 2026"),
        ("2026-Q3", 1, "en", "Q3 2026"),
        ("2027-Q1", 4, "en", "Q1 2027"),
        ("2026-W37", 1, "en", "week 37, 2026"),
        ("2026-W01", 1, "en", "week 1, 2026"),
        ("2026", 1, "en", "2026"),
        ("2026-09", 1, "en-gb", "September 2026"),
        ("2026-09", 1, "de", "September 2026"),
        ("2026-08", 1, "fr", "août 2026"),
        ("2026-Q3", 1, "fr", "T3 2026"),
    ],
)
def test_labels(key, first_month, locale, label):
    assert parse_period(key, first_month).label(locale) == label


def test_periods_between_reach_over_both_ends():
    weeks = periods_between(date(2026, 9, 1), date(2026, 9, 15), WEEK)
    assert [week.key for week in weeks] == ["2026-W36", "2026-W37", "2026-W38"]
    assert weeks[0].start == date(2026, 8, 31)
    quarters = periods_between(date(2026, 3, 31), date(2026, 4, 2), QUARTER, 4)
    assert [quarter.key for quarter in quarters] == ["2026-Q4", "2027-Q1"]
    assert periods_between(date(2026, 9, 1), date(2026, 9, 1), MONTH) == ()


@given(some_day, kinds, first_months)
def test_every_day_lies_in_one_period_that_its_key_finds_again(day, kind, first_month):
    period = period_containing(day, kind, first_month)
    assert period.contains(day)
    assert parse_period(period.key, first_month) == period
    assert period.next().start == period.end
    assert period.next().previous() == period


@given(some_day, first_months)
def test_a_fiscal_year_is_four_quarters_and_twelve_months(day, first_month):
    year = period_containing(day, YEAR, first_month)
    quarters = periods_between(year.start, year.end, QUARTER, first_month)
    assert [quarter.key for quarter in quarters] == [f"{year.key}-Q{n}" for n in (1, 2, 3, 4)]
    months = periods_between(year.start, year.end, MONTH, first_month)
    assert len(months) == 12
    assert (months[0].start, months[-1].end) == (year.start, year.end)
    assert months[0].start.month == first_month


@given(some_day, some_day, kinds, first_months)
def test_periods_between_touch_and_cover(one, other, kind, first_month):
    start = min(one, other)
    end = min(max(one, other), start + timedelta(days=900))
    periods = periods_between(start, end, kind, first_month)
    assert all(a.end == b.start for a, b in pairwise(periods))
    if start < end:
        assert periods[0].contains(start)
        assert periods[-1].contains(end - timedelta(days=1))
