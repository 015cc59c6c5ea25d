"""The demo organisation is the same every time, and holds what the services would have written."""

from collections import Counter
from datetime import UTC, date, datetime
from io import StringIO
from itertools import pairwise

import pytest
import time_machine
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import Count, F, OuterRef, Subquery

from accounts.calendars import organisation_calendar, personal_calendars
from accounts.models import Absence, Membership, Organisation, Role, Team, User
from apr.models import Action, Confirmation, Notification, Target, Trial
from apr.partner_goals import standings
from apr.tasks import digest, nudge
from opportunities.models import Assignment, Commitment, HandOver, Opportunity, StageChange
from partners.models import GoalProgress, Partner, PartnerGoal
from tests.factories import AEFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 9, 15)


def make(**options: object) -> str:
    out = StringIO()
    sizes = {"people": 20, "partners": 12, "deals": 60, "actions": 900, "today": TODAY}
    call_command("demo", stdout=out, **{**sizes, **options})
    return out.getvalue()


def fingerprint() -> list[object]:
    """Everything that a reader could see, without ids and password salts."""
    return [
        list(User.objects.order_by("email").values_list("name", "email", "time_zone")),
        list(
            Opportunity.objects.order_by("pk").values_list(
                "name", "stage__name", "amount_minor", "currency", "opened_on", "closed_on", "owner__name"
            )
        ),
        list(
            Action.objects.order_by("pk").values_list(
                "action_type__key", "actor__name", "occurred_at", "counterpart__name", "confirmation"
            )
        ),
        list(Commitment.objects.order_by("pk").values_list("text", "due_on", "outcome")),
        list(
            PartnerGoal.objects.order_by("pk").values_list(
                "partner__name", "side", "text", "created_by__name"
            )
        ),
        list(GoalProgress.objects.order_by("pk").values_list("goal__text", "on", "value")),
    ]


def test_the_same_day_and_seed_make_the_same_organisation():
    with transaction.atomic():
        make()
        first = fingerprint()
        transaction.set_rollback(True)
    make()
    assert fingerprint() == first


@pytest.fixture
def demo(db):
    return make()


def test_the_sizes_are_those_asked_for(demo):
    assert Opportunity.objects.filter(hand_overs=None).count() == 60
    assert Counter(HandOver.objects.values_list("outcome", flat=True)) == {"open": 3, "returned": 1}
    assert Partner.objects.count() == 12
    assert 700 < Action.objects.count() < 1_100
    assert Team.objects.filter(kind="sales", parent__isnull=False).count() == 4
    assert Team.objects.filter(kind="partner", parent__isnull=False).count() == 2
    assert User.objects.values("time_zone").distinct().count() >= 4
    assert Target.objects.exclude(why="").count() == Target.objects.count() >= 6


def test_partners_have_goals_of_both_sides_with_progress(demo):
    goals = PartnerGoal.objects.filter(partner__name="Norrvik Systems")
    assert Counter(goals.values_list("side", flat=True)) == {"partner": 3, "us": 2}
    assert [entry.value for entry in GoalProgress.objects.filter(goal__in=goals, goal__side="us")] == [2, 1]
    assert PartnerGoal.objects.values("partner").distinct().count() == 6
    manager = User.objects.get(name="Nora Lindqvist")
    reached = {one.goal.text: one.value for one in standings(goals.order_by("pk"), manager)}
    assert reached["Four consultants certified"] == 3


def test_people_are_told_what_needs_them_and_no_letter_is_written_today():
    with time_machine.travel(datetime(2026, 9, 15, 15, tzinfo=UTC)):
        make()
        told = Notification.objects.open().filter(person__name__in=["Nora Lindqvist", "Ana Kovač"])
        assert {row.person.name for row in told.select_related("person")} == {"Nora Lindqvist", "Ana Kovač"}
        nudge()
        digest()
        assert mail.outbox == []
    with time_machine.travel(datetime(2026, 9, 21, 15, tzinfo=UTC)):  # the Monday after
        digest()
        assert 0 < len(mail.outbox) <= 5


