"""Every door marks what it makes stale: services, the ORM's bulk writes and plain SQL, on both databases."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection

from accounts.models import ExchangeRate, Membership, Organisation
from apr.models import Action, PointRule, StaleDay, StaleDeal, StaleScore, StaleWide
from apr.rollup.drain import MARKS, drain
from apr.rollup.sources import SOURCES
from apr.rollup.triggers import install, missing_triggers, triggers
from apr.services.actions import log_action
from opportunities.models import Assignment, Opportunity, PartnerInvolvement, StageChange
from tests.factories import (
    ActionFactory,
    AEFactory,
    OpportunityFactory,
    PartnerFactory,
    PMFactory,
    TeamFactory,
    action_type,
)

pytestmark = pytest.mark.django_db
MONDAY, TUESDAY = date(2026, 9, 14), date(2026, 9, 15)
NOON = datetime(2026, 9, 14, 12, tzinfo=UTC)


@pytest.fixture
def ana():
    return AEFactory()


@pytest.fixture
def bob():
    return AEFactory()


def settle() -> None:
    """No mark is left."""
    drain()
    assert not any(model.objects.exists() for model in MARKS)


def days() -> set[tuple[int, date]]:
    return set(StaleDay.objects.values_list("user_id", "day"))


def deals() -> set[int]:
    return set(StaleDeal.objects.values_list("opportunity_id", flat=True))


def sql(statement: str, *params: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)


# --- actions --------------------------------------------------------------------------------------


def test_logging_marks_the_day_of_the_actor(ana):
    deal = OpportunityFactory()
    settle()
    log_action(
        by=ana, actor=ana, action_type=action_type("call_to"), occurred_at=NOON, customer=deal.customer
    )
    assert days() == {(ana.pk, MONDAY)}


def test_each_mark_stands_in_the_shard_of_its_person(ana):
    ActionFactory(actor=ana, occurred_at=NOON)
    assert set(StaleDay.objects.values_list("shard", flat=True)) == {ana.pk % 16}


def test_a_bulk_insert_marks_each_day_and_on_postgresql_once(ana, bob):
    settle()
    Action.objects.bulk_create(
        ActionFactory.build(
            actor=who, action_type=action_type("email"), customer=None, occurred_at=NOON, occurred_on=MONDAY
        )
        for who in (ana, ana, bob)
    )
    assert days() == {(ana.pk, MONDAY), (bob.pk, MONDAY)}
    if connection.vendor == "postgresql":
        assert StaleDay.objects.count() == 2


@pytest.mark.parametrize(
    "change",
    [
        {"voided_at": NOON, "voided_by": "bob"},
        {"confirmation": "confirmed", "confirmed_at": NOON, "counterpart": "bob"},
        {"action_type": "email"},
        {"customer": None},
        {"counterpart": "bob"},
    ],
)
def test_a_change_of_what_counts_marks_its_day(ana, bob, change):
    action = ActionFactory(actor=ana, occurred_at=NOON)
    settle()
    values = {"bob": bob, "email": action_type("email")}
    Action.objects.filter(pk=action.pk).update(**{k: values.get(v, v) for k, v in change.items()})
    assert days() == {(ana.pk, MONDAY)}


def test_a_change_of_the_note_marks_nothing(ana):
    action = ActionFactory(actor=ana, occurred_at=NOON)
    settle()
    Action.objects.filter(pk=action.pk).update(notes="They liked it.")
    action.notes = "They loved it."
    action.save()
    assert days() == set()


def test_moving_an_action_marks_where_it_was_and_where_it_is(ana, bob):
    action = ActionFactory(actor=ana, occurred_at=NOON)
    settle()
    Action.objects.filter(pk=action.pk).update(occurred_on=TUESDAY)
    assert days() == {(ana.pk, MONDAY), (ana.pk, TUESDAY)}
    settle()
    action.refresh_from_db()
    action.actor = bob
    action.save()
    assert days() == {(ana.pk, TUESDAY), (bob.pk, TUESDAY)}
    settle()
    action.occurred_on = MONDAY
    Action.objects.bulk_update([action], ["occurred_on"])
    assert days() == {(bob.pk, MONDAY), (bob.pk, TUESDAY)}


def test_deleting_and_plain_sql_mark_too(ana, bob):
    one, two = ActionFactory(actor=ana, occurred_at=NOON), ActionFactory(actor=bob, occurred_at=NOON)
    settle()
    one.delete()
    assert days() == {(ana.pk, MONDAY)}
    settle()
    sql("UPDATE apr_action SET occurred_on = %s", TUESDAY)
    assert days() == {(bob.pk, MONDAY), (bob.pk, TUESDAY)}
    settle()
    sql("UPDATE apr_action SET id = id + 1000 WHERE id = %s", two.pk)
    assert days() == {(bob.pk, TUESDAY)}
    settle()
    sql("DELETE FROM apr_action")
    assert days() == {(bob.pk, TUESDAY)}


# --- deals ----------------------------------------------------------------------------------------


def test_all_that_decides_on_results_marks_the_deal(ana):
    deal, other = OpportunityFactory(owner=ana), OpportunityFactory()
    involvement = PartnerInvolvement.objects.create(
        opportunity=deal, partner=PartnerFactory(), kind="influenced"
    )
    assignment = Assignment.objects.filter(opportunity=deal).first() or Assignment.objects.create(
        opportunity=deal, user=ana, capacity="account_executive", starts_at=NOON
    )
    acts = [
        lambda: Opportunity.objects.filter(pk=deal.pk).update(amount_minor=5),
        lambda: Opportunity.objects.filter(pk=deal.pk).update(currency="USD"),
        lambda: Opportunity.objects.filter(pk=deal.pk).update(opened_on=MONDAY),
        lambda: Opportunity.objects.filter(pk=deal.pk).update(status="won", closed_on=MONDAY),
        lambda: StageChange.objects.filter(opportunity=deal).update(effective_at=NOON),
        lambda: Assignment.objects.filter(pk=assignment.pk).update(ends_at=NOON + timedelta(days=900)),
        lambda: PartnerInvolvement.objects.filter(pk=involvement.pk).update(kind="sourced"),
        lambda: involvement.delete(),
        lambda: Assignment.objects.filter(opportunity=deal).delete(),
        lambda: StageChange.objects.filter(opportunity=deal).delete(),
    ]
    for act in acts:
        settle()
        act()
        assert deals() == {deal.pk}
    settle()
    StageChange.objects.filter(opportunity=other).update(opportunity=deal)
    assert deals() == {deal.pk, other.pk}
    settle()
    Opportunity.objects.filter(pk=deal.pk).update(name="Another name", version=7)
    assert deals() == set()


# --- what rules the scores ------------------------------------------------------------------------


def test_membership_marks_the_persons_scores_of_the_old_and_the_new_days(ana):
    team = TeamFactory()
    settle()
    membership = Membership.objects.create(user=ana, team=team, starts_on=MONDAY)
    rows = StaleScore.objects.values_list("user_id", "starts_on", "ends_on")
    assert set(rows) == {(ana.pk, MONDAY, None)}
    settle()
    Membership.objects.filter(pk=membership.pk).update(starts_on=TUESDAY, ends_on=date(2026, 10, 1))
    assert set(rows.all()) == {(ana.pk, MONDAY, None), (ana.pk, TUESDAY, date(2026, 10, 1))}


def test_rules_rates_and_settings_mark_widely():
    settle()
    wide = StaleWide.objects.values_list("reason", "key", "starts_on")
    kind, pm = action_type("webinar"), PMFactory()
    organisation = Organisation.current()
    settle()
    acts = [
        (
            lambda: PointRule.objects.create(action_type=kind, points=9, effective_from=MONDAY),
            {("points", "", MONDAY)},
        ),
        (
            lambda: PointRule.objects.filter(effective_from=MONDAY).update(effective_from=TUESDAY),
            {("points", "", MONDAY), ("points", "", TUESDAY)},
        ),
        (
            lambda: type(kind).objects.filter(pk=kind.pk).update(category="coaching"),
            {("category", str(kind.pk), None)},
        ),
        (
            lambda: ExchangeRate.objects.create(
                currency="USD", reporting_currency="EUR", effective_from=MONDAY, rate_nano=10**9
            ),
            {("rate", "USD", MONDAY)},
        ),
        (
            lambda: Organisation.objects.filter(pk=organisation.pk).update(reporting_currency="USD"),
            {("currency", "", None)},
        ),
        (lambda: Organisation.objects.filter(pk=organisation.pk).update(name="Fieldstone"), set()),
        (lambda: type(kind).objects.filter(pk=kind.pk).update(name="Demo"), set()),
    ]
    for act, expected in acts:
        act()
        assert set(wide.all()) == expected
        settle()
    assert pm.is_active


# --- the triggers themselves ----------------------------------------------------------------------


def test_every_source_has_its_triggers_and_installing_again_changes_nothing(django_assert_num_queries):
    assert missing_triggers() == []
    tables = {trigger.table for trigger in triggers()}
    assert tables == {source.table for source in SOURCES}
    settle()
    install()
    assert not StaleWide.objects.exists()


def test_a_trigger_that_was_missing_is_noticed_and_all_that_is_stored_is_marked(ana):
    trigger = next(one for one in triggers() if one.table == "apr_action" and "insert" in one.name)
    settle()
    on = " ON apr_action" if connection.vendor == "postgresql" else ""
    sql(f"DROP TRIGGER {trigger.name}{on}")
    ActionFactory(actor=ana, occurred_at=NOON)
    assert (days(), missing_triggers()) == (set(), [trigger.name])
    install()
    assert missing_triggers() == []
    assert set(StaleWide.objects.values_list("reason", flat=True)) == {"everything"}
    settle()
