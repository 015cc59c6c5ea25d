"""Moving a deal through the form: who may, what is asked, what history says, and who was quicker."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from opportunities.models import LostReason
from opportunities.permissions import may_move, movable
from opportunities.services.stages import move_stage
from tests.factories import stage
from tests.opportunities.conftest import OPENED, signed_in

pytestmark = pytest.mark.django_db
ALL_MET = ["Offer with price sent", "Decision path known"]


def path(deal):
    return f"/opportunities/{deal.pk}/move/"


def sent(deal, to, **more):
    return {"stage": to.pk, "version": deal.version, **more}


def test_who_may_move_a_deal(cast):
    for person, status in [
        (cast.ana, 302),
        (cast.lars, 302),
        (cast.admin, 302),
        (cast.nora, 403),
        (cast.priya, 403),
        (cast.stella, 404),
    ]:
        cast.deal.refresh_from_db()
        to = stage("Discovery") if cast.deal.stage.name != "Discovery" else stage("Qualify")
        before = cast.deal.stage
        response = signed_in(person).post(path(cast.deal), sent(cast.deal, to))
        assert response.status_code == status, person
        cast.deal.refresh_from_db()
        assert cast.deal.stage == (to if status == 302 else before)


def test_the_button_is_shown_to_those_who_may(cast):
    for person in (cast.ana, cast.lars, cast.nora):
        page = signed_in(person).get(f"/opportunities/{cast.deal.pk}/").text
        assert ("Move to…" in page) == (person != cast.nora)
        assert "Edit" in page  # both on the deal change its facts


def test_many_deals_are_judged_as_one_is(cast):
    for person in vars(cast).values():
        if hasattr(person, "roles"):
            assert movable(person, [cast.deal]) == ({cast.deal.pk} if may_move(person, cast.deal) else set())


def test_a_move_stands_in_history_with_who_and_when(cast):
    before = timezone.now()
    response = signed_in(cast.ana).post(
        path(cast.deal),
        sent(cast.deal, stage("Negotiation"), asked="True", criteria=ALL_MET, note="Offer signed off"),
    )
    assert response.status_code == 302
    cast.deal.refresh_from_db()
    assert cast.deal.stage.name == "Negotiation"
    step = cast.deal.stage_changes.last()
    assert (step.from_stage_name, step.to_stage_name) == ("Proposal", "Negotiation")
    assert step.changed_by == cast.ana
    assert before <= step.effective_at <= timezone.now()
    assert step.note == "Offer signed off"
    assert step.criteria_met == [{"text": text, "met": True} for text in ALL_MET]


def test_unmet_criteria_need_a_note(cast):
    client, values = (
        signed_in(cast.ana),
        sent(cast.deal, stage("Negotiation"), asked="True", criteria=ALL_MET[:1]),
    )
    response = client.post(path(cast.deal), values)
    assert response.status_code == 422
    assert "Some exit criteria are not met" in response.context["form"].errors["note"][0]
    assert response.context["form"]["criteria"].value() == ALL_MET[:1]
    cast.deal.refresh_from_db()
    assert cast.deal.stage.name == "Proposal"
    assert client.post(path(cast.deal), values | {"note": "They decide on Friday."}).status_code == 302
    step = cast.deal.stage_changes.last()
    assert [one["met"] for one in step.criteria_met] == [True, False]


def test_lost_needs_a_reason_and_reopening_clears_the_close(cast):
    client = signed_in(cast.ana)
    refused = client.post(
        path(cast.deal), sent(cast.deal, stage("Lost"), note="They stay with what they have.")
    )
    assert refused.status_code == 422
    assert refused.context["form"].errors["lost_reason"] == ["Say why the deal was lost."]
    assert "They stay with what they have." in refused.text
    reason = LostReason.objects.get(name="No decision")
    client.post(path(cast.deal), sent(cast.deal, stage("Lost"), lost_reason=reason.pk))
    cast.deal.refresh_from_db()
    assert (cast.deal.status, cast.deal.lost_reason) == ("lost", reason)
    assert cast.deal.closed_on is not None
    client.post(path(cast.deal), sent(cast.deal, stage("Proposal")))
    cast.deal.refresh_from_db()
    assert (cast.deal.status, cast.deal.lost_reason, cast.deal.closed_on) == ("open", None, None)


def test_a_move_can_be_dated_back_to_a_day_after_the_last_one(cast):
    client = signed_in(cast.ana)
    early = client.post(path(cast.deal), sent(cast.deal, stage("Discovery"), effective_on="2026-05-31"))
    assert early.status_code == 422
    assert "cannot lie before the last one" in early.text
    tomorrow = timezone.now().date() + timedelta(days=2)
    late = client.post(path(cast.deal), sent(cast.deal, stage("Discovery"), effective_on=str(tomorrow)))
    assert "cannot lie in the future" in late.text
    assert (
        client.post(
            path(cast.deal), sent(cast.deal, stage("Discovery"), effective_on="2026-06-09")
        ).status_code
        == 302
    )
    step = cast.deal.stage_changes.last()
    assert step.effective_at == datetime(2026, 6, 9, 12, tzinfo=UTC)
    assert step.effective_on == date(2026, 6, 9)
    assert step.recorded_at.date() == timezone.now().date()


def test_a_move_on_the_day_of_the_last_one_comes_after_it(cast):
    move_stage(
        opportunity_id=cast.deal.pk,
        to_stage=stage("Discovery"),
        by=cast.ana,
        effective_at=OPENED + timedelta(hours=5),
    )
    cast.deal.refresh_from_db()
    values = sent(cast.deal, stage("Qualify"), effective_on="2026-06-01")
    assert signed_in(cast.ana).post(path(cast.deal), values).status_code == 302
    assert cast.deal.stage_changes.last().effective_at == OPENED + timedelta(hours=5)
    assert cast.deal.stage_changes.last().to_stage_name == "Qualify"


def test_a_stale_version_shows_both_sides_and_changes_nothing(cast):
    stale = sent(cast.deal, stage("Discovery"), note="Back to the start")
    move_stage(opportunity_id=cast.deal.pk, to_stage=stage("Negotiation"), by=cast.lars)
    response = signed_in(cast.ana).post(path(cast.deal), stale)
    assert response.status_code == 409
    assert "It now stands in Negotiation" in response.text
    assert "Lars Dekker" in response.text
    assert "Back to the start" in response.text
    assert f"/move/?to={stage('Discovery').pk}" in response.text
    cast.deal.refresh_from_db()
    assert cast.deal.stage.name == "Negotiation"
    assert cast.deal.stage_changes.count() == 2


def test_who_comes_second_to_the_same_stage_is_told_of_the_first(cast):
    stale = sent(cast.deal, stage("Negotiation"))
    move_stage(opportunity_id=cast.deal.pk, to_stage=stage("Negotiation"), by=cast.lars)
    response = signed_in(cast.ana).post(path(cast.deal), stale)
    assert response.status_code == 409
    assert "Lars Dekker" in response.text
    assert "all the same" not in response.text  # it is there already
    assert cast.deal.stage_changes.count() == 2


def test_a_conflict_comes_before_the_questions_of_a_stage_that_was_left(cast):
    stale = sent(cast.deal, stage("Proposal"), asked="True")
    move_stage(opportunity_id=cast.deal.pk, to_stage=stage("Discovery"), by=cast.lars)
    response = signed_in(cast.ana).post(path(cast.deal), stale)
    assert response.status_code == 409
    assert "What holds by now?" not in response.text


def test_broken_input_is_refused_in_words(cast):
    client = signed_in(cast.ana)
    for values in [
        {"stage": "x", "version": "y"},
        sent(cast.deal, cast.deal.stage),
        {"stage": "99999999999"},
    ]:
        response = client.post(path(cast.deal), values)
        assert response.status_code == 422, values
        assert response.context["form"].errors
    assert client.get(path(cast.deal) + "?to=abc&version=xyz").status_code == 200
    assert cast.deal.stage_changes.count() == 1


def test_with_a_stage_given_only_what_it_needs_is_asked(cast):
    client = signed_in(cast.ana)

    def fields(to):
        return list(client.get(path(cast.deal), {"to": stage(to).pk}).context["form"].fields)

    assert fields("Lost") == ["stage", "lost_reason", "note", "effective_on", "version"]
    assert fields("Negotiation") == ["stage", "criteria", "asked", "note", "effective_on", "version"]
    assert fields("Qualify") == ["stage", "note", "effective_on", "version"]


def on_board(client, deal, values):
    headers = {
        "HX-Request": "true",
        "HX-Target": "dialog-body",
        "HX-Current-URL": "http://testserver/opportunities/board/?quiet=on",
    }
    return client.post(path(deal), values, headers=headers)


def test_the_board_gets_an_undo_that_moves_back(cast):
    client = signed_in(cast.ana)
    response = on_board(client, cast.deal, sent(cast.deal, stage("Discovery")))
    assert response.status_code == 204
    events = json.loads(response["HX-Trigger"])
    assert events["deals:changed"] == {"deal": cast.deal.pk}
    assert events["toast"]["text"] == "Acme renewal moved to Discovery."
    undone = on_board(client, cast.deal, events["toast"]["act"]["values"])
    assert undone.status_code == 204
    cast.deal.refresh_from_db()
    assert cast.deal.stage.name == "Proposal"
    assert [step.to_stage_name for step in cast.deal.stage_changes.all()] == [
        "Proposal",
        "Discovery",
        "Proposal",
    ]


def test_undoing_a_reopening_remembers_the_reason(cast):
    client, reason = signed_in(cast.ana), LostReason.objects.first()
    move_stage(opportunity_id=cast.deal.pk, to_stage=stage("Lost"), by=cast.ana, lost_reason=reason)
    cast.deal.refresh_from_db()
    response = on_board(client, cast.deal, sent(cast.deal, stage("Proposal")))
    act = json.loads(response["HX-Trigger"])["toast"]["act"]
    assert on_board(client, cast.deal, act["values"]).status_code == 204
    cast.deal.refresh_from_db()
    assert cast.deal.lost_reason == reason


def test_a_conflict_on_the_board_is_a_fragment_and_draws_it_anew(cast):
    stale = sent(cast.deal, stage("Discovery"))
    move_stage(opportunity_id=cast.deal.pk, to_stage=stage("Qualify"), by=cast.lars)
    response = on_board(signed_in(cast.ana), cast.deal, stale)
    assert response.status_code == 422
    assert "<html" not in response.text
    assert "deals:changed" in response["HX-Trigger"]
