"""Random work on deals of random pairs, on days that come and go, against the oracle.

All that the machine of the scores does happens here too. `JOINT_SEQUENCES` sets how many sequences run.
"""

import os
from datetime import date, timedelta
from unittest.mock import patch
from zoneinfo import ZoneInfo

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import rule, run_state_machine_as_test

from accounts.models import Organisation
from apr.models import Action, Target
from apr.periods import PeriodKind, period_containing
from opportunities.models import Commitment, Obstacle, Opportunity
from tests.apr.test_rollup_machine import ZONES, Work, any_row, days, hours, instant, nth, people
from tests.factories import AdminFactory
from tests.oracle.compare import listed_pairs, reckoned_pairs, shown_pair
from tests.oracle.dump import dump
from tests.oracle.scores import Oracle

capacities = st.sampled_from(["partner_manager", "account_executive", "coach"])
outcomes = st.sampled_from(["open", "kept", "late", "broken", "withdrawn"])
periods = st.sampled_from(list(PeriodKind))


class JointWork(Work):
    """The same people, with deals, obstacles and promises between them; today is any day."""

    def __init__(self) -> None:
        super().__init__()
        self.admin = AdminFactory()
        self.today = date(2024, 3, 15)
        self.clock = patch.object(Organisation, "today", lambda _organisation: self.today)
        self.clock.start()

    def teardown(self) -> None:
        self.clock.stop()
        super().teardown()

    @rule(day=days)
    def another_day(self, day):
        self.today = day

    @rule(n=any_row, who=people, capacity=capacities, day=days, hour=hours)
    def act(self, n, who, capacity, day, hour):
        if deal := nth(Opportunity.objects.all(), n):
            at = instant(day, hour)
            Action.objects.create(
                actor=self.users[who],
                action_type=self.types[0],
                capacity=capacity,
                occurred_at=at,
                occurred_on=at.astimezone(ZoneInfo(ZONES[who])).date(),
                opportunity=deal,
            )

    @rule(n=any_row, day=days, due=st.none() | days, cleared=st.none() | days, hour=hours)
    def block(self, n, day, due, cleared, hour):
        if deal := nth(Opportunity.objects.all(), n):
            until = None if cleared is None else max(instant(cleared, hour), instant(day, 5))
            Obstacle.objects.create(
                opportunity=deal,
                description="Budget",
                raised_by=self.users[0],
                raised_at=instant(day, 5),
                needs_partner=hour % 3 > 0,
                due_on=due,
                cleared_at=until,
                cleared_by=None if until is None else self.users[0],
            )

    @rule(n=any_row, day=days)
    def clear(self, n, day):
        if obstacle := nth(Obstacle.objects.all(), n):
            at = max(instant(day, 12), obstacle.raised_at)
            Obstacle.objects.filter(pk=obstacle.pk).update(cleared_at=at, cleared_by=self.users[1])

    @rule(n=any_row, by=people, to=st.none() | people, due=days, outcome=outcomes, late=st.integers(-2, 2))
    def promise(self, n, by, to, due, outcome, late):
        deal = nth(Opportunity.objects.all(), n)
        if deal and by != to:
            Commitment.objects.create(
                opportunity=deal,
                made_by=self.users[by],
                made_to=None if to is None else self.users[to],
                text="Send the offer",
                due_on=due,
                outcome=outcome,
                settled_at=None if outcome == "open" else instant(due + timedelta(days=late), 23),
            )

    @rule(n=any_row, outcome=outcomes, day=days)
    def settle(self, n, outcome, day):
        if promise := nth(Commitment.objects.all(), n):
            at = None if outcome == "open" else instant(day, 1)
            Commitment.objects.filter(pk=promise.pk).update(outcome=outcome, settled_at=at)

    @rule(
        metric=st.sampled_from([("action_count", "coaching_session"), ("category_points", "coaching")]),
        who=people,
        kind=periods,
        value=st.sampled_from([0, 4, 30]),
        day=days,
    )
    def expect_coaching(self, metric, who, kind, value, day):
        Target.objects.create(
            user=self.users[who],
            metric=metric[0],
            metric_key=metric[1],
            period_kind=kind,
            value=value,
            effective_from=day,
            why="Because.",
        )

    @rule(zone=st.sampled_from([*ZONES, "UTC"]))
    def relocate(self, zone):
        Organisation.objects.update(time_zone=zone)

    @rule(day=days, pm=people, ae=people, digested=st.booleans())
    def look_at_all_periods(self, day, pm, ae, digested):
        if digested:
            self.digest()
        for kind in PeriodKind:
            self.compare_pairs(day, kind, pm, ae)

    @rule(kind=periods, pm=people, ae=people, later=st.integers(0, 9))
    def look_at_pairs_on_another_day(self, kind, pm, ae, later):
        self.digest()
        self.today += timedelta(days=later)
        self.compare_pairs(self.today, kind, pm, ae)

    def compare_pairs(self, day, kind, pm, ae):
        organisation = Organisation.objects.get()
        period = period_containing(day, kind, organisation.fiscal_first_month)
        reckoned = reckoned_pairs(Oracle(dump()), period, self.today)
        listed = listed_pairs(self.admin, period, self.today)
        assert listed == {
            pair: figures
            for pair, figures in reckoned.items()
            if figures["shared"][0] or figures["follow_through"][1]
        }
        if pm != ae:
            one, other = self.users[pm], self.users[ae]
            assert shown_pair(one, other, period, self.today) == reckoned[one.pk, other.pk]


@pytest.mark.django_db
def test_every_pair_agrees_with_the_oracle():
    run_state_machine_as_test(
        JointWork,
        settings=settings(
            max_examples=int(os.environ.get("JOINT_SEQUENCES", "8")),
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
