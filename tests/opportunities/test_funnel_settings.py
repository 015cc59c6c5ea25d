"""Funnels and stages as an administrator changes them: in place, together, without touching the past."""

import pytest
from django.urls import reverse

from opportunities.models import Funnel, LostReason, Opportunity, Stage, StageChange, StageKind
from tests.factories import AdminFactory, AEFactory, OpportunityFactory, stage

pytestmark = pytest.mark.django_db
NAMES = ["Qualify", "Discovery", "Solution fit", "Proposal", "Negotiation"]


@pytest.fixture
def admin(client):
    admin = AdminFactory(name="Elif Maes")
    client.force_login(admin)
    return admin


@pytest.fixture
def funnel():
    return Funnel.objects.get()


def in_order(funnel):
    stages = funnel.stages.filter(kind=StageKind.OPEN, is_active=True)
    return list(stages.values_list("name", flat=True))


def typed(funnel, changes=None, order=None):
    """What the table sends: every row as it stands, with some values changed and places by name."""
    data = {}
    rows = list(funnel.stages.filter(kind=StageKind.OPEN, is_active=True))
    for at, row in enumerate(rows):
        data |= {
            f"rows-{at}-id": row.pk,
            f"rows-{at}-place": (order or NAMES).index(row.name) + 1,
            f"rows-{at}-name": row.name,
            f"rows-{at}-probability": row.probability,
            f"rows-{at}-expected_days": row.expected_days or "",
            f"rows-{at}-allowed_silence_days": row.allowed_silence_days or "",
        }
        for field, value in (changes or {}).get(row.name, {}).items():
            data[f"rows-{at}-{field}"] = value
    return data | {"rows-TOTAL_FORMS": len(rows), "rows-INITIAL_FORMS": len(rows)}


def save(client, funnel, **kwargs):
    return client.post(reverse("settings:funnel", args=[funnel.pk]), typed(funnel, **kwargs))


def test_numbers_alone_change_the_order(client, admin, funnel):
    wanted = ["Discovery", "Qualify", "Solution fit", "Negotiation", "Proposal"]
    assert save(client, funnel, order=wanted).status_code == 302
    assert in_order(funnel) == wanted
    assert list(funnel.stages.filter(is_active=True).values_list("name", flat=True))[-2:] == ["Won", "Lost"]


def test_all_rows_are_saved_together(client, admin, funnel):
    changes = {
        "Qualify": {"name": "First talk", "probability": 5},
        "Proposal": {"expected_days": 9, "allowed_silence_days": ""},
    }
    assert save(client, funnel, changes=changes).status_code == 302
    first, proposal = stage("First talk"), stage("Proposal")
    assert first.probability == 5
    assert (proposal.expected_days, proposal.allowed_silence_days) == (9, None)


def test_two_stages_exchange_their_names(client, admin, funnel):
    before = {row.name: row.pk for row in funnel.stages.all()}
    changes = {"Qualify": {"name": "Discovery"}, "Discovery": {"name": "Qualify"}}
    assert save(client, funnel, changes=changes).status_code == 302
    assert stage("Qualify").pk == before["Discovery"]
    assert stage("Discovery").pk == before["Qualify"]
    assert in_order(funnel)[:2] == ["Discovery", "Qualify"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"Qualify": {"probability": "180"}}, "Ensure this value is less than or equal to 100."),
        ({"Qualify": {"probability": "many"}}, "Enter a whole number."),
        ({"Qualify": {"name": ""}}, "This field is required."),
        ({"Qualify": {"name": "proposal"}}, "Another row has this name too."),
    ],
)
def test_refused_values_stay_in_their_fields_and_nothing_is_saved(client, admin, funnel, changes, said):
    changes["Negotiation"] = {"name": "Last talks"}
    response = save(client, funnel, changes=changes)
    page = response.content.decode()
    assert response.status_code == 422
    assert said in page
    assert 'value="Last talks"' in page
    for value in changes["Qualify"].values():
        assert not value or f'value="{value}"' in page
    assert in_order(funnel) == NAMES


def test_stage_retired_meanwhile_is_said_and_nothing_is_saved(client, admin, funnel):
    sent = typed(funnel, changes={"Qualify": {"name": "First talk"}})
    Stage.objects.filter(name="Proposal").update(is_active=False)
    response = client.post(reverse("settings:funnel", args=[funnel.pk]), sent, follow=True)
    assert "Somebody added or retired a stage meanwhile" in response.content.decode()
    assert stage("Qualify").name == "Qualify"


@pytest.mark.parametrize(
    "changes",
    [
        {"rows-TOTAL_FORMS": "6", "rows-5-name": "Smuggled", "rows-5-probability": "1", "rows-5-place": "6"},
        {"rows-TOTAL_FORMS": "many"},
        {"rows-INITIAL_FORMS": "0"},
        {"rows-0-id": "x"},
        {"rows-0-id": "999999"},
    ],
)
def test_garbage_changes_nothing(client, admin, funnel, changes):
    sent = typed(funnel, changes={"Discovery": {"name": "Changed"}}) | changes
    assert client.post(reverse("settings:funnel", args=[funnel.pk]), sent).status_code == 302
    assert in_order(funnel) == NAMES


