"""The log as a list: one's own, that of people one leads, what waits for one's word."""

import re
from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apr.models import Action, PointRule
from tests.factories import (
    ActionFactory,
    AdminFactory,
    AEFactory,
    LeaderFactory,
    OpportunityFactory,
    PMFactory,
    TeamFactory,
    action_type,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def nora():
    return PMFactory(name="Nora Lindqvist")


@pytest.fixture
def ana():
    return AEFactory(name="Ana Kovač")


@pytest.fixture
def action(nora, ana):
    deal = OpportunityFactory(name="Acme renewal", owner=ana, partner_manager=nora)
    return ActionFactory(
        actor=nora,
        opportunity=deal,
        counterpart=ana,
        action_type=action_type("joint_deal_review"),
        notes="pricing",
    )


def page(client, user, path="/actions/"):
    client.force_login(user)
    return client.get(path).content.decode()


@pytest.mark.parametrize("path", ["/actions/", "/actions/waiting/", "/actions/1/void/", "/actions/1/edit/"])
def test_strangers_are_asked_to_sign_in(client, path):
    assert client.get(path)["Location"].startswith("/accounts/login/")


def test_my_log_shows_points_raw_and_counted(client, nora):
    kind = action_type("email")
    PointRule.objects.create(action_type=kind, points=1, daily_cap=1, effective_from=date(2026, 1, 1))
    for hour in (9, 10):
        ActionFactory(actor=nora, action_type=kind, occurred_at=datetime(2026, 9, 15, hour, tzinfo=UTC))
    html = page(client, nora)
    assert "2 actions in your log." in html
    assert html.count("over the cap") == 1


@pytest.mark.parametrize(
    ("query", "is_there"),
    [
        ("deal=acme", True),
        ("deal=globex", False),
        ("since=2026-09-15&until=2026-09-15", True),
        ("since=2026-09-16", False),
        ("confirmation=none", True),
        ("confirmation=confirmed", False),
        ("since=nonsense", False),
        ("page=99", True),
    ],
)
def test_filters(client, nora, action, query, is_there):
    html = page(client, nora, f"/actions/?{query}")
    assert ("pricing" in html) is is_there


def test_the_log_of_somebody_else(client, nora, ana, action):
    leader = LeaderFactory()
    TeamFactory(leaders=[leader], members=[nora])
    path = f"/actions/?person={nora.pk}"
    assert "pricing" in page(client, leader, path)
    assert "pricing" in page(client, AdminFactory(), path)
    assert "pricing" not in page(client, PMFactory(), path)
    assert "pricing" not in page(client, ana, path)


def test_void_keeps_it_on_record_and_restore_brings_it_back(client, nora, action):
    client.force_login(nora)
    client.post(f"/actions/{action.pk}/void/", {"reason": "Logged twice"})
    action.refresh_from_db()
    assert action.void_reason == "Logged twice"
    assert "pricing" not in page(client, nora)
    assert "Logged twice" in page(client, nora, "/actions/?voided=on")
    client.post(f"/actions/{action.pk}/restore/")
    assert "pricing" in page(client, nora)


def test_correcting_asks_the_counterpart_anew(client, nora, ana, action):
    client.force_login(ana)
    client.post(f"/actions/{action.pk}/answer/", {"answer": "confirmed"})
    client.force_login(nora)
    sent = {
        "action_type": action_type("coaching_session").pk,
        "counterpart": ana.pk,
        "counterpart_text": ana.name,
        "opportunity": action.opportunity_id,
        "occurred_on": "2026-09-14",
        "capacity": "coach",
        "notes": "changed",
    }
    assert client.post(f"/actions/{action.pk}/edit/", sent).status_code == 302
    action.refresh_from_db()
    assert (action.action_type.key, action.occurred_on) == ("coaching_session", date(2026, 9, 14))
    assert (action.confirmation, action.notes) == ("none", "changed")


def test_a_correction_that_is_refused_keeps_what_was_typed(client, nora, action):
    client.force_login(nora)
    sent = {"action_type": action_type("coaching_session").pk, "occurred_on": "2026-09-14", "notes": "kept"}
    sent["capacity"] = "coach"
    response = client.post(f"/actions/{action.pk}/edit/", sent)
    assert response.status_code == 422
    assert "Say who was coached." in response.content.decode()
    assert "kept" in response.content.decode()


@pytest.mark.parametrize("act", ["void", "undo", "restore", "edit"])
def test_what_is_not_mine_to_change(client, ana, action, act):
    client.force_login(ana)
    assert client.post(f"/actions/{action.pk}/{act}/").status_code == 403
    client.force_login(PMFactory())
    assert client.post(f"/actions/{action.pk}/{act}/").status_code == 404
    assert Action.objects.get().voided_at is None


def test_only_the_counterpart_answers(client, nora, ana, action):
    client.force_login(nora)
    assert client.post(f"/actions/{action.pk}/answer/").status_code == 403
    assert client.post(f"/actions/{action.pk}/dispute/", {"note": "no"}).status_code == 403
    client.force_login(ana)
    refused = client.post(f"/actions/{action.pk}/dispute/", {"note": " "})
    assert refused.status_code == 422
    client.post(f"/actions/{action.pk}/dispute/", {"note": "It was another deal"})
    action.refresh_from_db()
    assert (action.confirmation, action.confirmation_note) == ("disputed", "It was another deal")
    assert "It was another deal" in page(client, nora)


def test_confirming_many_at_once_takes_only_what_waits_for_me(client, nora, ana, action):
    second = ActionFactory(actor=nora, counterpart=ana)
    foreign = ActionFactory(actor=nora, counterpart=AEFactory())
    assert "2 actions wait for your word." in page(client, ana, "/actions/waiting/")
    client.post("/actions/confirm/", {"action": [action.pk, second.pk, foreign.pk, "x"]})
    answers = dict(Action.objects.values_list("pk", "confirmation"))
    assert answers == {action.pk: "confirmed", second.pk: "confirmed", foreign.pk: "none"}


@pytest.fixture
def five(nora, ana):
    """Five actions of Nora's that wait for Ana's word."""
    return [ActionFactory(actor=nora, counterpart=ana) for _number in range(5)]


def shown(client, name):
    return re.findall(rf'name="{name}" value="(\d+)"', client.get("/actions/waiting/").text)


def test_five_are_confirmed_by_opening_the_page_and_one_press(client, ana, five):
    client.force_login(ana)
    assert "Confirm all 5" in page(client, ana, "/actions/waiting/")
    client.post("/actions/confirm/", {"act": "all", "shown": shown(client, "shown")})
    assert set(Action.objects.values_list("confirmation")) == {("confirmed",)}
    assert "Nothing waits for your word." in page(client, ana, "/actions/waiting/")


def test_confirming_all_confirms_only_what_was_shown(client, nora, ana, five):
    client.force_login(ana)
    seen = shown(client, "shown")
    later = ActionFactory(actor=nora, counterpart=ana)
    client.post("/actions/confirm/", {"act": "all", "shown": seen})
    later.refresh_from_db()
    assert later.confirmation == "none"
    assert Action.objects.filter(confirmation="confirmed").count() == 5


def test_several_are_disputed_with_one_word(client, nora, ana, five):
    client.force_login(ana)
    body = {"act": "dispute", "action": [five[0].pk, five[1].pk], "note": "I was away that week"}
    client.post("/actions/confirm/", body)
    disputed = Action.objects.filter(confirmation="disputed")
    assert {row.pk for row in disputed} == {five[0].pk, five[1].pk}
    assert {row.confirmation_note for row in disputed} == {"I was away that week"}
    assert "I was away that week" in page(client, nora)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"act": "dispute", "note": " "}, "Say in a word what was different."),
        ({"act": "dispute", "note": "No", "action": []}, "Choose the actions that you mean."),
        ({"act": "chosen", "action": []}, "Choose the actions that you mean."),
        ({"act": "all"}, "Choose the actions that you mean."),
        ({}, None),
    ],
)
def test_a_refused_answer_answers_nothing_and_keeps_what_was_chosen(client, ana, five, body, said):
    client.force_login(ana)
    answer = client.post("/actions/confirm/", {"action": [five[0].pk, five[3].pk], **body})
    assert answer.status_code == (302 if said is None else 422)
    if said is not None:
        assert said in answer.text
        assert answer.text.count(" checked") == len(body.get("action", [1, 2]))
        assert not Action.objects.exclude(confirmation="none").exists()


def test_nobody_confirms_their_own_among_many(client, nora, five):
    client.force_login(nora)
    pks = [row.pk for row in five]
    for act in ("all", "chosen", "dispute"):
        answer = client.post("/actions/confirm/", {"act": act, "action": pks, "shown": pks, "note": "x"})
        assert answer.status_code == 422
    assert set(Action.objects.values_list("confirmation")) == {("none",)}


@pytest.mark.parametrize("path", ["/actions/", "/actions/waiting/"])
def test_queries_are_the_same_for_one_and_for_fifty(client, nora, ana, path):
    def count():
        reader = nora if path == "/actions/" else ana
        client.force_login(reader)
        client.get(path)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        return len(captured)

    ActionFactory(actor=nora, counterpart=ana)
    one = count()
    ActionFactory.create_batch(49, actor=nora, counterpart=ana)
    assert count() == one
    assert one <= 19  # seven of them are the session's
