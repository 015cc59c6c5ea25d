"""What is stored of joint scorecards: right at every moment, also past midnight, also with workers down."""

from datetime import date, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Absence, Holiday, Membership, Organisation
from apr.joint import Key, joint_scorecard, pairs_of
from apr.joint.weights import set_weights
from apr.models import Action, CoachingTally, JointFact, JointReckoning, StaleJoint, StaleWide
from apr.periods import parse_period
from apr.rollup.audit import audit
from apr.rollup.drain import MARKS, drain, rebuild
from foundation.errors import InvalidInput, NotAllowed
from opportunities.models import (
    Assignment,
    Capacity,
    Commitment,
    Obstacle,
    Opportunity,
    PartnerInvolvement,
    StageChange,
)
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
    source,
    stages,
)
from tests.factories import AdminFactory, AEFactory, LeaderFactory, PMFactory, TargetFactory, TeamFactory
from tests.oracle.compare import listed_pairs

pytestmark = pytest.mark.django_db
PERIODS = ["2026", "2026-Q2", "2026-Q3", "2026-Q4", "2026-08", "2026-09", "2026-W36", "2026-W38"]


@pytest.fixture
def clock():
    with time_machine.travel(at(9, 15), tick=False) as traveller:
        yield traveller


@pytest.fixture
def nora():
    return PMFactory(name="Nora Lindqvist")


@pytest.fixture
def ana():
    return AEFactory(name="Ana Kovač")


@pytest.fixture
def bob():
    return AEFactory(name="Bob Vance")


@pytest.fixture
def ada():
    return AdminFactory()


@pytest.fixture
def busy(clock, nora, ana, bob):
    """Deals in all states, some of them still running, with promises and obstacles that lie ahead."""
    stages(Qualify=5, Discovery=20)
    TargetFactory(user=nora, metric="action_count", metric_key="coaching_session", value=2)
    running, closed, brought = (
        deal(nora, ana, at(6, 15)),
        deal(nora, ana, at(7, 1)),
        deal(nora, bob, at(9, 9)),
    )
    for one, who in ((running, "partner_manager"), (closed, "account_executive")):
        act(nora, who, at(8, 5), one)
    act(ana, "account_executive", at(9, 2), running)
    move(running, "Discovery", at(8, 18))
    move(closed, "Won", at(8, 19))
    source(brought)
    coach(nora, ana, at(8, 10))
    coach(nora, bob, at(9, 10))
    obstacle(running, at(8, 1), date(2026, 9, 15), by=ana)
    promise(nora, ana, date(2026, 9, 15), closed)
    promise(ana, nora, date(2026, 10, 2), running, "kept", settled=at(9, 1))
    return running, closed, brought


def listed(ada, today=None):
    """All pairs in all periods, as the store and what is stale give them."""
    return [listed_pairs(ada, parse_period(key), today or Organisation.current().today()) for key in PERIODS]


def live():
    """The same with nothing stored."""
    everything = StaleWide.objects.create(shard=16, reason="everything")
    try:
        return listed(AdminFactory())
    finally:
        everything.delete()


def settle():
    drain()
    assert not any(model.objects.exists() for model in MARKS)


def test_the_list_is_the_same_before_and_after_the_digest(busy, ada):
    before = listed(ada)
    assert any(before)
    assert StaleJoint.objects.exists()
    settle()
    assert JointFact.objects.exists()
    assert listed(ada) == before == live()
    assert audit().differences == 0


def test_lists_and_cards_say_the_same(busy, nora, ana, bob, ada):
    settle()
    for key in PERIODS:
        for one in pairs_of(parse_period(key), viewer=ada):
            card = joint_scorecard(one.pm, one.ae, parse_period(key)).standing
            assert [m.component for m in card.measures] == list(one.components.values())
            assert (card.pm_side.score, card.ae_side.score, card.score) == (
                one.pm_score,
                one.ae_score,
                one.score,
            )