def test_past_visits_keep_the_expected_days_that_held_when_they_began(client, admin, funnel):
    deal = OpportunityFactory()
    save(client, funnel, changes={"Qualify": {"expected_days": 3}})
    assert StageChange.objects.get(opportunity=deal).expected_days == 15
    later = OpportunityFactory()
    assert StageChange.objects.get(opportunity=later).expected_days == 3


class TestRetiring:
    def retire(self, client, name, **data):
        return client.post(reverse("settings:stage_retire", args=[stage(name).pk]), data)

    def test_empty_stage_goes_at_once_and_comes_back_last(self, client, admin, funnel):
        assert self.retire(client, "Discovery").status_code == 302
        assert "Discovery" not in in_order(funnel)
        client.post(reverse("settings:stage_restore", args=[Stage.objects.get(name="Discovery").pk]))
        assert in_order(funnel)[-1] == "Discovery"

    def test_deals_have_to_go_somewhere_first(self, client, admin, funnel):
        OpportunityFactory(stage=stage("Discovery"))
        response = self.retire(client, "Discovery")
        assert response.status_code == 422
        assert "1 open deal stands in this stage" in response.content.decode()
        assert "Discovery" in in_order(funnel)

    def test_deals_move_with_a_note_in_their_history(self, client, admin, funnel):
        deal = OpportunityFactory(stage=stage("Discovery"), owner=AEFactory())
        assert self.retire(client, "Discovery", move_to=stage("Proposal").pk).status_code == 302
        deal = Opportunity.objects.get(pk=deal.pk)
        assert deal.stage.name == "Proposal"
        step = deal.stage_changes.order_by("pk").last()
        assert (step.changed_by, step.note) == (admin, "Discovery was retired.")

    @pytest.mark.parametrize("wrong", ["Won", "Discovery"])
    def test_deals_cannot_go_to_a_closing_stage_or_stay(self, client, admin, funnel, wrong):
        OpportunityFactory(stage=stage("Discovery"))
        assert self.retire(client, "Discovery", move_to=stage(wrong).pk).status_code == 422
        assert "Discovery" in in_order(funnel)

    def test_closing_stages_and_the_last_open_one_stay(self, client, admin, funnel):
        assert self.retire(client, "Won").status_code == 422
        for name in NAMES[:-1]:
            assert self.retire(client, name).status_code == 302
        response = self.retire(client, "Negotiation")
        assert response.status_code == 422
        assert "at least one open stage" in response.content.decode()

    def test_name_taken_meanwhile_is_said(self, client, admin, funnel):
        self.retire(client, "Discovery")
        client.post(reverse("settings:stage_new", args=[funnel.pk]), new_stage("Discovery"))
        old = Stage.objects.get(name="Discovery", is_active=False)
        response = client.post(reverse("settings:stage_restore", args=[old.pk]), follow=True)
        assert "Another stage is called Discovery now" in response.content.decode()


def new_stage(name):
    return {
        "name": name,
        "probability": 30,
        "forecast_category": "pipeline",
        "exit_criteria": "",
        "guidance": "",
    }


def test_new_stage_stands_behind_the_others(client, admin, funnel):
    response = client.post(reverse("settings:stage_new", args=[funnel.pk]), new_stage("Pilot"))
    assert response.status_code == 302
    assert in_order(funnel) == [*NAMES, "Pilot"]


def test_name_in_use_is_refused_in_the_dialog_too(client, admin, funnel):
    response = client.post(reverse("settings:stage_new", args=[funnel.pk]), new_stage("Proposal"))
    assert response.status_code == 422
    assert in_order(funnel) == NAMES


def test_another_funnel_can_become_the_default(client, admin, funnel):
    client.post(reverse("settings:funnel_new"), {"name": "Renewals"})
    renewals = Funnel.objects.get(name="Renewals")
    assert [row.kind for row in renewals.stages.all()] == ["open", "won", "lost"]
    client.post(reverse("settings:funnel_act", args=[renewals.pk, "default"]))
    assert Funnel.objects.get(is_default=True) == renewals
    response = client.post(reverse("settings:funnel_act", args=[renewals.pk, "retire"]), follow=True)
    assert "Make another funnel the default first" in response.content.decode()


def test_funnel_with_open_deals_is_not_retired(client, admin, funnel):
    OpportunityFactory()
    client.post(reverse("settings:funnel_new"), {"name": "Renewals"})
    client.post(reverse("settings:funnel_act", args=[Funnel.objects.get(name="Renewals").pk, "default"]))
    client.post(reverse("settings:funnel_act", args=[funnel.pk, "retire"]))
    assert Funnel.objects.get(pk=funnel.pk).is_active


def test_retired_lost_reason_is_not_offered_and_stays(client, admin):
    reason = LostReason.objects.get(name="Price")
    path = reverse("settings:list_item_toggle", args=["lost-reasons", reason.pk])
    client.post(path)
    assert not LostReason.objects.get(pk=reason.pk).is_active
    client.post(path)
    assert LostReason.objects.get(pk=reason.pk).is_active


def test_stages_are_shown_with_few_queries(client, admin, funnel, django_assert_max_num_queries):
    for name in NAMES:
        OpportunityFactory.create_batch(3, stage=stage(name))
    path = reverse("settings:funnel", args=[funnel.pk])
    client.get(path)
    with django_assert_max_num_queries(16):
        page = client.get(path).content.decode()
    assert "15 open deals" in page