def test_each_deal_repeats_its_history(demo):
    last = StageChange.objects.filter(opportunity=OuterRef("pk")).order_by("-effective_at", "-pk")
    deals = Opportunity.objects.annotate(
        last_stage=Subquery(last.values("to_stage")[:1]),
        last_at=Subquery(last.values("effective_at")[:1]),
        last_on=Subquery(last.values("effective_on")[:1]),
    )
    assert not deals.exclude(last_stage=F("stage"), last_at=F("stage_entered_at")).exists()
    assert not deals.exclude(status="open").exclude(last_on=F("closed_on")).exists()
    for column, capacity in (("owner", "account_executive"), ("partner_manager", "partner_manager")):
        held = Assignment.objects.filter(ends_at__isnull=True, capacity=capacity)
        assert dict(held.values_list("opportunity", "user")) == dict(
            Opportunity.objects.exclude(**{column: None}).values_list("pk", column)
        )


def test_steps_follow_one_another_and_begin_with_the_opening(demo):
    for deal in Opportunity.objects.prefetch_related("stage_changes"):
        steps = list(deal.stage_changes.all())
        assert steps[0].from_stage_id is None
        assert steps[0].effective_on == deal.opened_on
        for before, after in pairwise(steps):
            assert after.from_stage_id == before.to_stage_id
            assert after.effective_at >= before.effective_at


def test_nothing_lies_in_the_future(demo):
    assert not Action.objects.filter(occurred_on__gt=TODAY).exists()
    assert not StageChange.objects.filter(effective_on__gt=TODAY).exists()
    assert not Commitment.objects.filter(settled_at__date__gt=TODAY).exists()


def test_there_are_good_and_bad_cases_to_find(demo):
    assert Action.objects.filter(confirmation=Confirmation.CONFIRMED).exists()
    assert Action.objects.filter(voided_at__isnull=False).exists()
    assert Commitment.objects.filter(outcome="broken").exists()
    assert Commitment.objects.filter(outcome="open", due_on__lt=TODAY).exists()
    assert Assignment.objects.filter(ends_at__isnull=False).exists()
    assert Membership.objects.filter(ends_on__isnull=False).count() == 1
    assert Absence.objects.filter(user__name="Piotr Nowak").exists()
    acme = Opportunity.objects.get(name="Acme renewal")
    assert acme.stage.name == "Negotiation"
    assert (acme.expected_close_on - TODAY).days == 9
    assert acme.actions.filter(actor__name="Nora Lindqvist").count() == 12
    assert acme.actions.filter(actor__name="Ana Kovač", partner=None).count() == 18


def test_nobody_works_on_holidays_or_while_away(demo):
    office = organisation_calendar(Organisation.current())
    assert date(2026, 4, 27) in office.holidays  # King's Day of the Netherlands
    people = list(User.objects.values_list("pk", flat=True))
    calendars = personal_calendars(people, date(2025, 1, 1), TODAY, office)
    actions = list(Action.objects.values_list("actor", "occurred_on"))
    assert actions
    assert [one for one in actions if not calendars[one[0]].is_working(one[1])] == []


def test_history_does_not_know_when_a_deal_will_close(demo):
    """Each step keeps the close that was expected then, so that slipping dates can be seen."""
    closed = Opportunity.objects.exclude(status="open")
    assert closed.exclude(expected_close_on=F("closed_on")).count() > closed.count() / 2
    guesses = StageChange.objects.filter(to_kind="open", opportunity__in=closed)
    several = guesses.values("opportunity").annotate(n=Count("expected_close_on", distinct=True))
    assert several.filter(n__gt=1).exists()


def test_the_sign_ins_are_printed_and_work(demo, client):
    assert "nora.lindqvist@fieldstone.example" in demo
    nora = User.objects.get(email="nora.lindqvist@fieldstone.example")
    assert nora.roles == {Role.PARTNER_MANAGER}
    password = demo.split("password “")[1].split("”")[0]
    answer = client.post("/accounts/login/", {"login": nora.email, "password": password})
    assert answer.status_code == 302
    assert int(client.session["_auth_user_id"]) == nora.pk


def test_it_never_touches_an_organisation_with_people():
    AEFactory()
    with pytest.raises(CommandError, match="people here already"):
        make()
    assert User.objects.count() == 1


def test_a_trial_of_a_nudge_is_over_and_counted():
    make(people=40, deals=30, actions=400)
    trial = Trial.objects.select_related("result").get()
    assert trial.last_day == date(2026, 8, 24)
    assert trial.result.problem == ""
    assert trial.members.count() == len(trial.result.values) >= 20