def test_settled_figures_are_read_from_the_store(busy, nora, bob, ada):
    settle()
    JointFact.objects.filter(pm=nora, ae=bob, unit="quarter").update(documented_done=7)
    CoachingTally.objects.filter(user=nora, counterpart=bob).update(count=5)
    (_, of_bob) = pairs_of(Q3, viewer=ada)
    assert of_bob.components[Key.DOCUMENTED].numerator == 7
    assert of_bob.components[Key.COACHING].numerator == 5
    assert audit().differences == 2
    settle()
    assert audit().differences == 0
    assert pairs_of(Q3, viewer=ada)[1].components[Key.COACHING].numerator == 1


@pytest.mark.parametrize("later", [1, 2, 7, 16, 40])
def test_a_new_day_is_right_before_anything_has_run(busy, clock, ada, later):
    settle()
    clock.move_to(at(9, 15) + timedelta(days=later))
    expected = live()
    assert listed(ada) == expected
    assert audit().differences == 0  # what a day has passed is nobody's error
    assert not StaleJoint.objects.exists()
    settle()
    assert listed(ada) == expected
    assert audit().differences == 0
    assert not JointReckoning.objects.filter(valid_until__lte=Organisation.current().today()).exists()


def test_what_is_over_and_done_is_reckoned_once(busy, clock):
    _running, closed, _brought = busy
    Commitment.objects.filter(opportunity=closed).update(outcome="kept", settled_at=at(9, 15))
    settle()
    assert JointReckoning.objects.get(opportunity=closed).valid_until is None
    clock.move_to(at(9, 17))
    settle()
    assert JointReckoning.objects.get(opportunity=closed).reckoned_on == TODAY
    assert set(JointReckoning.objects.exclude(opportunity=closed).values_list("reckoned_on", flat=True)) == {
        date(2026, 9, 17)
    }


def test_a_rebuild_needs_no_marks(busy, ada):
    right = live()
    for model in (*MARKS, JointFact, CoachingTally, JointReckoning):
        model.objects.all().delete()
    rebuild()
    assert listed(ada) == right
    assert audit().differences == 0


def test_a_deal_that_was_never_reckoned_is_found(busy):
    settle()
    JointReckoning.objects.all().delete()
    JointFact.objects.all().delete()
    assert listed(AdminFactory()) == live()
    assert audit().differences == 3
    settle()
    assert JointReckoning.objects.count() == 3


# --- marks ----------------------------------------------------------------------------------------


def test_whatever_changes_a_deals_part_marks_it(busy, nora, ana, bob):
    running, _closed, brought = busy
    here = {"opportunity": running}
    acts = [
        lambda: Opportunity.objects.filter(pk=running.pk).update(status="won", closed_on=TODAY),
        lambda: move(running, "Proposal", at(9, 14)),
        lambda: StageChange.objects.filter(**here).update(expected_days=3),
        lambda: give(running, Capacity.PARTNER_MANAGER, bob, at(9, 14)),
        lambda: Assignment.objects.filter(**here, ends_at__isnull=True).update(starts_at=at(9, 13)),
        lambda: source(running),
        lambda: PartnerInvolvement.objects.filter(**here).delete(),
        lambda: act(ana, "account_executive", at(9, 14), running),
        lambda: Action.objects.filter(**here).update(capacity="coach"),
        lambda: Action.objects.filter(**here).update(voided_at=at(9, 15), voided_by=ana),
        lambda: obstacle(running, at(9, 14), by=ana),
        lambda: Obstacle.objects.filter(**here).update(cleared_at=at(9, 15), cleared_by=ana),
        lambda: promise(nora, ana, TODAY, running),
        lambda: Commitment.objects.filter(**here).update(outcome="kept", settled_at=at(9, 15)),
        lambda: Action.objects.filter(**here).update(opportunity=brought),
    ]
    for n, change in enumerate(acts):
        settle()
        change()
        marked = set(StaleJoint.objects.values_list("opportunity_id", "shard"))
        deals = {running.pk, brought.pk} if n == len(acts) - 1 else {running.pk}
        assert marked == {(pk, pk % 16) for pk in deals}, n
    settle()
    Opportunity.objects.filter(pk=running.pk).update(name="Another", amount_minor=7)
    Action.objects.update(notes="They liked it.", opportunity=None)
    settle()
    coach(nora, ana, at(9, 15))
    assert not StaleJoint.objects.exists()


