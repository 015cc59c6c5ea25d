"""Each component of the joint scorecard, worked out by hand on rows that stand in the test."""

from datetime import date
from fractions import Fraction

import pytest

from accounts.models import Absence, Holiday
from apr.joint import Key, joint_scorecard, joint_trend, pairs_of
from apr.models import Action
from opportunities.models import Capacity, Opportunity
from tests.apr.joint.world import (
    Q3,
    TODAY,
    act,
    at,
    coach,
    deal,
    give,
    move,
    obstacle,
    promise,
    ratio,
    source,
    stages,
    standing,
    states,
)
from tests.factories import AdminFactory, AEFactory, PMFactory, TargetFactory

pytestmark = pytest.mark.django_db
PM, AE = "partner_manager", "account_executive"
OWNER, MANAGER = Capacity.ACCOUNT_EXECUTIVE, Capacity.PARTNER_MANAGER


@pytest.fixture
def nora():
    return PMFactory(name="Nora Lindqvist")


@pytest.fixture
def ana():
    return AEFactory(name="Ana Kovač")


@pytest.fixture
def bob():
    return AEFactory(name="Bob Vance")


# --- whose deal it is -----------------------------------------------------------------------------


def test_a_deal_belongs_to_those_who_held_it_on_its_last_open_day(nora, ana, bob):
    """Opened in June, given from Ana to Bob on 20 August: Ana's in July, Bob's in August and in Q3."""
    one = deal(nora, ana, at(6, 1))
    give(one, OWNER, bob, at(8, 20))
    whose = {
        period: [
            len(joint_scorecard(nora, ae, standing(nora, ana, period).period, today=TODAY).shared)
            for ae in (ana, bob)
        ]
        for period in ("2026-06", "2026-07", "2026-08", "2026-Q2", "2026-Q3", "2026-W34", "2026-W35")
    }
    assert whose == {
        "2026-06": [1, 0], "2026-07": [1, 0], "2026-08": [0, 1], "2026-Q2": [1, 0], "2026-Q3": [0, 1],
        "2026-W34": [0, 1], "2026-W35": [0, 1],
    }  # fmt: skip


def test_who_gets_a_deal_after_it_closed_that_day_has_no_part_in_it(nora, ana, bob):
    one = deal(nora, ana, at(7, 1))
    move(one, "Won", at(8, 20, 10))
    give(one, OWNER, bob, at(8, 20, 11))
    assert ratio(standing(nora, ana), Key.AT_THE_INK) == (0, 1)
    assert ratio(standing(nora, bob), Key.AT_THE_INK) == (0, 0)


def test_a_deal_closed_before_the_period_or_opened_after_it_is_not_in_it(nora, ana):
    closed, later = deal(nora, ana, at(5, 4)), deal(nora, ana, at(9, 10))
    move(closed, "Won", at(6, 30))
    assert ratio(standing(nora, ana), Key.DOCUMENTED) == (0, 1)
    assert ratio(standing(nora, ana, "2026-Q2"), Key.DOCUMENTED) == (0, 1)
    assert ratio(standing(nora, ana, "2026-08"), Key.DOCUMENTED) == (0, 0)
    assert joint_scorecard(nora, ana, Q3, today=TODAY).shared[0].story.deal == later


# --- the partner manager's side -------------------------------------------------------------------


def test_involvement_counts_covered_visits_of_the_period(nora, ana):
    one = deal(nora, ana, at(6, 15))
    act(nora, PM, at(6, 20), one)  # in the first visit, but before the period
    move(one, "Discovery", at(7, 8))  # first visit: 5 working days of July, uncovered in it
    move(one, "Solution fit", at(7, 9, 9))  # one working day, uncovered: left out
    act(nora, PM, at(7, 9, 10), one)  # one working day, but covered
    move(one, "Proposal", at(7, 10, 9))
    assert states(standing(nora, ana), Key.INVOLVEMENT) == "mdo"
    act(ana, AE, at(9, 1), one)
    assert states(standing(nora, ana), Key.INVOLVEMENT) == "mdo"
    voided = act(nora, PM, at(9, 1), one, voided_at=at(9, 2), voided_by=nora)
    assert states(standing(nora, ana), Key.INVOLVEMENT) == "mdo"
    Action.objects.filter(pk=voided.pk).update(voided_at=None, voided_by=None)
    assert states(standing(nora, ana), Key.INVOLVEMENT) == "mdd"
    assert states(standing(nora, ana, "2026-08"), Key.INVOLVEMENT) == "m"


