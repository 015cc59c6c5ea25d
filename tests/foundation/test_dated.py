from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from foundation.dated import DateRange, clip

FIRST = date(2026, 1, 1)
days = st.integers(min_value=0, max_value=60).map(lambda n: FIRST + timedelta(days=n))


@st.composite
def ranges(draw):
    start = draw(days)
    end = draw(st.none() | days)
    return DateRange(start, end if end is None or end >= start else start)


def test_a_range_has_its_start_and_not_its_end():
    september = DateRange(date(2026, 9, 1), date(2026, 10, 1))
    assert september.contains(date(2026, 9, 1))
    assert september.contains(date(2026, 9, 30))
    assert not september.contains(date(2026, 10, 1))
    assert not september.contains(date(2026, 8, 31))
    assert len(september.days()) == 30


def test_a_range_without_an_end_lasts():
    since = DateRange(date(2026, 9, 1))
    assert since.contains(date(2999, 1, 1))
    with pytest.raises(ValueError, match="no last day"):
        since.days()


def test_days_across_a_leap_day():
    assert DateRange(date(2028, 2, 28), date(2028, 3, 1)).days() == [date(2028, 2, 28), date(2028, 2, 29)]


def test_a_range_cannot_end_before_it_starts():
    with pytest.raises(ValueError, match="cannot end"):
        DateRange(date(2026, 9, 2), date(2026, 9, 1))


def test_overlap():
    first_half = DateRange(date(2026, 1, 1), date(2026, 7, 1))
    assert first_half.overlap(DateRange(date(2026, 6, 1))) == DateRange(date(2026, 6, 1), date(2026, 7, 1))
    assert first_half.overlap(DateRange(date(2026, 7, 1))) is None
    assert DateRange(FIRST).overlap(DateRange(date(2026, 2, 1))) == DateRange(date(2026, 2, 1))


def test_clip_leaves_out_what_lies_outside():
    july = DateRange(date(2026, 7, 1), date(2026, 8, 1))
    jobs = [
        DateRange(date(2026, 1, 1), date(2026, 7, 1)),
        DateRange(date(2026, 6, 20), date(2026, 7, 3)),
        DateRange(date(2026, 7, 30)),
    ]
    assert clip(jobs, july) == [
        DateRange(date(2026, 7, 1), date(2026, 7, 3)),
        DateRange(date(2026, 7, 30), date(2026, 8, 1)),
    ]


@given(ranges(), ranges())
def test_overlap_has_exactly_the_shared_days(one, other):
    window = DateRange(FIRST, FIRST + timedelta(days=70)).days()
    shared = one.overlap(other)
    expected = [day for day in window if one.contains(day) and other.contains(day)]
    assert [day for day in window if shared and shared.contains(day)] == expected
    assert shared == other.overlap(one)


@pytest.fixture
def absences(db):
    """Absences stand for every model of dated rows."""
    return User.objects.create(name="Piotr Nowak").absences


def test_rows_in_force(absences):
    ended = absences.create(starts_on=date(2026, 1, 1), ends_on=date(2026, 7, 1))
    running = absences.create(starts_on=date(2026, 7, 1))
    assert list(absences.on(date(2026, 6, 30))) == [ended]
    assert list(absences.on(date(2026, 7, 1))) == [running]
    assert list(absences.on(date(2025, 12, 31))) == []
    assert set(absences.overlapping(date(2026, 6, 30), date(2026, 7, 2))) == {ended, running}
    assert list(absences.overlapping(date(2026, 6, 30), date(2026, 7, 1))) == [ended]
    assert list(absences.overlapping(date(2026, 7, 1), date(2026, 7, 1))) == []
    assert list(absences.overlapping(date(2026, 7, 1), None)) == [running]
    assert set(absences.overlapping(date(2025, 1, 1), None)) == {ended, running}
    assert running.dates == DateRange(date(2026, 7, 1))


@pytest.mark.parametrize("last", [date(2026, 6, 30), date(2026, 7, 1)])
def test_no_row_ends_before_it_has_begun(absences, last):
    with pytest.raises(IntegrityError, match="accounts_absence_ends_after_start"):
        absences.create(starts_on=date(2026, 7, 1), ends_on=last)


def test_a_form_says_so_kindly(absences):
    upside_down = absences.model(user=absences.instance, starts_on=date(2026, 7, 2), ends_on=date(2026, 7, 1))
    with pytest.raises(ValidationError, match="The end must come after the start"):
        upside_down.full_clean()
