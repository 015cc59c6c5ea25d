"""What people are told, by the task: whom, in which words, once, and only while the reason holds."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from apr.models import Notification, NotificationChoice, NudgeKind, NudgeRules
from apr.nudges import telling
from apr.nudges.words import told
from apr.services.actions import answer_action, log_action, void_action
from apr.tasks import nudge
from opportunities.models import Capacity, CommitmentOutcome, Opportunity
from opportunities.services.handovers import accept, offer
from opportunities.services.people import assign
from opportunities.services.work import clear_obstacle, move_promise, settle_promise
from tests.factories import (
    ActionFactory,
    AEFactory,
    CommitmentFactory,
    ObstacleFactory,
    OpportunityFactory,
    PartnerFactory,
    PMFactory,
    TargetFactory,
    action_type,
    stage,
)


def open_ones():
    """What each person is told now: name → kinds in the order of the list."""
    found = {}
    for row in Notification.objects.open().select_related("person"):
        found.setdefault(row.person.name, []).append(row.kind)
    return found


def words_for(person, kind):
    row = Notification.objects.open().get(person=person, kind=kind)
    return told(row).what


def near(deal, day):
    Opportunity.objects.filter(pk=deal.pk).update(expected_close_on=day, opened_on=date(2026, 8, 3))


def acted(actor, deal, at=None, **about):
    return log_action(
        by=actor,
        actor=actor,
        action_type=action_type("call_to"),
        occurred_at=at or datetime(2026, 9, 15, 11, tzinfo=UTC),
        deal=deal,
        **about,
    )


def test_nothing_needs_anybody_on_a_deal_that_is_well(cast):
    nudge()
    assert open_ones() == {}


class TestOffers:
    @pytest.fixture
    def offered(self, cast):
        deal = OpportunityFactory(
            name="Halden platform",
            owner=None,
            partner_manager=cast.nora,
            opened_at=datetime(2026, 9, 14, 12, tzinfo=UTC),
        )
        norrvik = PartnerFactory(name="Norrvik Systems")
        return offer(
            opportunity_id=deal.pk,
            offered_to=cast.stella,
            by=cast.nora,
            partner=norrvik,
            due_on=date(2026, 9, 17),
        )

    def test_both_are_told_before_and_after_the_date_until_it_is_answered(self, cast, clock, offered):
        nudge()
        assert open_ones() == {"Nora Lindqvist": ["hand_over"], "Stella Nowak": ["hand_over"]}
        assert {words_for(person, "hand_over") for person in (cast.nora, cast.stella)} == {
            "Nora Lindqvist offers Stella Nowak the deal Halden platform, through Norrvik Systems"
        }
        clock.move_to(datetime(2026, 9, 18, 12, tzinfo=UTC))
        nudge()
        assert open_ones() == {"Nora Lindqvist": ["hand_over_overdue"], "Stella Nowak": ["hand_over_overdue"]}
        accept(hand_over_id=offered.pk, by=cast.stella)
        nudge()
        assert open_ones() == {}

    def test_the_way_leads_to_the_offer_which_both_see(self, cast, client, offered):
        nudge()
        for person in (cast.nora, cast.stella):
            client.force_login(person)
            row = Notification.objects.get(person=person)
            answer = client.post(f"/notifications/{row.pk}/follow/", follow=True)
            assert answer.redirect_chain == [(f"/opportunities/{offered.opportunity_id}/#hand-over", 302)]
            assert 'id="hand-over"' in answer.content.decode()


class TestNearTheClose:
    def test_both_are_told_the_same_words_until_the_partner_manager_acts(self, cast):
        near(cast.deal, date(2026, 9, 24))
        nudge()
        assert open_ones() == {"Nora Lindqvist": ["close_silent"], "Ana Kovač": ["close_silent"]}
        both = {words_for(person, "close_silent") for person in (cast.nora, cast.ana)}
        assert both == {"Acme renewal closes on Thu 24 Sep, and Nora Lindqvist has logged nothing on it yet"}
        acted(cast.nora, cast.deal)
        nudge()
        assert open_ones() == {}

    def test_an_action_of_the_account_executive_is_not_enough(self, cast):
        near(cast.deal, date(2026, 9, 24))
        acted(cast.ana, cast.deal)
        nudge()
        assert open_ones() == {"Nora Lindqvist": ["close_silent"], "Ana Kovač": ["close_silent"]}

    @pytest.mark.parametrize(("day", "is_told"), [(29, True), (30, False)])
    def test_near_is_fourteen_days(self, cast, day, is_told):
        near(cast.deal, date(2026, 9, day))
        nudge()
        assert bool(open_ones()) is is_told

    @pytest.mark.parametrize(("day", "is_told"), [(4, True), (7, True), (8, False)])
    def test_silence_is_more_than_the_days_that_the_rules_allow(self, cast, day, is_told):
        """Through yesterday: after Mon 7 September five working days are gone, after Tue 8 only four."""
        near(cast.deal, date(2026, 9, 24))
        acted(cast.nora, cast.deal, datetime(2026, 9, day, 11, tzinfo=UTC))
        NudgeRules.objects.update_or_create(pk=1, defaults={"silence_days": 4})
        nudge()
        assert bool(open_ones()) is is_told

    def test_a_close_in_the_past_says_so_and_since_when(self, cast):
        near(cast.deal, date(2026, 9, 11))
        acted(cast.nora, cast.deal, datetime(2026, 9, 1, 11, tzinfo=UTC))
        nudge()
        assert words_for(cast.ana, "close_silent") == (
            "Acme renewal should have closed on Fri 11 Sep, and Nora Lindqvist has logged nothing on it "
            "since 1 Sep"
        )

    def test_without_a_partner_manager_the_account_executive_is_told(self, cast):
        near(cast.deal, date(2026, 9, 24))
        assign(opportunity_id=cast.deal.pk, capacity=Capacity.PARTNER_MANAGER, person=None, by=cast.ana)
        nudge()
        assert open_ones() == {"Ana Kovač": ["close_alone"]}
        assert words_for(cast.ana, "close_alone") == (
            "Acme renewal closes on Thu 24 Sep and has no partner manager"
        )


def test_a_deal_over_its_stage_is_told_until_it_moves(cast):
    """Proposal expects 15 working days: from Mon 24 August, Mon 14 September is the sixteenth."""
    Opportunity.objects.filter(pk=cast.deal.pk).update(stage_entered_at=datetime(2026, 8, 24, 9, tzinfo=UTC))
    nudge()
    assert open_ones() == {"Nora Lindqvist": ["stage_overdue"], "Ana Kovač": ["stage_overdue"]}
    assert words_for(cast.nora, "stage_overdue") == (
        "Acme renewal has been in Proposal since Mon 24 Aug; 15 working days were expected"
    )
    Opportunity.objects.filter(pk=cast.deal.pk).update(stage_entered_at=datetime(2026, 8, 25, 9, tzinfo=UTC))
    nudge()
    assert open_ones() == {}


class TestPromises:
    def test_both_are_reminded_before_and_told_after(self, cast, clock):
        promise = CommitmentFactory(
            opportunity=cast.deal, made_by=cast.ana, made_to=cast.nora, due_on=date(2026, 9, 17)
        )
        clock.move_to(datetime(2026, 9, 14, 12, tzinfo=UTC))
        nudge()
        assert open_ones() == {}
        clock.move_to(datetime(2026, 9, 15, 12, tzinfo=UTC))
        nudge()
        assert open_ones() == {"Nora Lindqvist": ["promise_due"], "Ana Kovač": ["promise_due"]}
        assert words_for(cast.nora, "promise_due") == (
            "Ana Kovač promised Nora Lindqvist by Thu 17 Sep: Send the offer"
        )
        clock.move_to(datetime(2026, 9, 18, 12, tzinfo=UTC))
        nudge()
        assert open_ones() == {"Nora Lindqvist": ["promise_overdue"], "Ana Kovač": ["promise_overdue"]}
        settle_promise(commitment_id=promise.pk, outcome=CommitmentOutcome.KEPT, by=cast.ana)
        nudge()
        assert open_ones() == {}

    def test_a_new_date_is_a_new_reason(self, cast):
        promise = CommitmentFactory(opportunity=cast.deal, made_by=cast.ana, due_on=date(2026, 9, 16))
        nudge()
        move_promise(commitment_id=promise.pk, due_on=date(2026, 9, 30), by=cast.ana)
        nudge()
        assert open_ones() == {}
        assert words_for_closed(cast.nora) == ["Next step of Ana Kovač, due Wed 16 Sep: Send the offer"]

    @pytest.mark.parametrize(
        ("zone", "now", "kind"),
        [
            # 18 September begins in Kiritimati at 10:00 UTC of the 17th, in Niue at 11:00 of the 18th.
            ("Pacific/Kiritimati", datetime(2026, 9, 17, 9, 59, tzinfo=UTC), "promise_due"),
            ("Pacific/Kiritimati", datetime(2026, 9, 17, 10, 1, tzinfo=UTC), "promise_overdue"),
            ("Pacific/Niue", datetime(2026, 9, 18, 10, 59, tzinfo=UTC), "promise_due"),
            ("Pacific/Niue", datetime(2026, 9, 18, 11, 1, tzinfo=UTC), "promise_overdue"),
        ],
    )
    def test_it_is_overdue_by_the_date_of_who_made_it(self, cast, clock, zone, now, kind):
        cast.ana.time_zone = zone
        cast.ana.save()
        CommitmentFactory(
            opportunity=cast.deal, made_by=cast.ana, made_to=cast.nora, due_on=date(2026, 9, 17)
        )
        clock.move_to(now)
        nudge()
        assert open_ones() == {"Nora Lindqvist": [kind], "Ana Kovač": [kind]}

    def test_somebody_beside_the_deal_is_told_without_a_way_to_it(self, cast, client):
        CommitmentFactory(
            opportunity=cast.deal, made_by=cast.stella, made_to=cast.ana, due_on=date(2026, 9, 16)
        )
        nudge()
        assert set(open_ones()) == {"Nora Lindqvist", "Ana Kovač", "Stella Nowak"}
        row = Notification.objects.get(person=cast.stella)
        assert (row.deal, told(row).url) == (None, "/")
        client.force_login(cast.stella)
        assert client.get(f"/opportunities/{cast.deal.pk}/").status_code == 404


def words_for_closed(person):
    rows = Notification.objects.filter(person=person, closed_at__isnull=False)
    return [told(row).what for row in rows]


class TestObstacles:
    def test_they_are_told_before_and_after_and_until_cleared(self, cast, clock):
        row = ObstacleFactory(
            opportunity=cast.deal, raised_by=cast.ana, assigned_to=cast.nora, due_on=date(2026, 9, 17)
        )
        nudge()
        assert open_ones() == {"Nora Lindqvist": ["obstacle_due"], "Ana Kovač": ["obstacle_due"]}
        assert words_for(cast.ana, "obstacle_due") == (
            "To be cleared by Thu 17 Sep: Security questionnaire unanswered"
        )
        clock.move_to(datetime(2026, 9, 18, 12, tzinfo=UTC))
        nudge()
        assert open_ones() == {"Nora Lindqvist": ["obstacle_overdue"], "Ana Kovač": ["obstacle_overdue"]}
        clear_obstacle(obstacle_id=row.pk, by=cast.nora)
        nudge()
        assert open_ones() == {}

    def test_who_never_was_on_the_deal_does_not_learn_what_blocks_it(self, cast):
        ObstacleFactory(
            opportunity=cast.deal, raised_by=cast.ana, assigned_to=cast.stella, due_on=date(2026, 9, 16)
        )
        nudge()
        assert set(open_ones()) == {"Nora Lindqvist", "Ana Kovač"}


class TestWords:
    def test_the_colleague_is_asked_until_they_answer(self, cast):
        action = acted(cast.nora, cast.deal, counterpart=cast.ana)
        nudge()
        assert open_ones() == {"Ana Kovač": ["confirm"]}
        assert words_for(cast.ana, "confirm") == (
            "Nora Lindqvist logged with you on Tue 15 Sep: Call to, Acme renewal. Was it so?"
        )
        answer_action(action_id=action.pk, by=cast.ana, answer="confirmed")
        nudge()
        assert open_ones() == {}

    def test_what_was_taken_back_or_is_long_ago_asks_nobody(self, cast):
        action = acted(cast.nora, cast.deal, counterpart=cast.ana)
        void_action(action_id=action.pk, by=cast.nora)
        acted(cast.nora, cast.deal, datetime(2026, 8, 31, 9, tzinfo=UTC), counterpart=cast.ana)
        nudge()
        assert open_ones() == {}


class TestPace:
    def test_only_the_person_is_told_and_only_while_behind(self, cast):
        """60 a month over 22 working days; by Mon 14 September ten are gone: 27.27 expected, 20 is 0.73."""
        TargetFactory(user=cast.nora)
        for _ in range(20):
            ActionFactory(actor=cast.nora, occurred_at=datetime(2026, 9, 10, 9, tzinfo=UTC))
        nudge()
        assert open_ones() == {"Nora Lindqvist": ["target"]}
        row = Notification.objects.get()
        assert told(row).what == "Behind: 20 of 60 points in September 2026"
        assert told(row).why == (
            "27 were expected by yesterday. 3.3 a working day from here get you there. Only you are told."
        )
        for _ in range(8):
            ActionFactory(actor=cast.nora, occurred_at=datetime(2026, 9, 15, 9, tzinfo=UTC))
        nudge()
        assert open_ones() == {}

    def test_the_first_days_of_a_month_judge_nobody(self, cast, clock):
        TargetFactory(user=cast.nora)
        clock.move_to(datetime(2026, 9, 3, 12, tzinfo=UTC))  # 1 and 2 September are gone
        nudge()
        assert open_ones() == {}
        clock.move_to(datetime(2026, 9, 4, 12, tzinfo=UTC))
        nudge()
        assert open_ones() == {"Nora Lindqvist": ["target"]}


class TestWhoIsTold:
    def test_who_left_the_deal_or_the_company_is_not_told_any_more(self, cast):
        CommitmentFactory(opportunity=cast.deal, made_by=cast.ana, due_on=date(2026, 9, 16))
        nudge()
        assign(opportunity_id=cast.deal.pk, capacity=Capacity.PARTNER_MANAGER, person=None, by=cast.ana)
        nudge()
        assert set(open_ones()) == {"Ana Kovač"}
        cast.ana.is_active = False
        cast.ana.save()
        nudge()
        assert open_ones() == {}

    def test_nobody_hears_of_a_kind_they_do_not_want(self, cast):
        CommitmentFactory(opportunity=cast.deal, made_by=cast.ana, due_on=date(2026, 9, 16))
        nudge()
        NotificationChoice.objects.create(person=cast.nora, channels={"promise_due": "none"})
        nudge()
        assert open_ones() == {"Ana Kovač": ["promise_due"]}

    def test_an_administrator_switches_a_kind_off_for_all(self, cast, client):
        CommitmentFactory(opportunity=cast.deal, made_by=cast.ana, due_on=date(2026, 9, 16))
        nudge()
        client.force_login(cast.admin)
        kinds = [kind.value for kind in NudgeKind if kind != NudgeKind.PROMISE_DUE]
        numbers = {"close_days": 14, "silence_days": 5, "ahead_days": 2}
        assert client.post("/settings/nudges/", {"kinds_on": kinds, **numbers}).status_code == 302
        nudge()
        assert open_ones() == {}


class TestOnce:
    def test_a_second_run_changes_nothing(self, cast):
        CommitmentFactory(opportunity=cast.deal, made_by=cast.ana, due_on=date(2026, 9, 16))
        assert telling.tell() == telling.Run(opened=2)
        rows = list(Notification.objects.values())
        assert telling.tell() == telling.Run()
        assert list(Notification.objects.values()) == rows

    def test_the_database_refuses_the_same_twice_while_it_is_open(self, cast):
        CommitmentFactory(opportunity=cast.deal, made_by=cast.ana, due_on=date(2026, 9, 16))
        nudge()
        row = Notification.objects.filter(person=cast.ana).get()
        row.pk = None
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save(force_insert=True)

    @pytest.mark.parametrize("step", ["_open", "_close", "_change"])
    def test_a_run_that_is_broken_off_leaves_nothing_and_the_next_does_all(self, cast, monkeypatch, step):
        promise = CommitmentFactory(opportunity=cast.deal, made_by=cast.ana, due_on=date(2026, 9, 16))
        nudge()
        settle_promise(commitment_id=promise.pk, outcome=CommitmentOutcome.KEPT, by=cast.ana)
        CommitmentFactory(
            opportunity=cast.deal, made_by=cast.nora, made_to=cast.ana, due_on=date(2026, 9, 16)
        )
        before = list(Notification.objects.order_by("pk").values())

        def broken(*_):
            raise RuntimeError("the worker ends here")

        with monkeypatch.context() as patch:
            patch.setattr(telling, step, broken)
            with pytest.raises(RuntimeError):
                telling.tell()
        assert list(Notification.objects.order_by("pk").values()) == before
        assert telling.tell() == telling.Run(opened=2, closed=2)

    def test_what_comes_back_is_told_anew(self, cast):
        near(cast.deal, date(2026, 9, 24))
        nudge()
        near(cast.deal, date(2026, 12, 24))
        nudge()
        near(cast.deal, date(2026, 9, 24))
        nudge()
        rows = Notification.objects.filter(person=cast.ana).order_by("pk")
        assert [row.is_open for row in rows] == [False, True]


def test_as_many_queries_for_many_deals_as_for_few(cast):
    people = [(AEFactory(), PMFactory()) for _ in range(5)]
    TargetFactory(role="partner_manager")

    def fill(deals):
        for number in range(deals):
            owner, manager = people[number % 5]
            deal = OpportunityFactory(
                owner=owner,
                partner_manager=manager,
                stage=stage("Qualify"),
                expected_close_on=date(2026, 9, 20),
                opened_at=datetime(2026, 6, 1, 12, tzinfo=UTC),
            )
            CommitmentFactory(opportunity=deal, made_by=owner, made_to=manager, due_on=date(2026, 9, 16))
            ObstacleFactory(opportunity=deal, raised_by=owner, due_on=date(2026, 9, 1))

    def queries():
        with CaptureQueriesContext(connection) as captured:
            telling.tell()
        return len(captured)

    fill(10)
    telling.tell()
    few = queries()
    fill(40)
    telling.tell()
    assert Notification.objects.open().count() >= 50 * 2 * 4
    assert queries() == few <= 40


def test_settled_ones_are_forgotten_after_half_a_year(cast, clock):
    promise = CommitmentFactory(opportunity=cast.deal, made_by=cast.ana, due_on=date(2026, 9, 16))
    nudge()
    settle_promise(commitment_id=promise.pk, outcome=CommitmentOutcome.KEPT, by=cast.ana)
    nudge()
    CommitmentFactory(opportunity=cast.deal, made_by=cast.ana, due_on=date(2026, 9, 16))
    nudge()
    clock.shift(timedelta(days=181))
    assert telling.forget_old_notifications() == 2
    assert set(Notification.objects.values_list("kind", flat=True)) == {"promise_due"}