def test_at_the_ink_looks_at_the_last_fourteen_days(nora, ana):
    for last_seen in (at(8, 6), at(8, 7), at(8, 20)):  # closed on the 20th: the 7th is the first day
        one = deal(nora, ana, at(7, 1))
        act(nora, PM, last_seen, one)
        move(one, "Won", at(8, 20, 15))
    reopened = deal(nora, ana, at(7, 1))
    move(reopened, "Lost", at(8, 3))
    move(reopened, "Qualify", at(9, 1))
    assert states(standing(nora, ana), Key.AT_THE_INK) == "mdd"


def test_a_deal_closed_on_the_day_it_was_opened(nora, ana):
    one = deal(nora, ana, at(8, 20, 9))
    act(nora, PM, at(8, 20, 10), one)
    act(ana, AE, at(8, 20, 10), one)
    move(one, "Won", at(8, 20, 11))
    now = standing(nora, ana)
    assert [states(now, key) for key in (Key.INVOLVEMENT, Key.AT_THE_INK, Key.DOCUMENTED, Key.MOVING)] == [
        "d"
    ] * 4


def test_obstacles_count_when_they_are_due_or_cleared(nora, ana):
    one = deal(nora, ana, at(7, 1))
    raised = at(8, 1)
    obstacle(one, raised, date(2026, 8, 20), at(8, 20, 23), by=ana)  # on its day
    obstacle(one, raised, date(2026, 8, 21), at(8, 22, 0), by=ana)  # the day after
    obstacle(one, raised, date(2026, 9, 14), by=ana)  # overdue since yesterday
    obstacle(one, raised, date(2026, 9, 15), by=ana)  # due today
    obstacle(one, raised, date(2026, 9, 29), at(9, 2), by=ana)  # not due, cleared already
    obstacle(one, raised, date(2026, 9, 29), by=ana, needs_partner=False)
    obstacle(one, raised, None, at(9, 2), by=ana)
    obstacle(one, raised, date(2026, 10, 1), at(9, 2), by=ana)
    now = standing(nora, ana)
    assert states(now, Key.OBSTACLES) == "dmmd"
    assert len(now.measure(Key.OBSTACLES).owed) == 2
    assert states(standing(nora, ana, today=date(2026, 9, 16)), Key.OBSTACLES) == "dmmmd"


def test_coaching_is_held_against_the_share_of_the_target(nora, ana, bob):
    """Two sessions a month are six a quarter: three for each of the two whose deals Nora shares."""
    TargetFactory(user=nora, metric="action_count", metric_key="coaching_session", value=2)
    deal(nora, ana, at(7, 1))
    coach(nora, ana, at(7, 10))
    assert ratio(standing(nora, ana), Key.COACHING) == (1, 6)
    deal(nora, bob, at(7, 1))
    for when in (at(6, 30), at(10, 1)):
        coach(nora, ana, when)  # outside of the period
    coach(nora, ana, at(8, 10), voided_at=at(8, 11), voided_by=nora)
    coach(nora, ana, at(8, 10), confirmation="disputed", confirmed_at=at(8, 11))
    coach(nora, bob, at(8, 10))
    coach(ana, nora, at(8, 10))
    now = standing(nora, ana)
    assert ratio(now, Key.COACHING) == (1, 3)
    assert [row.state for row in now.measure(Key.COACHING).lacking] == ["open"] * 2
    assert len(now.measure(Key.COACHING).owed) == 2
    for _ in range(4):
        coach(nora, ana, at(9, 1))
    assert standing(nora, ana).measure(Key.COACHING).ratio == 1
    assert standing(nora, ana, today=date(2026, 10, 1)).measure(Key.COACHING).owed == ()


def test_points_of_the_category_are_worth_sessions(nora, ana):
    """30 points a quarter at 2 points a session are 15 sessions."""
    TargetFactory(user=nora, metric="category_points", metric_key="coaching", value=30, period_kind="quarter")
    deal(nora, ana, at(7, 1))
    coach(nora, ana, at(7, 10))
    assert ratio(standing(nora, ana), Key.COACHING) == (1, 15)


def test_without_a_target_coaching_is_left_out(nora, ana):
    deal(nora, ana, at(7, 1))
    coach(nora, ana, at(7, 10))
    assert standing(nora, ana).measure(Key.COACHING).ratio is None


# --- the account executive's side -----------------------------------------------------------------


