"""Targets as an administrator sets them: in the right unit, with a why, superseding, never one's own."""

from datetime import UTC, date, datetime

import pytest
from django.urls import reverse

from apr.models import Target
from tests.factories import AdminFactory, AEFactory, PMFactory, TargetFactory, TeamFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_september(time_machine):
    time_machine.move_to(datetime(2026, 9, 15, 12, tzinfo=UTC), tick=False)


@pytest.fixture
def admin(client):
    admin = AdminFactory(name="Elif Maes")
    client.force_login(admin)
    return admin


def fields(**changes):
    return {
        "subject": "role:partner_manager",
        "scope": "each",
        "metric": "apr_points",
        "value": "60",
        "period_kind": "month",
        "effective_from": "2026-10-01",
        "why": "Actions come before results.",
        **changes,
    }


def send(client, **changes):
    return client.post(reverse("settings:target_new"), fields(**changes))


@pytest.mark.parametrize(
    ("metric", "typed", "stored"),
    [
        ("apr_points", "60", 60),
        ("category_points:coaching", "8", 8),
        ("action_count:call_to", "25", 25),
        ("won_amount", "€120,000.50", 12_000_050),
        ("pipeline_created", "90000", 9_000_000),
        ("win_rate", "63.15", 6315),
        ("win_rate", "40 %", 4000),
    ],
)
def test_value_is_read_in_the_unit_of_what_is_measured(client, admin, metric, typed, stored):
    assert send(client, metric=metric, value=typed).status_code == 302
    target = Target.objects.get()
    name, _sign, key = metric.partition(":")
    assert (target.metric, target.metric_key, target.value) == (name, key, stored)
    assert (target.role, target.set_by) == ("partner_manager", admin)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"value": "sixty"}, "Write a whole number"),
        ({"value": "60.5"}, "Write a whole number"),
        ({"value": "-3"}, "Write a whole number"),
        ({"metric": "won_amount", "value": "1,5"}, "is not an amount"),
        ({"metric": "won_amount", "value": "-100"}, "between 0 and 100 per cent"),
        ({"metric": "win_rate", "value": "101"}, "between 0 and 100 per cent"),
        ({"metric": "category_points:nonsense"}, "Select a valid choice."),
        ({"subject": "user:999999"}, "Select a valid choice."),
        ({"why": ""}, "This field is required."),
        ({"effective_from": "0001-01-01"}, "Write a day between 1990 and 2199."),
    ],
)
def test_refused_targets_keep_what_was_typed(client, admin, changes, said):
    response = send(client, **{"why": "Because of the new region.", **changes})
    page = response.content.decode()
    assert response.status_code == 422
    assert said in page
    assert changes.get("why", "Because of the new region.") in page
    assert not Target.objects.exists()


def test_nobody_sets_their_own(client, admin):
    response = send(client, subject=f"user:{admin.pk}")
    assert response.status_code == 422
    assert "Nobody sets their own target" in response.content.decode()
    assert not Target.objects.exists()


def test_total_is_kept_for_teams_only(client, admin):
    team, ana = TeamFactory(), AEFactory()
    send(client, subject=f"team:{team.pk}", scope="total")
    send(client, subject=f"user:{ana.pk}", scope="total")
    assert Target.objects.get(team=team).scope == "total"
    assert Target.objects.get(user=ana).scope == "each"


def test_new_one_supersedes_and_the_old_one_stays_in_the_records(client, admin):
    TargetFactory(role="partner_manager", value=50, effective_from=date(2026, 1, 1), why="The first plan.")
    send(client, value="55", effective_from="2026-09-01", why="The second plan.")
    send(client, value="70", effective_from="2026-10-01", why="The third plan.")
    page = client.get(reverse("settings:targets")).content.decode()
    assert "1 target in force, 1 planned" in page
    assert "The second plan." in page
    assert "The first plan." not in page
    every = client.get(reverse("settings:targets"), {"all": "1"}).content.decode()
    assert "The first plan." in every


def test_planned_one_is_withdrawn_one_in_force_is_not(client, admin):
    begun = TargetFactory(role="partner_manager")
    planned = TargetFactory(role="partner_manager", effective_from=date(2026, 10, 1))
    for target in (begun, planned):
        client.post(reverse("settings:target_withdraw", args=[target.pk]))
    assert list(Target.objects.all()) == [begun]


def test_own_planned_target_is_not_withdrawn(client, admin):
    own = TargetFactory(user=admin, effective_from=date(2026, 10, 1))
    client.post(reverse("settings:target_withdraw", args=[own.pk]))
    assert Target.objects.filter(pk=own.pk).exists()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        # September 2026 has 22 working days (Monday to Friday), October has 22, the fourth quarter 66.
        ({"effective_from": "2026-09-15"}, "2.73 points on each of the 22 working days of September 2026."),
        ({"value": "66", "period_kind": "quarter"}, "1.00 points on each of the 66 working days of Q4 2026."),
        (
            {"metric": "won_amount", "value": "44000"},
            "€2,000 on each of the 22 working days of October 2026.",
        ),
        ({"metric": "win_rate", "value": "40"}, "A rate is judged over the whole period"),
    ],
)
def test_preview_says_what_a_day_owes(client, admin, changes, sentence):
    answer = client.post(reverse("settings:target_preview"), fields(**changes)).content.decode()
    assert sentence in answer
    assert not Target.objects.exists()


def test_preview_is_silent_while_nothing_can_be_said(client, admin):
    for changes in ({"value": "six"}, {"effective_from": "9999-12-31"}, {"metric": ""}):
        assert client.post(reverse("settings:target_preview"), fields(**changes)).content == b""


def test_list_is_shown_with_few_queries(client, admin, django_assert_max_num_queries):
    for _number in range(30):
        TargetFactory(user=PMFactory(), set_by=admin)
    client.get(reverse("settings:targets"))
    with django_assert_max_num_queries(12):
        page = client.get(reverse("settings:targets")).content.decode()
    assert "30 targets in force" in page
