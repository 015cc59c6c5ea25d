"""Random organisations and random work, through the doors, against the oracle.

`ROLLUP_SEQUENCES` sets how many sequences run (a few by default); each compares figures with the oracle while
changes are marked, half digested and digested, as integers and exact fractions.
"""

import os
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import hypothesis.strategies as st
import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from accounts.models import Absence, ExchangeRate, Holiday, Membership, Organisation, RoleGrant, Team, User
from apr.models import Action, ActionType, PointRule, Target
from apr.periods import PeriodKind, period_containing
from apr.rollup.audit import audit
from apr.rollup.drain import drain, drain_shard, rebuild, shards_with_marks
from apr.services.actions import log_action
from opportunities.models import (
    Assignment,
    Customer,
    Opportunity,
    PartnerInvolvement,
    Stage,
    StageChange,
)
from partners.models import Partner
from tests.oracle.compare import reckoned, shown
from tests.oracle.dump import dump
from tests.oracle.scores import Oracle

ZONES = ["Pacific/Kiritimati", "Pacific/Niue", "Australia/Lord_Howe", "Europe/Berlin"]
CURRENCIES = ["EUR", "USD", "JPY", "KWD"]
LONG_AGO = date(2020, 1, 1)

# A turn of the year, a leap day, and the changes of the clock in Berlin and on Lord Howe.
days = st.one_of(
    st.dates(date(2023, 12, 24), date(2024, 1, 9)), st.dates(date(2024, 2, 24), date(2024, 4, 9))
)
hours = st.integers(0, 23)
people = st.integers(0, len(ZONES) - 1)
teams = st.integers(0, 2)
kinds = st.integers(0, 2)
small = st.integers(0, 4)
any_row = st.integers(0, 1_000)
amounts = st.sampled_from([None, 0, 1, 101, 999, 250_000])


def instant(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, 30, tzinfo=UTC)


def nth(rows, n: int):
    """Some row of the query, or None where there is none."""
    found = list(rows.order_by("pk"))
    return found[n % len(found)] if found else None