def test_documented_looks_at_the_last_fourteen_open_days(nora, ana):
    for last_seen in (at(9, 1), at(9, 2)):  # today is the 15th: the 2nd is the first day
        act(ana, AE, last_seen, deal(nora, ana, at(7, 1)))
    closed = deal(nora, ana, at(7, 1))
    act(ana, AE, at(7, 20), closed)
    act(ana, AE, at(8, 5), closed)  # after the close
    move(closed, "Won", at(8, 4))
    assert states(standing(nora, ana), Key.DOCUMENTED) == "odm"
    assert states(standing(nora, ana, "2026-08"), Key.DOCUMENTED) == "mmm"
    assert len(standing(nora, ana).measure(Key.DOCUMENTED).owed) == 1


def test_moving_counts_visits_within_their_expected_days(nora, ana):
    stages(Qualify=5, Discovery=0, Proposal=40, Solution_fit=None)
    one = deal(nora, ana, at(6, 26))  # a Friday, before the period
    move(one, "Discovery", at(7, 3))  # 26, 29, 30 June, 1, 2 July: five working days
    move(one, "Solution fit", at(7, 5))  # one working day, the Friday, and a weekend: over by one
    move(one, "Proposal", at(9, 1))  # nothing expected
    late = deal(nora, ana, at(7, 20))  # a Monday
    move(late, "Proposal", at(7, 28))  # six working days
    now = standing(nora, ana)
    assert states(now, Key.MOVING) == "dmdmd"
    # On 1 September, Proposal of the second deal had 28 July to 31 August: 25 working days.
    assert [row.days_left for row in now.measure(Key.MOVING).rows] == [0, -1, 30, -1, 5]


def test_a_visit_without_a_working_day_is_neither_late_nor_missed(nora, ana):
    stages(Qualify=0)
    one = deal(nora, ana, at(8, 1, 9))  # a Saturday
    move(one, "Discovery", at(8, 2, 9))
    move(one, "Won", at(8, 2, 10))
    now = standing(nora, ana)
    assert (states(now, Key.INVOLVEMENT), states(now, Key.MOVING)) == ("", "dd")


def test_obstacles_have_to_be_raised_before_a_visit_runs_over(nora, ana):
    """Five days are expected from Monday 3 August: the tenth is the first day beyond them."""
    stages(Qualify=5, Discovery=5)
    for raised, cleared in (
        (at(8, 7), None),
        (at(8, 10, 0), None),
        (at(7, 20), at(8, 3)),
        (at(7, 20), at(8, 2)),
    ):
        one = deal(nora, ana, at(8, 3, 9))
        obstacle(one, raised, cleared=cleared, by=nora, needs_partner=False)
    in_time = deal(nora, ana, at(8, 3))
    move(in_time, "Discovery", at(8, 10))
    move(in_time, "Won", at(8, 11))
    assert states(standing(nora, ana), Key.RAISED_IN_TIME) == "dmdm"


def test_follow_through_gives_five_working_days(nora, ana, bob):
    """Brought on Monday 3 August: Monday the 10th is the last day."""
    for acted_on in (at(8, 3, 13), at(8, 10, 23), at(8, 11)):
        one = deal(nora, ana, at(8, 3, 9))
        source(one)
        act(ana, AE, acted_on, one)
    waiting = deal(nora, None, at(7, 1))  # the hand-over comes later
    source(waiting)
    give(waiting, OWNER, ana, at(9, 8))
    influenced = deal(nora, ana, at(8, 3))
    passed_on = deal(nora, bob, at(8, 3))
    source(passed_on)
    give(passed_on, OWNER, ana, at(8, 20))
    adopted = deal(bob, ana, at(8, 3))  # another partner manager brought it
    source(adopted)
    give(adopted, MANAGER, nora, at(8, 4))
    assert influenced.pk
    assert states(standing(nora, ana), Key.FOLLOW_THROUGH) == "ddmo"
    assert states(standing(nora, ana, today=date(2026, 9, 16)), Key.FOLLOW_THROUGH) == "ddmm"
    assert states(standing(nora, bob), Key.FOLLOW_THROUGH) == "m"
    Absence.objects.create(user=ana, starts_on=date(2026, 8, 5), ends_on=date(2026, 8, 6))
    Holiday.objects.create(date=date(2026, 9, 10), name="Feast")
    assert states(standing(nora, ana), Key.FOLLOW_THROUGH) == "dddo"
    assert states(standing(nora, ana, today=date(2026, 9, 16)), Key.FOLLOW_THROUGH) == "dddo"


# --- promises -------------------------------------------------------------------------------------


