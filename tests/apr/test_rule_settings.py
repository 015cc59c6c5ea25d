"""Action types and point rules as an administrator changes them. What was earned stays."""

from datetime import UTC, date, datetime

import pytest
from django.urls import reverse

from apr.models import Action, ActionType, PointRule
from apr.periods import parse_period
from apr.rule_bars import Scale, rule_row
from apr.scorecards.cards import person_score
from tests.factories import ActionFactory, AdminFactory, AEFactory, action_type

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 9, 15, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _in_september(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def admin(client):
    admin = AdminFactory()
    client.force_login(admin)
    return admin


def plan(client, **changes):
    sent = {
        "action_type": action_type("call_to").pk,
        "points": 5,
        "daily_cap": "",
        "effective_from": "2026-09-16",
        **changes,
    }
    return client.post(reverse("settings:point_rule_new"), sent)


def test_rule_from_tomorrow_leaves_every_earlier_score(client, admin):
    ana = AEFactory()
    for day in (14, 15):
        ActionFactory(actor=ana, occurred_at=datetime(2026, 9, day, 9, tzinfo=UTC))
    september = parse_period("2026-09")
    assert person_score(ana, september).counted_points == 2
    assert plan(client).status_code == 302
    assert person_score(ana, september).counted_points == 2
    ActionFactory(actor=ana, occurred_at=datetime(2026, 9, 16, 9, tzinfo=UTC))
    assert person_score(ana, september, today=date(2026, 9, 16)).counted_points == 2 + 5


def test_cap_from_tomorrow_counts_from_tomorrow(client, admin):
    ana = AEFactory()
    for day in (15, 15, 16, 16):
        ActionFactory(actor=ana, occurred_at=datetime(2026, 9, day, 9, tzinfo=UTC))
    plan(client, points=1, daily_cap=1)
    score = person_score(ana, parse_period("2026-09"), today=date(2026, 9, 17))
    assert (score.raw_points, score.counted_points) == (4, 3)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"effective_from": "2026-09-14"}, "A rule starts today or later"),
        ({"effective_from": "someday"}, "Enter a valid date."),
        ({"effective_from": "9999-12-31"}, "Write a day between 1990 and 2199."),
        ({"points": "lots"}, "Enter a whole number."),
        ({"points": "-1"}, "greater than or equal to 0"),
        ({"action_type": "0"}, "Select a valid choice."),
    ],
)
def test_refused_rules_keep_what_was_typed(client, admin, changes, said):
    response = plan(client, daily_cap=7, **changes)
    page = response.content.decode()
    assert response.status_code == 422
    assert said in page
    assert 'value="7"' in page
    assert PointRule.objects.filter(points=5).count() == 0


def test_second_rule_from_the_same_day_replaces_the_first(client, admin):
    plan(client, points=5)
    plan(client, points=4)
    planned = PointRule.objects.filter(effective_from=date(2026, 9, 16))
    assert [(rule.points, rule.created_by) for rule in planned] == [(4, admin)]


def test_planned_rule_is_offered_as_tomorrow_and_can_be_withdrawn(client, admin):
    assert 'value="2026-09-16"' in client.get(reverse("settings:point_rule_new")).content.decode()
    plan(client)
    page = client.get(reverse("settings:point_rules")).content.decode()
    assert "One change is waiting: Call to, from 16 Sep." in page
    rule = PointRule.objects.get(effective_from=date(2026, 9, 16))
    client.post(reverse("settings:point_rule_withdraw", args=[rule.pk]))
    assert not PointRule.objects.filter(pk=rule.pk).exists()


def test_day_is_offered_as_the_browser_reads_it_in_every_language(client, admin):
    page = client.get(reverse("settings:point_rule_new"), headers={"accept-language": "de"}).content.decode()
    assert 'value="2026-09-16"' in page


