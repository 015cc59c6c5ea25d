"""Writing down what was done, through its page. Today is Tuesday 15 September 2026, noon UTC."""

import json
import re
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from apr.models import Action, PointRule
from apr.periods import parse_period
from apr.scorecards import person_score
from tests.factories import (
    ActionFactory,
    AEFactory,
    OpportunityFactory,
    PartnerFactory,
    PMFactory,
    TargetFactory,
    action_type,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 9, 15, 12, tzinfo=UTC)
SEPTEMBER, Q2 = parse_period("2026-09"), parse_period("2026-Q2")


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def nora(client):
    nora = PMFactory(name="Nora Lindqvist")
    client.force_login(nora)
    return nora


@pytest.fixture
def ana():
    return AEFactory(name="Ana Kovač")


@pytest.fixture
def acme(nora, ana):
    return OpportunityFactory(name="Acme renewal", owner=ana, partner_manager=nora)


def shown(html):
    """The fields of the form as the page shows them, to be sent back."""
    inputs = re.findall(r"<input\b[^>]*>", html)
    fields = {}
    for one in inputs:
        name, value = re.search(r'name="([^"]*)"', one), re.search(r'value="([^"]*)"', one)
        if name:
            fields[name[1]] = (value[1] if value else "").replace("&quot;", '"').replace("&#x27;", "'")
    for name, options in re.findall(r'<select name="(\w+)".*?>(.*?)</select>', html, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        fields[name] = chosen[1] if chosen else ""
    for name, text in re.findall(r'<textarea[^>]*name="(\w+)"[^>]*>(.*?)</textarea>', html, re.DOTALL):
        fields[name] = text.strip()
    return fields


def form(client, query=""):
    return shown(client.get(f"/log/{query}").content.decode())


def read(client, line):
    return client.post("/log/reading/", form(client) | {"line": line}).content.decode()


def test_strangers_are_asked_to_sign_in(client):
    for path in ("/log/", "/log/find/opportunity/"):
        assert client.get(path)["Location"].startswith("/accounts/login/")


def test_a_typed_line_is_logged_as_it_was_understood(client, nora, ana, acme):
    client.post("/log/", form(client) | {"line": "coached Ana on Acme renewal 30m yesterday"})
    action = Action.objects.get()
    assert (action.action_type.key, action.counterpart, action.opportunity) == ("coaching_session", ana, acme)
    assert (action.duration_minutes, action.occurred_on, action.capacity) == (30, date(2026, 9, 14), "coach")
    assert action.customer == acme.customer


def test_the_score_rises_in_the_answer_and_falls_with_undo(client, nora, ana, acme):
    TargetFactory(user=nora)
    sent = form(client, "?from=/actions/") | {"line": "coached Ana on Acme renewal"}
    html = client.post("/log/", sent, follow=True).content.decode()
    assert "Coached Ana, Acme renewal: +2, now 2 of 60 points in September 2026." in html
    action = Action.objects.get()
    assert f"/actions/{action.pk}/undo/" in html
    client.post(f"/actions/{action.pk}/undo/", {"next": "/"})
    assert person_score(nora, SEPTEMBER).counted_points == 0


def test_back_dated_work_counts_where_it_happened(client, nora, acme):
    client.post("/log/", form(client, f"?opportunity={acme.pk}") | {"occurred_on": "2026-06-30"})
    assert person_score(nora, Q2).counted_points > 0
    assert person_score(nora, SEPTEMBER).counted_points == 0


def test_a_rule_from_tomorrow_changes_nothing_before(client, nora, ana, acme):
    kind = action_type("coaching_session")
    PointRule.objects.create(action_type=kind, points=9, effective_from=date(2026, 9, 16))
    client.post("/log/", form(client) | {"line": "coached Ana on Acme renewal"})
    assert person_score(nora, SEPTEMBER).counted_points == 2


def test_sent_twice_it_is_one(client, nora, acme):
    sent = form(client, f"?opportunity={acme.pk}")
    for _time in range(2):
        client.post("/log/", sent)
    assert Action.objects.count() == 1


def test_the_page_fills_what_it_was_opened_on(client, nora, ana, acme):
    partner = PartnerFactory(name="Norrvik Systems", managers=[nora])
    fields = form(
        client,
        f"?opportunity={acme.pk}&partner={partner.pk}&action_type={action_type('joint_deal_review').pk}",
    )
    assert fields["opportunity"] == str(acme.pk)
    assert fields["opportunity_text"].startswith("Acme renewal · ")
    assert fields["partner_text"] == "Norrvik Systems"
    assert fields["counterpart_text"] == "Ana Kovač"
    assert fields["occurred_on"] == "2026-09-15"


def test_without_a_page_it_guesses_what_was_logged_last(client, nora, acme):
    ActionFactory(actor=nora, opportunity=acme, action_type=action_type("webinar"))
    fields = form(client)
    assert fields["action_type"] == str(action_type("webinar").pk)
    assert fields["opportunity"] == str(acme.pk)


def test_what_is_set_by_hand_stays_when_the_line_says_otherwise(client, nora, ana, acme):
    sent = form(client) | {"line": "coached Ana on Acme renewal yesterday", "occurred_on": "2026-09-01"}
    answer = client.post("/log/reading/", sent).content.decode()
    assert 'value="2026-09-01"' in answer
    assert "as you set it" in answer
    again = sent | {name: value for name, value in shown(answer).items() if name in {"seen", "by_hand"}}
    client.post("/log/", again | shown(answer))
    assert Action.objects.get().occurred_on == date(2026, 9, 1)


def test_reading_says_what_saving_will_do(client, nora, ana, acme):
    TargetFactory(user=nora)
    ActionFactory(
        actor=nora, opportunity=acme, capacity="partner_manager", occurred_at=NOW - timedelta(days=14)
    )
    answer = client.post(
        "/log/reading/", form(client) | {"line": "coached Ana on Acme renewal"}
    ).content.decode()
    assert "<strong>1 → 3 of 60</strong> in September 2026" in answer
    assert "Ends the silence on Acme renewal at 9 working days" in answer
    assert "“coached”" in answer
    assert not Action.objects.filter(action_type__key="coaching_session").exists()


def test_a_cap_that_is_reached_is_said(client, nora, acme):
    PointRule.objects.create(
        action_type=action_type("email"), points=1, daily_cap=1, effective_from=date(2026, 9, 1)
    )
    ActionFactory(actor=nora, opportunity=acme, action_type=action_type("email"))
    answer = read(client, "emailed Acme renewal")
    assert "+0" in answer
    assert "The cap of the day is reached" in answer


def test_of_two_with_one_name_the_one_on_the_deal_is_meant(client, nora, ana, acme):
    other = AEFactory(name="Ana Lima")
    answer = client.post(
        "/log/reading/", form(client) | {"line": "coached Ana on Acme renewal"}
    ).content.decode()
    assert shown(answer)["counterpart"] == str(ana.pk)
    assert "Ana Lima instead" in answer
    chosen = form(client) | {"line": "coached Ana on Acme renewal", "set": f"counterpart:{other.pk}"}
    assert shown(client.post("/log/reading/", chosen).content.decode())["counterpart"] == str(other.pk)


class TestBadInput:
    def test_nothing_it_was_about(self, client, nora):
        sent = form(client) | {"action_type": str(action_type("call_to").pk), "notes": "prices"}
        response = client.post("/log/", sent)
        assert response.status_code == 422
        assert "Say which deal, partner or customer it was about." in response.content.decode()
        assert shown(response.content.decode())["notes"] == "prices"

    @pytest.mark.parametrize(
        ("field", "typed", "said"),
        [
            ("opportunity_text", "Nowhere", "Nothing you see is called “Nowhere”."),
            ("occurred_on", "2026-09-16", "Log it once it has happened."),
            ("occurred_on", "soon", "Enter a valid date."),
            ("duration_minutes", "9999", "1440"),
        ],
    )
    def test_is_said_under_its_field_and_kept(self, client, nora, acme, field, typed, said):
        response = client.post("/log/", form(client, f"?opportunity={acme.pk}") | {field: typed})
        html = response.content.decode()
        assert response.status_code == 422
        assert said in html
        assert shown(html)[field] == typed
        assert not Action.objects.exists()

    def test_a_name_that_fits_several(self, client, nora, ana):
        for name in ("Acme renewal", "Acme pilot"):
            OpportunityFactory(name=name, owner=ana, partner_manager=nora)
        response = client.post("/log/", form(client) | {"opportunity_text": "Acme"})
        assert "fits several" in response.content.decode()

    @pytest.mark.parametrize("seen", ["", "[]", "nonsense", json.dumps({"line": 3})])
    def test_a_sheet_that_was_tampered_with(self, client, nora, acme, seen):
        response = client.post("/log/", form(client, f"?opportunity={acme.pk}") | {"seen": seen})
        assert response.status_code == 302

    @pytest.mark.parametrize("query", ["?opportunity=x", "?partner=1e9", "?action_type=0", "?line="])
    def test_an_address_that_means_nothing(self, client, nora, query):
        assert client.get(f"/log/{query}").status_code == 200


def test_deals_of_others_are_neither_found_nor_logged_on(client, acme):
    client.force_login(PMFactory())
    assert "Acme" not in client.get("/log/find/opportunity/?opportunity_text=Acme").content.decode()
    assert form(client, f"?opportunity={acme.pk}")["opportunity"] == ""
    sent = form(client) | {"opportunity": str(acme.pk), "opportunity_text": "Acme renewal"}
    assert client.post("/log/", sent).status_code == 422
    assert not Action.objects.exists()


def test_names_are_found_while_one_types(client, nora, acme):
    found = client.get("/log/find/opportunity/?opportunity_text=acme ren").content.decode()
    assert "Acme renewal · " in found
    assert client.get("/log/find/secrets/").status_code == 404


def test_it_never_leads_away_from_the_site(client, nora, acme):
    sent = form(client, f"?opportunity={acme.pk}") | {"from": "https://elsewhere.example/"}
    assert client.post("/log/", sent)["Location"] == "/"
