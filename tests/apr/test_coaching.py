"""Advice of a coaching session: written, acknowledged, private to the two, and what followed on the deal.

2026-09-15 is a Tuesday; five working days later is Tuesday the 22nd.
"""

from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client
from rest_framework.test import APIClient

from apr.models import Action, CoachingAdvice
from apr.services.actions import log_action
from exchange.api.tokens import issue_token
from exchange.models import TokenScope
from opportunities.services.stages import move_stage
from tests.apr.pages import words
from tests.factories import (
    ActionFactory,
    AdminFactory,
    AEFactory,
    LeaderFactory,
    OpportunityFactory,
    PMFactory,
    TeamFactory,
    action_type,
    stage,
)

pytestmark = pytest.mark.django_db
SECRET = "Ask for the signatory before the price"


def at(day, hour=12):
    return datetime(2026, 9, day, hour, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(at(15, 18), tick=False) as traveller:
        yield traveller


@pytest.fixture
def nora():
    return PMFactory(name="Nora Lindqvist")


@pytest.fixture
def ana():
    return AEFactory(name="Ana Kovač")


@pytest.fixture
def priya(nora, ana):
    leader = LeaderFactory(name="Priya Menon")
    TeamFactory(leaders=[leader], members=[nora, ana])
    return leader


@pytest.fixture
def deal(nora, ana):
    return OpportunityFactory(name="Acme renewal", owner=ana, partner_manager=nora)


@pytest.fixture
def session(nora, ana, deal):
    return log_action(
        by=nora,
        actor=nora,
        action_type=action_type("coaching_session"),
        occurred_at=at(15, 9),
        deal=deal,
        counterpart=ana,
        notes="She hesitates",
        advice=SECRET,
    )


def signed_in(person):
    client = Client()
    client.force_login(person)
    return client


def api(person):
    client = APIClient()
    client.default_format = "json"
    secret = issue_token(by=person, name="test", scope=TokenScope.WRITE)[1]
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


def log_body(ana, deal, **fields):
    return {
        "action_type": action_type("coaching_session").pk,
        "counterpart": ana.pk,
        "counterpart_text": ana.name,
        "opportunity": deal.pk,
        "opportunity_text": deal.name,
        "occurred_on": "2026-09-15",
        "capacity": "coach",
        "advice": SECRET,
        "request_key": "one",
        **fields,
    }


# --- writing it -------------------------------------------------------------------------------------


def test_the_log_asks_for_advice_only_of_a_coaching_session(nora, ana, deal):
    client = signed_in(nora)
    coaching = {"action_type": action_type("coaching_session").pk}
    assert 'name="advice"' in client.get("/log/", coaching).text
    assert 'name="advice"' not in client.get("/log/", {"action_type": action_type("call_to").pk}).text
    assert client.post("/log/", log_body(ana, deal)).status_code == 302
    assert Action.objects.get().advice.text == SECRET


def test_what_is_typed_as_advice_stays_while_the_line_is_read(nora, ana, deal):
    answer = signed_in(nora).post("/log/reading/", log_body(ana, deal))
    assert SECRET in answer.text
    other = log_body(ana, deal, action_type=action_type("call_to").pk)
    assert 'name="advice"' not in signed_in(nora).post("/log/reading/", other).text
    assert signed_in(nora).post("/log/", other).status_code == 302
    assert not CoachingAdvice.objects.exists()


def test_other_advice_is_acknowledged_anew(nora, ana, session):
    signed_in(ana).post(f"/actions/{session.pk}/acknowledge/", {"word": "Will do"})
    client = signed_in(nora)
    form = client.get(f"/actions/{session.pk}/edit/").context["form"]
    assert form["advice"].value() == SECRET
    body = log_body(ana, session.opportunity, notes="She hesitates")
    client.post(f"/actions/{session.pk}/edit/", body)
    assert CoachingAdvice.objects.get().acknowledged_at is not None  # nothing was said otherwise
    client.post(f"/actions/{session.pk}/edit/", {**body, "advice": "Price last"})
    advice = CoachingAdvice.objects.get()
    assert (advice.text, advice.acknowledged_at, advice.word) == ("Price last", None, "")


# --- acknowledging ----------------------------------------------------------------------------------


def test_one_press_acknowledges_and_the_coach_sees_it(nora, ana, session):
    day = words(signed_in(ana).get("/"))
    assert f"Nora advises you on Acme renewal: “{SECRET}”" in day
    assert "Ana Kovač has not" not in day
    page = f"/actions/{session.pk}/coaching/"
    assert "Ana has not acknowledged the advice yet." in words(signed_in(nora).get(page))
    answer = signed_in(ana).post(f"/actions/{session.pk}/acknowledge/", {"next": "/"})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert "advises you" not in words(signed_in(ana).get("/"))
    assert "Ana acknowledged the advice on Tue 15 Sep." in words(signed_in(nora).get(page))
    assert Action.objects.get().confirmation == "none"  # that it was so is another question


def test_a_word_can_be_said_with_it(nora, ana, session):
    signed_in(ana).post(f"/actions/{session.pk}/acknowledge/", {"word": "I asked her today"})
    assert "Ana: I asked her today" in words(signed_in(nora).get(f"/actions/{session.pk}/coaching/"))


@pytest.mark.parametrize(
    ("who", "status"), [("nora", 403), ("priya", 403), ("admin", 403), ("stella", 404), ("ana", 302)]
)
def test_only_who_was_coached_acknowledges(nora, ana, priya, session, who, status):
    people = {"nora": nora, "ana": ana, "priya": priya, "admin": AdminFactory(), "stella": AEFactory()}
    person = people[who]
    assert signed_in(person).post(f"/actions/{session.pk}/acknowledge/").status_code == status
    by_api = api(person).post(f"/api/v1/actions/{session.pk}/acknowledge/", {}).status_code
    assert by_api == (200 if status == 302 else status)
    assert (CoachingAdvice.objects.get().acknowledged_at is not None) == (status == 302)


# --- private ----------------------------------------------------------------------------------------


def test_leaders_see_that_it_took_place_and_not_its_words(nora, ana, priya, session):
    signed_in(ana).post(f"/actions/{session.pk}/acknowledge/", {"word": "Private answer"})
    admin = AdminFactory()
    private = [SECRET, "Private answer", "She hesitates"]
    paths = [
        f"/actions/{session.pk}/coaching/",
        f"/opportunities/{session.opportunity_id}/",
        f"/actions/?person={nora.pk}",
        f"/actions/{session.pk}/edit/",
        f"/apr/people/{nora.pk}/rows/?period=2026-09",
        f"/admin/apr/action/{session.pk}/change/",
        f"/admin/apr/coachingadvice/{session.advice.pk}/change/",
        "/admin/apr/coachingadvice/",
    ]
    for person in (priya, admin):
        for path in paths:
            if path.startswith("/admin") and person is not admin:
                continue
            answer = signed_in(person).get(path)
            assert answer.status_code == 200, path
            assert [one for one in private if one in answer.text] == [], path
        row = api(person).get(f"/api/v1/actions/{session.pk}/").json()
        assert (row["notes"], row["advice"]) == (None, None)
        assert row["advice_acknowledged_at"] is not None
    told = words(signed_in(priya).get(f"/actions/{session.pk}/coaching/"))
    assert "Advice was given. Its words are read by the two who were there." in told
    assert api(ana).get(f"/api/v1/actions/{session.pk}/").json()["advice"] == SECRET
    assert SECRET in signed_in(nora).get(f"/opportunities/{session.opportunity_id}/").text


def test_a_leader_corrects_the_rest_and_opens_nothing(nora, ana, priya, session):
    client = signed_in(priya)
    body = log_body(ana, session.opportunity, duration_minutes=45)
    del body["advice"]
    assert client.post(f"/actions/{session.pk}/edit/", body).status_code == 302
    session.refresh_from_db()
    assert (session.duration_minutes, session.notes) == (45, "She hesitates")
    assert CoachingAdvice.objects.get().text == SECRET
    max_ = AEFactory(name="Max Weber")
    for change in (
        {"action_type": action_type("call_to").pk},
        {"counterpart": max_.pk, "counterpart_text": max_.name},
    ):
        refused = client.post(f"/actions/{session.pk}/edit/", {**body, **change})
        assert refused.status_code == 422
        assert "What was said in it is private" in refused.text


def test_only_coaching_carries_advice(nora, ana, deal):
    body = {
        "action_type": str(action_type("call_to").pk),
        "occurred_at": "2026-09-15T10:00:00Z",
        "opportunity": str(deal.pk),
        "advice": SECRET,
    }
    refused = api(nora).post("/api/v1/actions/", body)
    assert (refused.status_code, set(refused.json()["errors"])) == (400, {"advice"})
    coaching = {"action_type": str(action_type("coaching_session").pk), "counterpart": str(ana.pk)}
    made = api(nora).post("/api/v1/actions/", {**body, **coaching})
    assert (made.status_code, made.json()["advice"]) == (201, SECRET)
    word = {"word": "Yes"}
    answered = api(ana).post(f"/api/v1/actions/{made.json()['id']}/acknowledge/", word).json()
    assert answered["advice_acknowledged_at"] == "2026-09-15T18:00:00Z"


# --- what followed ----------------------------------------------------------------------------------


def test_what_followed_stands_under_it_for_five_working_days(nora, ana, deal, session, clock):
    ActionFactory(actor=ana, opportunity=deal, occurred_at=at(15, 8))  # before it
    ActionFactory(actor=ana, opportunity=deal, occurred_at=at(16), action_type=action_type("email"))
    ActionFactory(actor=nora, opportunity=deal, occurred_at=at(16, 13), action_type=action_type("call_to"))
    other = OpportunityFactory(owner=ana)
    ActionFactory(actor=ana, opportunity=other, occurred_at=at(17))
    clock.move_to(at(22, 20))
    move_stage(opportunity_id=deal.pk, to_stage=stage("Discovery"), by=ana, effective_at=at(18))
    ActionFactory(
        actor=ana, opportunity=deal, occurred_at=at(22, 19), action_type=action_type("face_to_face")
    )
    clock.move_to(at(24))
    ActionFactory(actor=ana, opportunity=deal, occurred_at=at(23), action_type=action_type("call_from"))
    said = (
        "Followed within 5 working days: Wed 16 Sep E-mail; Fri 18 Sep moved to Discovery; "
        "Tue 22 Sep Face-to-face meeting"
    )
    for reader in (nora, ana):
        assert said in words(signed_in(reader).get(f"/opportunities/{deal.pk}/"))
    entry = words(signed_in(nora).get(f"/actions/{session.pk}/coaching/"))
    assert "5 working days, until Tue 22 Sep 16 Sep E-mail 18 Sep moved to Discovery 22 Sep Face" in entry


def test_nothing_that_followed_is_said_too(nora, session, clock):
    page = f"/actions/{session.pk}/coaching/"
    assert "it shows here until Tue 22 Sep." in words(signed_in(nora).get(page))
    clock.move_to(at(23))
    assert "Nothing followed on the deal within 5 working days." in words(signed_in(nora).get(page))


def test_other_actions_have_no_session(nora, ana, deal):
    call = ActionFactory(actor=nora, opportunity=deal)
    assert signed_in(nora).get(f"/actions/{call.pk}/coaching/").status_code == 404