class Work(RuleBasedStateMachine):
    """Four people in four time zones, three teams, three kinds of action."""

    def __init__(self) -> None:
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        drain()
        self.organisation = Organisation.current()
        self.users = [
            User.objects.create_user(f"p{n}@fieldstone.example", name=f"P{n}", time_zone=zone)
            for n, zone in enumerate(ZONES)
        ]
        for user, role in zip(
            self.users, ["partner_manager", "account_executive", "account_executive", "leader"], strict=True
        ):
            RoleGrant.objects.create(user=user, role=role, starts_on=LONG_AGO)
        top = Team.objects.create(name="Top", kind="sales")
        self.teams = [top, *(Team.objects.create(name=n, kind="sales", parent=top) for n in "NS")]
        for user, team in zip(self.users, [1, 1, 2], strict=False):
            Membership.objects.create(user=user, team=self.teams[team], starts_on=LONG_AGO)
        self.types = [ActionType.objects.get(key=k) for k in ("webinar", "coaching_session", "email")]
        self.customer = Customer.objects.create(name="Halden Rail")
        self.partner = Partner.objects.create(name="Nordlicht")
        self.stages = {kind: Stage.objects.filter(kind=kind).first() for kind in ("open", "won", "lost")}

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    # --- actions ----------------------------------------------------------------------------------

    @rule(who=people, kind=kinds, day=days, hour=hours, other=st.none() | people, about=st.booleans())
    def log(self, who, kind, day, hour, other, about):
        actor, action_type = self.users[who], self.types[kind]
        counterpart = None if other is None or other == who else self.users[other]
        if action_type.is_coaching and counterpart is None:
            return
        log_action(
            by=actor,
            actor=actor,
            action_type=action_type,
            occurred_at=instant(day, hour),
            counterpart=counterpart,
            customer=self.customer if about or not action_type.is_coaching else None,
        )

    @rule(who=people, kind=kinds, day=days, hour=hours, n=st.integers(2, 6))
    def log_many(self, who, kind, day, hour, n):
        actor, at = self.users[who], instant(day, hour)
        Action.objects.bulk_create(
            Action(
                actor=actor,
                action_type=self.types[kind],
                capacity="partner_manager",
                occurred_at=at,
                occurred_on=at.astimezone(ZoneInfo(actor.time_zone)).date(),
                customer=self.customer,
            )
            for _ in range(n)
        )

    @rule(n=any_row, outcome=st.sampled_from(["none", "confirmed", "disputed"]))
    def answer(self, n, outcome):
        action = nth(Action.objects.filter(counterpart__isnull=False), n)
        if action:
            at = None if outcome == "none" else instant(action.occurred_on, 12)
            Action.objects.filter(pk=action.pk).update(confirmation=outcome, confirmed_at=at)

    @rule(n=any_row, back=st.booleans())
    def void(self, n, back):
        if action := nth(Action.objects.all(), n):
            action.voided_at = None if back else instant(action.occurred_on, 12)
            action.voided_by = None if back else self.users[3]
            action.save()

    @rule(n=any_row, who=people)
    def move_to_another(self, n, who):
        action = nth(Action.objects.exclude(counterpart=self.users[who]), n)
        if action:
            day = action.occurred_at.astimezone(ZoneInfo(ZONES[who])).date()
            Action.objects.filter(pk=action.pk).update(actor=self.users[who], occurred_on=day)

    @rule(n=any_row, day=days, hour=hours)
    def back_date(self, n, day, hour):
        if action := nth(Action.objects.all(), n):
            action.occurred_at = instant(day, hour)
            action.occurred_on = action.occurred_at.astimezone(ZoneInfo(action.actor.time_zone)).date()
            Action.objects.bulk_update([action], ["occurred_at", "occurred_on"])

    @rule(n=any_row, kind=kinds)
    def change_kind(self, n, kind):
        if action := nth(Action.objects.all(), n):
            with connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE apr_action SET action_type_id = %s WHERE id = %s",
                    [self.types[kind].pk, action.pk],
                )

    @rule(n=any_row)
    def forget_subject(self, n):
        if action := nth(Action.objects.all(), n):
            Action.objects.filter(pk=action.pk).update(customer=None)

    @rule(n=any_row)
    def delete(self, n):
        if action := nth(Action.objects.all(), n):
            action.delete()

    # --- what rules the scores --------------------------------------------------------------------

    @rule(kind=kinds, day=days, points=small, cap=st.none() | small)
    def new_rule(self, kind, day, points, cap):
        PointRule.objects.update_or_create(
            action_type=self.types[kind],
            effective_from=day,
            defaults={"points": points, "daily_cap": cap},
        )

    @rule(n=any_row)
    def drop_rule(self, n):
        if found := nth(PointRule.objects.filter(effective_from__gt=LONG_AGO), n):
            found.delete()

    @rule(kind=kinds, category=st.sampled_from(["coaching", "engagement"]))
    def recategorise(self, kind, category):
        ActionType.objects.filter(pk=self.types[kind].pk).update(category=category)
        self.types[kind].refresh_from_db()

    @rule(who=people, team=teams, day=days)
    def join(self, who, team, day):
        """From that day on in that team; what came after is forgotten."""
        rows = Membership.objects.filter(user=self.users[who])
        rows.filter(starts_on__gte=day).delete()
        rows.overlapping(day, None).update(ends_on=day)
        Membership.objects.create(user=self.users[who], team=self.teams[team], starts_on=day)

    @rule(who=people, day=days)
    def leave(self, who, day):
        rows = Membership.objects.filter(user=self.users[who], ends_on__isnull=True, starts_on__lt=day)
        rows.update(ends_on=day)

    @rule(team=st.sampled_from([1, 2]), above=st.booleans())
    def rearrange(self, team, above):
        Team.objects.filter(pk=self.teams[team].pk).update(parent=self.teams[0] if above else None)

    @rule(
        subject=st.sampled_from(["user", "team", "total", "role"]),
        which=any_row,
        kind=st.sampled_from(["week", "month", "quarter", "year"]),
        value=st.sampled_from([0, 7, 60, 1000]),
        day=days,
    )
    def expect(self, subject, which, kind, value, day):
        about = {
            "user": {"user": self.users[which % 4]},
            "team": {"team": self.teams[which % 3]},
            "total": {"team": self.teams[which % 3], "scope": "total"},
            "role": {"role": ["partner_manager", "account_executive"][which % 2]},
        }[subject]
        Target.objects.create(
            metric="apr_points", period_kind=kind, value=value, effective_from=day, why="Because.", **about
        )

    @rule(who=people, day=days, n=st.integers(1, 12))
    def go_away(self, who, day, n):
        Absence.objects.create(user=self.users[who], starts_on=day, ends_on=day + timedelta(days=n))

    @rule(day=days)
    def celebrate(self, day):
        Holiday.objects.get_or_create(date=day, defaults={"name": "Feast"})

    @rule(
        month=st.integers(1, 12),
        week=st.sampled_from(["01234", "0123456", "24"]),
        currency=st.sampled_from(CURRENCIES),
    )
    def reorganise(self, month, week, currency):
        Organisation.objects.update(fiscal_first_month=month, working_week=week, reporting_currency=currency)

    @rule(one=st.permutations(CURRENCIES), day=days, rate=st.sampled_from([1, 5 * 10**8, 1_234_567_891]))
    def set_rate(self, one, day, rate):
        ExchangeRate.objects.update_or_create(
            currency=one[0],
            reporting_currency=one[1],
            effective_from=day,
            defaults={"rate_nano": rate},
        )

    # --- deals ------------------------------------------------------------------------------------

    @rule(day=days, amount=amounts, currency=st.sampled_from(CURRENCIES), ae=people, pm=st.none() | people)
    def open_deal(self, day, amount, currency, ae, pm):
        deal = Opportunity.objects.create(
            name="Deal",
            funnel=self.stages["open"].funnel,
            stage=self.stages["open"],
            stage_entered_at=instant(day, 12),
            amount_minor=amount,
            currency=currency,
            opened_on=day,
        )
        self.step(deal, "open", instant(day, 12), expected_days=amount and amount % 7)
        self.assign(deal, "account_executive", ae, instant(day, 12))
        if pm is not None:
            self.assign(deal, "partner_manager", pm, instant(day, 12))

    def assign(self, deal, capacity, who, at):
        rows = Assignment.objects.filter(opportunity=deal, capacity=capacity)
        rows.filter(starts_at__gte=at).delete()
        rows.filter(ends_at__isnull=True).update(ends_at=at)
        Assignment.objects.create(opportunity=deal, user=self.users[who], capacity=capacity, starts_at=at)

    @rule(
        n=any_row,
        capacity=st.sampled_from(["account_executive", "partner_manager"]),
        who=people,
        day=days,
    )
    def hand_over(self, n, capacity, who, day):
        if deal := nth(Opportunity.objects.all(), n):
            self.assign(deal, capacity, who, instant(day, 12))

    @rule(n=any_row, kind=st.sampled_from(["won", "lost", "open"]), day=days, hour=st.sampled_from([11, 12]))
    def move(self, n, kind, day, hour):
        deal = nth(Opportunity.objects.all(), n)
        if deal is None:
            return
        at, stage = instant(day, hour), self.stages[kind]
        self.step(deal, kind, at, expected_days=n % 5 or None)
        Opportunity.objects.filter(pk=deal.pk).update(
            stage=stage, status=kind, stage_entered_at=at, closed_on=None if kind == "open" else day
        )

    def step(self, deal, kind, at, expected_days):
        stage = self.stages[kind]
        StageChange.objects.create(
            opportunity=deal,
            to_stage=stage,
            to_stage_name=stage.name,
            to_kind=kind,
            probability=stage.probability,
            expected_days=expected_days,
            currency=deal.currency,
            effective_at=at,
            effective_on=at.date(),
        )

    @rule(n=any_row, amount=amounts, currency=st.sampled_from(CURRENCIES))
    def reprice(self, n, amount, currency):
        if deal := nth(Opportunity.objects.all(), n):
            Opportunity.objects.filter(pk=deal.pk).update(amount_minor=amount, currency=currency)

    @rule(n=any_row, kind=st.sampled_from(["sourced", "influenced", "resell"]), gone=st.booleans())
    def involve(self, n, kind, gone):
        if deal := nth(Opportunity.objects.all(), n):
            PartnerInvolvement.objects.filter(opportunity=deal, kind=kind).delete()
            if not gone:
                PartnerInvolvement.objects.create(opportunity=deal, partner=self.partner, kind=kind)

    # --- the machinery ----------------------------------------------------------------------------

    @rule()
    def digest(self):
        drain()
        assert shards_with_marks() == []
        assert audit().differences == 0

    @rule(n=any_row)
    def digest_a_little(self, n):
        if shards := shards_with_marks():
            drain_shard(shards[n % len(shards)])

    @rule()
    def start_over(self):
        rebuild()

    @invariant()
    def what_is_not_marked_is_right(self):
        assert audit().differences == 0

    @rule(subject=st.integers(0, 7), kind=st.sampled_from(list(PeriodKind)), day=days, today=days)
    def look(self, subject, kind, day, today):
        self.compare(Oracle(dump()), subject, kind, day, today)

    @rule(day=days, today=days)
    def look_at_all(self, day, today):
        oracle = Oracle(dump())
        assert oracle.misdated() == []
        for subject in range(8):
            for kind in (PeriodKind.WEEK, PeriodKind.QUARTER):
                self.compare(oracle, subject, kind, day, today)

    def compare(self, oracle, subject, kind, day, today):
        organisation = Organisation.objects.get()
        period = period_containing(day, kind, organisation.fiscal_first_month)
        who = [*self.users, *self.teams, organisation][subject]
        assert shown(who, period, today) == reckoned(oracle, who, period, today)


@pytest.mark.django_db
def test_every_figure_agrees_with_the_oracle():
    run_state_machine_as_test(
        Work,
        settings=settings(
            max_examples=int(os.environ.get("ROLLUP_SEQUENCES", "12")),
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
