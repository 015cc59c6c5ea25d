from datetime import date, timedelta

import pytest
from django.apps.registry import Apps
from django.db import IntegrityError, connection, models, transaction
from hypothesis import given
from hypothesis import strategies as st

from foundation.dated import DatedQuerySet, DatedRow, DateRange, clip

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


class Post(DatedRow):
    """A row to try the abstract one with; it lives in a registry of its own."""

    objects = DatedQuerySet.as_manager()

    class Meta(DatedRow.Meta):
        abstract = False
        app_label = "foundation"
        apps = Apps()


@pytest.fixture
def posts(transactional_db):
    with connection.schema_editor() as editor:
        editor.create_model(Post)
    yield Post.objects
    with connection.schema_editor() as editor:
        editor.delete_model(Post)


def test_rows_in_force(posts):
    ended = posts.create(starts_on=date(2026, 1, 1), ends_on=date(2026, 7, 1))
    running = posts.create(starts_on=date(2026, 7, 1))
    assert list(posts.on(date(2026, 6, 30))) == [ended]
    assert list(posts.on(date(2026, 7, 1))) == [running]
    assert list(posts.on(date(2025, 12, 31))) == []
    assert set(posts.overlapping(date(2026, 6, 30), date(2026, 7, 2))) == {ended, running}
    assert list(posts.overlapping(date(2026, 6, 30), date(2026, 7, 1))) == [ended]
    assert list(posts.overlapping(date(2026, 7, 1), date(2026, 7, 1))) == []
    assert list(posts.overlapping(date(2026, 7, 1), None)) == [running]
    assert set(posts.overlapping(date(2025, 1, 1), None)) == {ended, running}
    assert running.dates == DateRange(date(2026, 7, 1))


@pytest.mark.parametrize("last", [date(2026, 6, 30), date(2026, 7, 1)])
def test_no_row_ends_before_it_has_begun(posts, last):
    with pytest.raises(IntegrityError, match="foundation_post_ends_after_start"), transaction.atomic():
        posts.create(starts_on=date(2026, 7, 1), ends_on=last)


def test_the_constraint_is_named_after_its_model():
    assert [c.name for c in Post._meta.constraints] == ["foundation_post_ends_after_start"]
    assert isinstance(Post._meta.get_field("ends_on"), models.DateField)