def test_promises_have_to_be_kept_by_their_day(nora, ana, bob):
    one = deal(nora, ana, at(7, 1))
    elsewhere = deal(None, bob, at(7, 1))
    promise(nora, ana, date(2026, 7, 1), one, "kept")
    promise(nora, ana, date(2026, 8, 1), elsewhere, "late")
    promise(nora, ana, date(2026, 8, 2), one, "broken")
    promise(nora, ana, date(2026, 8, 3), one, "withdrawn", settled=at(8, 2, 23))
    promise(nora, ana, date(2026, 8, 4), one, "withdrawn", settled=at(8, 4, 0))
    promise(nora, ana, date(2026, 9, 14), one)
    promise(nora, ana, date(2026, 9, 15), one)
    promise(nora, ana, date(2026, 9, 30), one, "kept", settled=at(9, 1))
    promise(nora, ana, date(2026, 10, 1), one, "kept", settled=at(9, 1))
    promise(nora, None, date(2026, 8, 5), one, "kept")
    promise(nora, bob, date(2026, 8, 5), one, "kept")
    promise(ana, nora, date(2026, 8, 5), one, "kept")
    now = standing(nora, ana)
    assert (states(now, Key.PM_COMMITMENTS), states(now, Key.AE_COMMITMENTS)) == ("dmmmmd", "d")
    assert len(now.measure(Key.PM_COMMITMENTS).owed) == 2


# --- the whole ------------------------------------------------------------------------------------


def test_too_little_to_judge(nora, ana):
    nothing = standing(nora, ana)
    assert (nothing.score, nothing.pm_side.score, nothing.ae_side.score) == (None, None, None)
    assert all(measure.ratio is None for measure in nothing.measures)
    stages(Qualify=100)
    deal(nora, ana, at(7, 1))
    now = standing(nora, ana)
    assert (now.pm_side.score, now.ae_side.score, now.score) == (None, 50, None)  # 0 of 1, 1 of 1


def test_a_side_is_the_mean_of_its_components(nora, ana):
    """PM: 0 of 1 visits, 1 of 2 promises. AE: 1 of 1 documented, 0 of 1 in time, 0 of 1 obstacles."""
    stages(Qualify=5)
    one = deal(nora, ana, at(7, 1))
    act(ana, AE, at(9, 14), one)
    promise(nora, ana, date(2026, 8, 1), one, "kept")
    promise(nora, ana, date(2026, 8, 2), one, "broken")
    now = standing(nora, ana)
    assert (now.pm_side.score, now.ae_side.score) == (25, Fraction(100, 3))
    assert str(now.score) == "28.8675"  # √(2500/3) = 28.86751…
    (line,) = pairs_of(Q3, viewer=AdminFactory(), today=TODAY)
    assert (line.pm, line.ae, line.shared) == (nora, ana, 1)
    assert (line.pm_score, line.ae_score, str(line.score)) == (25, Fraction(100, 3), "28.8675")


def test_outcomes_stand_beside_it(nora, ana):
    for status, when in (("Won", at(8, 20)), ("Won", at(8, 21)), ("Lost", at(8, 22))):
        move(deal(nora, ana, at(7, 1)), status, when)
    for status in ("Won", "Lost", "Lost"):
        move(deal(None, ana, at(7, 1)), status, at(9, 1))
    deal(nora, ana, at(9, 1))
    after = deal(nora, ana, at(9, 1))
    foreign = deal(nora, ana, at(9, 1))
    Opportunity.objects.filter(pk=foreign.pk).update(currency="CHF")
    now = joint_scorecard(nora, ana, Q3, today=TODAY).outcomes
    assert (now.won.count, now.won.money.minor) == (2, 200_000)
    assert (now.lost.count, now.lost.money.minor) == (1, 100_000)
    assert (now.pipeline.count, now.pipeline.money.minor) == (3, 200_000)
    assert [str(money.currency) for money in now.pipeline.left_out] == ["CHF"]
    assert (now.win_rate, now.alone_win_rate) == (Fraction(2, 3), Fraction(1, 3))
    assert now.ae_results.won.amount.minor == 300_000
    move(after, "Won", at(10, 2))
    assert joint_scorecard(nora, ana, Q3, today=date(2026, 10, 5)).outcomes.pipeline.count == 3


def test_the_trend_reads_each_period_as_it_stood(nora, ana):
    one = deal(nora, ana, at(6, 1))
    act(nora, PM, at(7, 15), one)
    trend = joint_trend(nora, ana, standing(nora, ana, "2026-09").period, periods=4, today=TODAY)
    assert [one.period.key for one in trend] == ["2026-06", "2026-07", "2026-08", "2026-09"]
    assert [ratio(one, Key.INVOLVEMENT) for one in trend] == [(0, 1), (1, 1), (0, 1), (0, 1)]
    assert trend[-1].measures == standing(nora, ana, "2026-09").measures