def test_rule_in_force_is_not_withdrawn(client, admin):
    rule = action_type("call_to").point_rules.get()
    path = reverse("settings:point_rule_withdraw", args=[rule.pk])
    page = client.post(path, follow=True).content.decode()
    assert "This rule has begun and stays" in page
    assert PointRule.objects.filter(pk=rule.pk).exists()


def test_bars_stand_to_scale():
    """From 1 January 2025 to 1 January 2027 are 730 days; today is day 622, 1 July 2026 is day 546."""
    scale = Scale.around(date(2026, 9, 15), latest=date(2026, 9, 15))
    kind = action_type("email")
    rules = [
        PointRule(action_type=kind, points=1, effective_from=date(2000, 1, 1)),
        PointRule(action_type=kind, points=2, effective_from=date(2026, 7, 1)),
    ]
    row = rule_row(kind, rules, scale)
    assert scale.today_at == "85.21%"
    assert scale.years == [(2025, "0.00%"), (2026, "50.00%")]
    assert [(bar.x, bar.width) for bar in row.bars] == [("0.00%", "74.79%"), ("74.79%", "25.21%")]
    assert row.in_force == rules[1]


def test_scale_reaches_past_a_planned_rule():
    scale = Scale.around(date(2026, 12, 20), latest=date(2027, 1, 10))
    assert scale.end == date(2027, 4, 10)


class TestActionTypes:
    def rows(self, changes=None):
        data = {}
        kinds = list(ActionType.objects.filter(is_active=True))
        for at, kind in enumerate(kinds):
            row = {"id": kind.pk, "place": at + 1, "name": kind.name, "category": kind.category}
            row |= {"icon": kind.icon, **(changes or {}).get(kind.key, {})}
            data |= {f"rows-{at}-{field}": value for field, value in row.items()}
        return data | {"rows-TOTAL_FORMS": len(kinds), "rows-INITIAL_FORMS": len(kinds)}

    def test_are_saved_together_in_their_order(self, client, admin):
        changes = {
            "email": {"place": 0, "name": "Letter"},
            "call_to": {"category": "coaching", "icon": "video"},
        }
        changes["email"]["place"] = 1
        response = client.post(reverse("settings:action_types"), self.rows(changes))
        assert response.status_code == 302
        assert ActionType.objects.get(key="email").name == "Letter"
        assert list(ActionType.objects.values_list("key", flat=True)[:2]) == ["face_to_face", "email"]
        call = ActionType.objects.get(key="call_to")
        assert (call.category, call.icon) == ("coaching", "video")

    def test_refused_rows_keep_what_was_typed(self, client, admin):
        sent = self.rows({"email": {"name": "Call to"}, "webinar": {"name": "Seminar"}})
        response = client.post(reverse("settings:action_types"), sent)
        assert response.status_code == 422
        assert 'value="Seminar"' in response.content.decode()
        assert ActionType.objects.get(key="webinar").name == "Webinar / demo"

    def test_new_one_counts_from_today(self, client, admin):
        sent = {"name": "Site visit", "category": "engagement", "icon": "map-pin", "points": 4}
        assert client.post(reverse("settings:action_type_new"), sent).status_code == 302
        rule = ActionType.objects.get(key="site_visit").point_rules.get()
        assert (rule.points, rule.effective_from) == (4, date(2026, 9, 15))

    def test_retired_one_keeps_its_actions_and_comes_back(self, client, admin):
        ActionFactory()
        path = reverse("settings:action_type_toggle", args=[action_type("call_to").pk])
        client.post(path)
        assert not action_type("call_to").is_active
        assert Action.objects.count() == 1
        assert "logged once" in client.get(reverse("settings:action_types")).content.decode()
        client.post(path)
        assert action_type("call_to").is_active


def test_rules_are_shown_with_few_queries(client, admin, django_assert_max_num_queries):
    path = reverse("settings:point_rules")
    client.get(path)
    with django_assert_max_num_queries(12):
        client.get(path)
