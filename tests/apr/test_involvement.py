"""Involvement until the ink, with figures worked out by hand. 2026-06-01 is a Monday."""

from datetime import UTC, date, datetime
from fractions import Fraction

import pytest

from accounts.calendar import WorkingCalendar
from apr.involvement import Deed, deeds_of, involvement_of
from apr.services.actions import void_action
from opportunities.visits import Visit
from tests.factories import ActionFactory, AEFactory, OpportunityFactory, PMFactory, action_type

WEEK = WorkingCalendar(frozenset(range(5)), frozenset())


def june(day):
    return date(2026, 6, day)


def instant(day, hour=9):
    return datetime(2026, 6, day, hour, tzinfo=UTC)


def visit(start, end, stage="Qualify", expected=10):
    return Visit(
        stage,
        instant(start),
        june(start),
        instant(end) if end else None,
        june(end) if end else None,
        expected,
        5,
    )


def pm(day, hour=12):
    return Deed(instant(day, hour), june(day), is_pm=True, is_ae=False)


def ae(day, hour=12):
    return Deed(instant(day, hour), june(day), is_pm=False, is_ae=True)


TODAY = june(24)


def measured(visits, deeds, today=TODAY, **closes):
    return involvement_of(visits, deeds, calendar=WEEK, today=today, **closes)


def test_a_visit_is_covered_by_one_action_of_a_partner_manager():
    found = measured([visit(1, 8), visit(8, 15), visit(15, None)], [pm(3), ae(3), ae(9), pm(16), pm(17)])
    assert [(v.days, v.pm_actions, v.ae_actions, v.is_covered) for v in found.visits] == [
        (5, 1, 1, True),
        (5, 0, 1, False),
        (7, 2, 0, True),
    ]
    assert (found.covered, found.counted, found.coverage) == (2, 3, Fraction(2, 3))


def test_a_short_visit_is_left_out_unless_covered():
    short = [visit(1, 3), visit(3, 5), visit(5, 24)]  # two working days, two, thirteen
    found = measured(short, [pm(1)])
    assert [v.is_counted for v in found.visits] == [True, False, True]
    assert (found.covered, found.counted) == (1, 2)
    three = measured([visit(1, 4)], [])
    assert (three.counted, three.coverage) == (1, 0)
    assert measured([visit(1, 3)], []).coverage is None


def test_an_action_on_the_day_of_a_move_counts_where_its_hour_lies():
    found = measured([visit(1, 8), visit(8, None)], [pm(8, hour=8)])  # the move was at nine
    assert [v.is_covered for v in found.visits] == [True, False]


def test_silence_is_counted_in_working_days_between_actions_and_through_yesterday():
    # Opened Mon 1; acts on Wed 3 and Tue 16; today Wed 24. Silent before: 1, 2; between: 4, 5, 8 to 12, 15;
    # after: 17 to 19, 22, 23.
    found = measured([visit(1, None)], [pm(3), pm(16), ae(20)])
    assert (found.longest_silence, found.silent_now, found.silence_runs) == (8, 5, False)
    assert found.last_pm_on == june(16)
    later = measured([visit(1, None)], [pm(3), pm(16)], today=june(30))
    assert (later.longest_silence, later.silent_now, later.silence_runs) == (9, 9, True)


def test_a_deal_never_seen_has_been_silent_from_the_start():
    found = measured([visit(1, None)], [ae(2)])
    assert (found.longest_silence, found.silent_now, found.last_pm_on) == (17, 17, None)


def test_days_on_which_a_deal_was_closed_are_not_silent():
    # Open 1 to 8 June and again from Mon 22; acted on the 1st; today the 24th.
    found = measured([visit(1, 8), visit(22, None)], [pm(1)])
    assert (found.longest_silence, found.silent_now) == (4, 2)
    closed = measured([visit(1, 8)], [pm(1)], closed_on=june(8))
    assert (closed.longest_silence, closed.silent_now, closed.silence_runs) == (4, None, False)


@pytest.mark.parametrize(("day", "counts"), [(9, 0), (10, 1), (23, 1), (24, 0)])
def test_at_the_ink_are_the_fourteen_days_up_to_and_with_the_close(day, counts):
    assert measured([visit(1, 23)], [pm(day)], closed_on=june(23)).at_the_ink == counts


def test_at_the_ink_of_an_open_deal_is_before_its_expected_close():
    found = measured([visit(1, None)], [pm(20), ae(21)], expected_close_on=june(30))
    assert (found.at_the_ink, found.ink_on) == (1, june(30))
    assert measured([visit(1, None)], [pm(20)]).at_the_ink == 0


def test_nothing_is_measured_without_visits():
    found = measured([], [])
    assert (found.coverage, found.longest_silence, found.silent_now) == (None, 0, None)


@pytest.mark.django_db
def test_what_counts_as_an_action_of_a_partner_manager(django_assert_num_queries):
    nora, ana = PMFactory(), AEFactory()
    deal, other = OpportunityFactory(owner=ana, partner_manager=nora), OpportunityFactory(owner=ana)
    on = {"opportunity": deal, "occurred_at": instant(2)}
    ActionFactory(actor=nora, capacity="partner_manager", **on)
    ActionFactory(
        actor=nora, capacity="coach", counterpart=ana, action_type=action_type("coaching_session"), **on
    )
    ActionFactory(actor=ana, capacity="account_executive", **on)
    ActionFactory(actor=AEFactory(), capacity="coach", counterpart=ana, **on)  # coached by somebody else
    taken_back = ActionFactory(actor=nora, capacity="partner_manager", **on)
    void_action(action_id=taken_back.pk, by=nora)
    ActionFactory(actor=ana, opportunity=other)
    with django_assert_num_queries(1):
        deeds = deeds_of([deal.pk, other.pk])
    assert [(deed.is_pm, deed.is_ae) for deed in deeds[deal.pk]] == [
        (True, False),
        (True, False),
        (False, True),
        (False, False),
    ]
    assert len(deeds[other.pk]) == 1