def test_calendars_mark_widely(busy, ana):
    acts = [
        (lambda: Holiday.objects.create(date=date(2026, 8, 20), name="Feast"), "calendar"),
        (lambda: Organisation.objects.update(working_week="0123"), "calendar"),
        (lambda: Organisation.objects.update(time_zone="Asia/Tokyo"), "calendar"),
        (lambda: Organisation.objects.update(fiscal_first_month=4), "calendar"),
        (lambda: Absence.objects.create(user=ana, starts_on=TODAY, ends_on=date(2026, 9, 20)), "absence"),
    ]
    for change, reason in acts:
        settle()
        change()
        assert set(StaleWide.objects.values_list("reason", flat=True)) == {reason}
        expected = live()
        assert listed(AdminFactory()) == expected
        settle()
        assert listed(AdminFactory()) == expected
        assert audit().differences == 0


# --- who reads which pairs ------------------------------------------------------------------------


def test_pairs_are_read_along_either_reporting_line(busy, nora, ana, bob, ada):
    priya, lars, otto = LeaderFactory(), LeaderFactory(), LeaderFactory()
    north = TeamFactory(leaders=[priya], members=[nora], kind="partner")
    TeamFactory(leaders=[lars], members=[ana])
    stranger = TeamFactory(leaders=[otto], members=[AEFactory()])
    both = [(nora, ana), (nora, bob)]

    def seen(who, **only):
        return [(one.pm, one.ae) for one in pairs_of(Q3, viewer=who, **only)]

    assert [seen(who) for who in (nora, priya, ada)] == [both] * 3
    assert [seen(who) for who in (ana, lars)] == [both[:1]] * 2
    assert (seen(bob), seen(otto)) == (both[1:], [])
    assert seen(ada, people=[bob.pk]) == both[1:]
    assert seen(ada, people=north.memberships.values_list("user", flat=True)) == both
    assert seen(ada, people=stranger.memberships.values_list("user", flat=True)) == []
    Membership.objects.filter(user=nora).update(ends_on=date(2026, 8, 1))
    assert seen(priya) == both  # she led Nora in July
    Membership.objects.filter(user=nora).update(ends_on=date(2026, 7, 1))
    assert seen(priya) == []


def test_five_hundred_pairs_cost_as_many_queries_as_one(busy, ada, nora):
    settle()

    def queries():
        with CaptureQueriesContext(connection) as captured:
            pairs_of(Q3, viewer=ada)
        return len(captured)

    assert ada.is_admin  # asked for once a page
    before = queries()
    for _ in range(12):
        deal(PMFactory(), AEFactory(), at(7, 1))
    settle()
    assert queries() == before < 15


# --- weights --------------------------------------------------------------------------------------


def test_weights_rule_cards_and_lists(clock, nora, ana, ada):
    stages(Qualify=5)
    one = deal(nora, ana, at(7, 1))
    act(ana, "account_executive", at(9, 14), one)  # documented 1 of 1, moving 0 of 1, obstacles 0 of 1
    set_weights(by=ada, documented=6, moving=2, obstacles_raised_in_time=0)
    (line,) = pairs_of(Q3, viewer=ada)
    assert joint_scorecard(nora, ana, Q3).standing.ae_side.score == line.ae_score == 75
    set_weights(by=ada, moving=0)
    assert joint_scorecard(nora, ana, Q3).standing.ae_side.score is None
    with pytest.raises(NotAllowed):
        set_weights(by=nora, moving=1)
    with pytest.raises(InvalidInput):
        set_weights(by=ada, moving=101)
    with pytest.raises(TypeError):
        set_weights(by=ada, luck=1)
