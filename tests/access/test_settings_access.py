"""Who may pass which door of the settings and of the profile: one line per route."""

import pytest
from django.urls import get_resolver, reverse

from accounts.models import Absence, Holiday
from apr.models import ActionType, PointRule, TrialMember, TrialResult
from apr.services.closing import ask_to_close
from opportunities.models import Funnel, LostReason
from tests.factories import (
    LONG_AGO,
    AdminFactory,
    AEFactory,
    LeaderFactory,
    PMFactory,
    TargetFactory,
    TeamFactory,
    TrialFactory,
    UserFactory,
    stage,
)

pytestmark = pytest.mark.django_db
PAGE, FORM, ACT = 200, 200, 302

# name, what stands in its address, the method, what an administrator gets
SETTINGS = [
    ("index", [], "get", PAGE),
    ("funnels", [], "get", 302),
    ("funnel", ["funnel"], "get", PAGE),
    ("funnel_new", [], "get", FORM),
    ("funnel_edit", ["funnel"], "get", FORM),
    ("funnel_act", ["funnel", "default"], "post", ACT),
    ("stage_new", ["funnel"], "get", FORM),
    ("stage", ["stage"], "get", FORM),
    ("stage_retire", ["stage"], "get", FORM),
    ("stage_restore", ["retired_stage"], "post", ACT),
    ("action_types", [], "get", PAGE),
    ("action_type_new", [], "get", FORM),
    ("action_type_toggle", ["action_type"], "post", ACT),
    ("point_rules", [], "get", PAGE),
    ("point_rule_what_if", [], "get", PAGE),
    ("point_rule_new", [], "get", FORM),
    ("point_rule_history", ["action_type"], "get", FORM),
    ("point_rule_withdraw", ["rule"], "post", ACT),
    ("targets", [], "get", PAGE),
    ("target_new", [], "get", FORM),
    ("target_preview", [], "post", PAGE),
    ("target_withdraw", ["target"], "post", ACT),
    ("joint_weights", [], "get", FORM),
    ("periods", [], "get", PAGE),
    ("period_close", [], "post", ACT),
    ("period_reopen", ["closing"], "get", FORM),
    ("teams", [], "get", PAGE),
    ("team_new", [], "get", FORM),
    ("team", ["team"], "get", PAGE),
    ("team_edit", ["team"], "get", FORM),
    ("team_join", ["team"], "get", FORM),
    ("team_toggle", ["team"], "post", ACT),
    ("people", [], "get", PAGE),
    ("person_new", [], "get", FORM),
    ("person", ["person"], "get", PAGE),
    ("person_edit", ["person"], "get", FORM),
    ("person_roles", ["person"], "get", FORM),
    ("person_team", ["person"], "get", FORM),
    ("person_invite", ["person"], "get", FORM),
    ("person_withdraw", ["person"], "post", ACT),
    ("person_leave", ["person"], "get", FORM),
    ("person_return", ["person"], "post", ACT),
    ("person_data", ["person"], "post", PAGE),
    ("person_anonymise", ["left"], "get", FORM),
    ("organisation", [], "get", FORM),
    ("nudges", [], "get", FORM),
    ("trials", [], "get", PAGE),
    ("trial_new", [], "get", FORM),
    ("trial_preview", [], "post", PAGE),
    ("trial", ["trial"], "get", PAGE),
    ("trial_stop", ["trial"], "get", FORM),
    ("trial_rows", ["counted", "person"], "get", PAGE),
    ("calendar", [], "get", PAGE),
    ("calendar_country", [], "get", FORM),
    ("calendar_regions", [], "get", PAGE),
    ("own_day_new", [], "get", FORM),
    ("own_day_remove", ["holiday"], "post", ACT),
    ("currencies", [], "get", PAGE),
    ("rate_new", [], "get", FORM),
    ("audit", [], "get", PAGE),
    ("audit_export", [], "post", PAGE),
    ("lists", [], "get", PAGE),
    ("list_item_new", ["lost-reasons"], "get", FORM),
    ("list_item", ["lost-reasons", "lost_reason"], "get", FORM),
    ("list_item_toggle", ["lost-reasons", "lost_reason"], "post", ACT),
]
IDS = [name for name, *_rest in SETTINGS]


