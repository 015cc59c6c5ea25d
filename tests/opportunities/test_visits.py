"""Stage visits, by calendars worked out by hand. 2026-06-01 is a Monday."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from accounts.calendar import WorkingCalendar
from opportunities.visits import open_spans, visits_of

WEEK = WorkingCalendar(frozenset(range(5)), frozenset({date(2026, 6, 4)}))  # Corpus Christi, a Thursday


@dataclass
class Step:
    to_stage_name: str
    effective_on: date
    to_kind: str = "open"
    expected_days: int | None = 5
    allowed_silence_days: int | None = 3
    hour: int = 9

    @property
    def effective_at(self):
        return datetime(
            self.effective_on.year, self.effective_on.month, self.effective_on.day, self.hour, tzinfo=UTC
        )


def june(day):
    return date(2026, 6, day)


def test_each_step_begins_a_visit_and_ends_the_one_before():
    first, second = visits_of([Step("Qualify", june(1)), Step("Discovery", june(8), expected_days=None)])
    assert (first.stage, first.starts_on, first.ends_on, first.is_running) == (
        "Qualify",
        june(1),
        june(8),
        False,
    )
    assert (second.stage, second.starts_on, second.ends_on, second.is_running) == (
        "Discovery",
        june(8),
        None,
        True,
    )
    # Mon 1 to Fri 5 June without the holiday on the 4th: four working days, of five expected
    assert (first.working_days(WEEK, june(30)), first.days_over(WEEK, june(30))) == (4, 0)
    # Mon 8 to Tue 16 June: seven working days through the 16th; nothing is expected
    assert (second.working_days(WEEK, june(17)), second.days_over(WEEK, june(17))) == (7, 0)


def test_days_beyond_the_expected_ones_are_over():
    (visit,) = visits_of([Step("Qualify", june(8))])
    assert visit.working_days(WEEK, june(8)) == 0  # today is not over
    assert visit.days_over(WEEK, june(15)) == 0  # five of five
    assert visit.days_over(WEEK, june(17)) == 2  # seven of five


def test_a_return_to_a_stage_is_another_visit():
    steps = [Step("Qualify", june(1)), Step("Proposal", june(8)), Step("Qualify", june(15))]
    assert [visit.stage for visit in visits_of(steps)] == ["Qualify", "Proposal", "Qualify"]


def test_closing_ends_the_last_visit_and_reopening_begins_one():
    steps = [
        Step("Qualify", june(1)),
        Step("Lost", june(8), to_kind="lost"),
        Step("Proposal", june(22)),
        Step("Negotiation", june(24)),
    ]
    visits = visits_of(steps)
    assert [(v.stage, v.starts_on, v.ends_on) for v in visits] == [
        ("Qualify", june(1), june(8)),
        ("Proposal", june(22), june(24)),
        ("Negotiation", june(24), None),
    ]
    assert open_spans(visits) == [(june(1), june(8)), (june(22), None)]


def test_an_instant_belongs_to_the_visit_that_it_lies_in():
    first, second = visits_of([Step("Qualify", june(1)), Step("Discovery", june(8), hour=14)])
    morning, at_the_step = datetime(2026, 6, 8, 10, tzinfo=UTC), datetime(2026, 6, 8, 14, tzinfo=UTC)
    assert (first.contains(morning), second.contains(morning)) == (True, False)
    assert (first.contains(at_the_step), second.contains(at_the_step)) == (False, True)


def test_without_steps_there_are_no_visits():
    assert visits_of([]) == []
    assert open_spans([]) == []
