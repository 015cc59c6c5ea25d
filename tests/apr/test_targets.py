from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from accounts.calendar import WorkingCalendar
from apr.periods import PeriodKind
from apr.scoring import Segment, expected
from apr.targets import TargetCandidate, resolve_targets
from foundation.dated import DateRange

WEEK, MONTH, QUARTER, YEAR = PeriodKind
JULY, AUGUST, SEPTEMBER, OCTOBER = (date(2026, month, 1) for month in (7, 8, 9, 10))
ALWAYS = DateRange(date(2020, 1, 1))
OWN, TEAM, REGION, ROLE = range(4)


def target(key, level, value, since=date(2026, 1, 1), kind=MONTH, valid=ALWAYS):
    return TargetCandidate(level, kind, value, since, valid, key)


def test_without_candidates_there_are_no_segments():
    assert resolve_targets([], MONTH, JULY, OCTOBER) == []


def test_the_most_specific_level_wins():
    candidates = [target(1, ROLE, 40), target(2, REGION, 50), target(3, TEAM, 55), target(4, OWN, 60)]
    assert resolve_targets(candidates, MONTH, JULY, OCTOBER) == [Segment(JULY, OCTOBER, 60, MONTH, 4)]
    assert resolve_targets(candidates[:3], MONTH, JULY, OCTOBER) == [Segment(JULY, OCTOBER, 55, MONTH, 3)]


def test_until_the_own_target_starts_the_team_s_holds():
    candidates = [target(1, TEAM, 50), target(2, OWN, 60, since=date(2026, 9, 15))]
    assert resolve_targets(candidates, MONTH, SEPTEMBER, OCTOBER) == [
        Segment(SEPTEMBER, date(2026, 9, 15), 50, MONTH, 1),
        Segment(date(2026, 9, 15), OCTOBER, 60, MONTH, 2),
    ]


def test_a_later_target_supersedes_from_its_day():
    candidates = [target(2, OWN, 70, since=AUGUST), target(1, OWN, 60)]
    assert resolve_targets(candidates, MONTH, JULY, OCTOBER) == [
        Segment(JULY, AUGUST, 60, MONTH, 1),
        Segment(AUGUST, OCTOBER, 70, MONTH, 2),
    ]


def test_a_team_s_target_holds_on_the_days_of_membership():
    away = [DateRange(date(2026, 1, 1), AUGUST), DateRange(SEPTEMBER)]
    candidates = [target(1, TEAM, 50, valid=away[0]), target(1, TEAM, 50, valid=away[1])]
    assert resolve_targets(candidates, MONTH, JULY, OCTOBER) == [
        Segment(JULY, AUGUST, 50, MONTH, 1),
        Segment(SEPTEMBER, OCTOBER, 50, MONTH, 1),
    ]


def test_changing_teams_changes_the_target_on_that_day():
    candidates = [
        target(1, TEAM, 44, valid=DateRange(date(2026, 1, 1), date(2026, 9, 15))),
        target(2, TEAM, 66, valid=DateRange(date(2026, 9, 15))),
    ]
    segments = resolve_targets(candidates, MONTH, SEPTEMBER, OCTOBER)
    office = WorkingCalendar(frozenset(range(5)), frozenset())
    # Ten days at 44/22 and twelve at 66/22.
    assert expected(segments, office, 1, SEPTEMBER, OCTOBER) == Fraction(20 + 36)


def test_the_kind_that_is_looked_at_goes_first():
    kinds = [target(1, OWN, 10, kind=WEEK), target(2, OWN, 60, kind=MONTH), target(3, OWN, 700, kind=YEAR)]

    def chosen(view_kind, candidates=kinds):
        return [segment.target_id for segment in resolve_targets(candidates, view_kind, JULY, OCTOBER)]

    assert chosen(WEEK) == [1]
    assert chosen(MONTH) == [2]
    assert chosen(YEAR) == [3]
    assert chosen(QUARTER) == [3]  # no quarterly one: the shortest longer kind
    assert chosen(QUARTER, kinds[:2]) == [2]  # none longer: the longest shorter one
    assert chosen(YEAR, kinds[:2]) == [2]
    assert chosen(WEEK, kinds[1:]) == [2]


def test_level_goes_before_kind_and_kind_before_date():
    yearly, monthly = target(1, OWN, 700, kind=YEAR), target(2, TEAM, 60)
    assert resolve_targets([yearly, monthly], MONTH, JULY, OCTOBER)[0].target_id == 1
    newer = target(3, OWN, 800, since=AUGUST, kind=YEAR)
    own_monthly = target(4, OWN, 65)
    assert [s.target_id for s in resolve_targets([newer, own_monthly], MONTH, JULY, OCTOBER)] == [4]


def test_of_two_from_one_day_the_higher_id_holds():
    both = [target(7, OWN, 60), target(8, OWN, 61)]
    assert [s.target_id for s in resolve_targets(both, MONTH, JULY, OCTOBER)] == [8]
    assert [s.target_id for s in resolve_targets(both[::-1], MONTH, JULY, OCTOBER)] == [8]


def test_an_empty_range_has_no_segments():
    assert resolve_targets([target(1, OWN, 60)], MONTH, JULY, JULY) == []


days = st.integers(0, 100).map(lambda n: JULY + timedelta(days=n))


@st.composite
def candidates(draw):
    start, end = sorted([draw(days), draw(days)])
    valid = DateRange(start, draw(st.sampled_from([end, None])))
    kind = draw(st.sampled_from(PeriodKind))
    return TargetCandidate(draw(st.integers(0, 3)), kind, 1, draw(days), valid, draw(st.integers(1, 9)))


def chosen_by_hand(pool, view_kind, day):
    """Strike out, rule by rule, what loses on that day; the id of what is left, None where nothing is."""
    pool = [one for one in pool if one.effective_from <= day and one.valid.contains(day)]
    pool = [one for one in pool if one.level == min(other.level for other in pool)]
    order = {
        WEEK: [WEEK, MONTH, QUARTER, YEAR],
        MONTH: [MONTH, QUARTER, YEAR, WEEK],
        QUARTER: [QUARTER, YEAR, MONTH, WEEK],
        YEAR: [YEAR, QUARTER, MONTH, WEEK],
    }[view_kind]
    for kind in order:
        of_kind = [one for one in pool if one.period_kind == kind]
        if of_kind:
            return max(of_kind, key=lambda one: (one.effective_from, one.id)).id
    return None


@given(st.lists(candidates(), max_size=6), st.sampled_from(PeriodKind), days, days)
def test_each_day_has_the_target_that_striking_out_leaves(pool, view_kind, one, other):
    start, end = sorted([one, other])
    segments = resolve_targets(pool, view_kind, start, end)
    assert all(a.end <= b.start for a, b in pairwise(segments))
    for day in DateRange(start, end).days():
        holding = [s.target_id for s in segments if s.start <= day < s.end]
        winner = chosen_by_hand(pool, view_kind, day)
        assert holding == ([] if winner is None else [winner])