@pytest.fixture
def rows():
    person = UserFactory()
    retired = stage("Discovery")
    retired.is_active = False
    retired.save()
    team = TeamFactory()
    counted = TrialFactory(measure="answers")
    TrialMember.objects.create(trial=counted, person=person, team=team, stratum=team.pk, gets_nudge=True)
    nothing = {"effect": 0, "low": 0, "high": 0, "p": 1, "smallest": None, "draws": 1}
    TrialResult.objects.create(trial=counted, findings={"compared": nothing})
    return {
        "funnel": Funnel.objects.get().pk,
        "stage": stage("Qualify").pk,
        "retired_stage": retired.pk,
        "action_type": ActionType.objects.first().pk,
        "rule": PointRule.objects.first().pk,
        "target": TargetFactory(team=team).pk,
        "closing": ask_to_close(key="2026-08", by=None).pk,
        "team": team.pk,
        "person": person.pk,
        "left": UserFactory(is_active=False).pk,
        "holiday": Holiday.objects.create(date=LONG_AGO, name="Founders' day").pk,
        "trial": TrialFactory().pk,
        "counted": counted.pk,
        "lost_reason": LostReason.objects.first().pk,
    }


def address(name, parts, rows):
    return reverse(f"settings:{name}", args=[rows.get(part, part) for part in parts])


def test_the_table_names_every_route():
    named = {pattern.name for pattern in get_resolver("partnerhub.settings_urls").url_patterns}
    assert named == set(IDS)


@pytest.mark.parametrize(("name", "parts", "method", "expected"), SETTINGS, ids=IDS)
def test_administrators_pass(client, rows, name, parts, method, expected):
    client.force_login(AdminFactory())
    assert getattr(client, method)(address(name, parts, rows)).status_code == expected


@pytest.mark.parametrize("person", [PMFactory, AEFactory, LeaderFactory, UserFactory])
@pytest.mark.parametrize(("name", "parts", "method", "_expected"), SETTINGS, ids=IDS)
def test_others_are_refused(client, rows, person, name, parts, method, _expected):
    client.force_login(person())
    assert getattr(client, method)(address(name, parts, rows)).status_code == 403


@pytest.mark.parametrize(("name", "parts", "method", "_expected"), SETTINGS, ids=IDS)
def test_strangers_are_asked_to_sign_in(client, rows, name, parts, method, _expected):
    response = getattr(client, method)(address(name, parts, rows))
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize(
    ("name", "parts", "method", "_expected"), [row for row in SETTINGS if row[3] == ACT and row[2] == "post"]
)
def test_acts_are_not_done_by_a_link(client, rows, name, parts, method, _expected):
    client.force_login(AdminFactory())
    assert client.get(address(name, parts, rows)).status_code == 405


@pytest.mark.parametrize(
    "path",
    [
        "/settings/people/999999/",
        "/settings/stages/999999/",
        "/settings/lists/nonsense/new/",
        "/settings/lists/nonsense/1/",
    ],
)
def test_what_is_not_there_is_not_found(client, path):
    client.force_login(AdminFactory())
    assert client.get(path).status_code == 404


def test_profile_is_for_everybody_who_signed_in(client):
    assert client.get("/profile/").status_code == 302
    client.force_login(UserFactory())
    assert client.get("/profile/").status_code == 200


class TestAbsences:
    """Oneself, who leads one, and administrators; others may see the name and are refused."""

    @pytest.fixture
    def person(self):
        return AEFactory()

    @pytest.fixture
    def leader(self, person):
        leader = LeaderFactory()
        TeamFactory(leaders=[leader], members=[person])
        return leader

    @pytest.mark.parametrize(
        ("who", "expected"), [("self", 200), ("leader", 200), ("admin", 200), ("colleague", 403)]
    )
    def test_door(self, client, person, leader, who, expected):
        everybody = {"self": person, "leader": leader, "admin": AdminFactory(), "colleague": AEFactory()}
        client.force_login(everybody[who])
        assert client.get(f"/people/{person.pk}/absences/new/").status_code == expected
        absence = Absence.objects.create(user=person, starts_on=LONG_AGO)
        removed = client.post(f"/absences/{absence.pk}/remove/")
        assert removed.status_code == (302 if expected == 200 else 404)
        assert Absence.objects.exists() is (expected == 403)
