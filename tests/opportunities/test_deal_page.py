"""The page of a deal: what it says, who may do what on it, and what the acts leave in rows and history.

2026-09-15 is a Tuesday; the deal of the cast was opened in Proposal on Monday 1 June 2026 at noon.
"""

import re
from datetime import UTC, date, datetime

import pytest
from django.urls import reverse

from accounts.models import Organisation
from opportunities.models import Commitment, CommitmentOutcome, LostReason, Obstacle
from opportunities.services.details import edit_opportunity
from opportunities.services.people import assign
from opportunities.services.stages import move_stage
from opportunities.services.work import promise, settle_promise
from partners.models import Partner
from tests.factories import (
    ActionFactory,
    CommitmentFactory,
    ObstacleFactory,
    OpportunityFactory,
    action_type,
    stage,
)
from tests.opportunities.conftest import signed_in

pytestmark = pytest.mark.django_db
TODAY = date(2026, 9, 15)


@pytest.fixture(autouse=True)
def today(monkeypatch):
    """Tuesday 15 September 2026, at the organisation and for everybody in it."""
    monkeypatch.setattr(Organisation, "today", lambda self: TODAY)
    monkeypatch.setattr("accounts.models.User.today", lambda self: TODAY)


def text_of(user, deal, query=""):
    """What somebody reads on the page, without markup and with single spaces."""
    response = signed_in(user).get(f"/opportunities/{deal.pk}/{query}")
    assert response.status_code == 200
    body = response.text.split('<main class="page"')[1].split("</main>")[0]
    said = re.sub(r'<svg class="status-glyph[^>]*aria-label="([^"]*)"[^>]*>', r" \1 ", body)
    return " ".join(re.sub(r"<[^>]+>", " ", said).split())


def moved(deal, to, *day, by):
    reason = LostReason.objects.first() if to == "Lost" else None
    at = datetime(2026, *day, 9, tzinfo=UTC)
    return move_stage(opportunity_id=deal.pk, to_stage=stage(to), by=by, effective_at=at, lost_reason=reason)


def acted(actor, deal, *day, capacity="partner_manager", **fields):
    at = datetime(2026, *day, 12, tzinfo=UTC)
    return ActionFactory(actor=actor, opportunity=deal, capacity=capacity, occurred_at=at, **fields)


def closing(deal, day, by):
    edit_opportunity(opportunity_id=deal.pk, by=by, version=None, expected_close_on=day)


# --- the verdict ------------------------------------------------------------------------------------


def test_a_silent_deal_is_behind(cast):
    closing(cast.deal, date(2026, 9, 24), cast.ana)
    acted(cast.nora, cast.deal, 8, 24)
    # silent on 25 to 28 August (4), 31 August to 4 September (5), 7 to 11 (5) and the 14th (1)
    words = text_of(cast.ana, cast.deal)
    assert "Behind Closes in 9 days and has had no partner manager for 15 working days." in words


def test_ten_silent_days_are_still_allowed(cast):
    closing(cast.deal, date(2026, 9, 24), cast.ana)
    moved(cast.deal, "Discovery", 9, 14, by=cast.ana)
    acted(cast.nora, cast.deal, 8, 31)  # silent on 1 to 4, 7 to 11 and the 14th
    words = text_of(cast.ana, cast.deal)
    assert "On track Closes in 9 days. Its partner manager was last there on Mon 31 Aug" in words


def test_an_outstayed_stage_is_at_risk(cast):
    closing(cast.deal, date(2026, 12, 24), cast.ana)
    acted(cast.nora, cast.deal, 9, 14)
    # since Mon 1 June: 15 weeks of five days and Mon 14 September, against 15 expected
    words = text_of(cast.ana, cast.deal)
    assert "At risk Closes on Thu 24 Dec" in words
    assert "It has been in Proposal for 61 working days more than expected." in words
    assert "76 of 15" in words


def test_a_close_that_has_passed_is_behind(cast):
    closing(cast.deal, date(2026, 9, 11), cast.ana)
    acted(cast.nora, cast.deal, 9, 14)
    assert "Behind Should have closed on Fri 11 Sep" in text_of(cast.ana, cast.deal)


def test_a_closed_deal_says_how_it_ended(cast):
    acted(cast.nora, cast.deal, 9, 1)
    moved(cast.deal, "Won", 9, 14, by=cast.ana)
    words = text_of(cast.ana, cast.deal)
    assert "Won on 14 Sep 2026, with a partner manager at the ink." in words
    assert "Data discipline" not in words
    assert "Reopen…" in words


def test_a_lost_deal_says_why(cast):
    moved(cast.deal, "Lost", 9, 14, by=cast.ana)
    assert f"Lost on 14 Sep 2026: {LostReason.objects.first()}." in text_of(cast.ana, cast.deal)


# --- visits -----------------------------------------------------------------------------------------


def test_visits_are_listed_with_what_covers_them(cast):
    moved(cast.deal, "Discovery", 6, 15, by=cast.ana)
    moved(cast.deal, "Solution fit", 6, 16, by=cast.ana)
    moved(cast.deal, "Discovery", 7, 1, by=cast.ana)
    acted(cast.nora, cast.deal, 6, 2)
    acted(cast.ana, cast.deal, 6, 17, capacity="account_executive")
    words = text_of(cast.ana, cast.deal)
    assert "1 of 3 visits covered, 33%" in words  # Discovery of one day is left out
    table = words.split("Covered by PM")[-1]
    assert "Proposal 1 Jun" in table
    assert "15 Jun 10 15 1 0 covered Discovery 15 Jun" in " ".join(table.replace(" 2026", "").split())
    assert "1 20 0 0 short" in table
    assert "11 20 0 1 no PM" in table
    assert "54 (34 over) 20 0 0 none yet" in table


# --- the timeline -----------------------------------------------------------------------------------


def test_the_timeline_tells_everything_newest_first(cast):
    acted(cast.nora, cast.deal, 6, 3, action_type=action_type("conference_call"), partner=cast.norrvik)
    moved(cast.deal, "Discovery", 6, 15, by=cast.ana)
    made = CommitmentFactory(
        opportunity=cast.deal,
        made_by=cast.ana,
        made_to=cast.nora,
        made_at=datetime(2026, 6, 16, 9, tzinfo=UTC),
    )
    settle_promise(commitment_id=made.pk, outcome=CommitmentOutcome.KEPT, by=cast.ana)
    ObstacleFactory(
        opportunity=cast.deal,
        raised_by=cast.ana,
        needs_partner=True,
        raised_at=datetime(2026, 6, 17, 9, tzinfo=UTC),
    )
    story = text_of(cast.ana, cast.deal).split("Timeline All ", 1)[1].split("Next step")[0]
    told = [
        "Promise kept",
        "Obstacle raised",
        "Promised to Nora Lindqvist",
        "Moved from Proposal to",
        "Conference call",
        "Opened in",
    ]
    places = [story.index(words) for words in told]
    assert places == sorted(places)
    assert "Conference call Norrvik Systems Nora Lindqvist 2 points" in story
    assert "needs the partner" in story


@pytest.mark.parametrize(
    ("show", "seen"),
    [
        ("actions", (1, 0, 0)),
        ("stages", (0, 1, 0)),
        ("promises", (0, 0, 1)),
        ("all", (1, 1, 1)),
        ("x", (1, 1, 1)),
    ],
)
def test_chips_choose_what_is_told(cast, show, seen):
    acted(cast.nora, cast.deal, 6, 3, notes="Agreed on a date")
    CommitmentFactory(opportunity=cast.deal, made_by=cast.nora, text="Norrvik’s discount letter")
    page = signed_in(cast.ana).get(
        f"/opportunities/{cast.deal.pk}/?show={show}", headers={"HX-Target": "timeline"}
    )
    assert page.text.lstrip().startswith('<section class="panel timeline"')
    told = [words in page.text for words in ("Agreed on a date", "Opened in", "Norrvik’s discount letter")]
    assert told == list(map(bool, seen))


def test_twenty_entries_are_shown_and_then_more(cast):
    for day in range(1, 26):
        acted(cast.nora, cast.deal, 7, day)
    first = signed_in(cast.ana).get(f"/opportunities/{cast.deal.pk}/?show=actions").text
    assert first.count('class="entry-when"') == 20
    assert "Show 5 earlier entries" in first
    more = signed_in(cast.ana).get(f"/opportunities/{cast.deal.pk}/?show=actions&entries=60").text
    assert more.count('class="entry-when"') == 25
    for nonsense in ("-5", "abc", "99999999999999"):
        assert (
            signed_in(cast.ana).get(f"/opportunities/{cast.deal.pk}/?entries={nonsense}").status_code == 200
        )


def test_notes_of_coaching_are_read_by_the_two_alone(cast):
    acted(
        cast.nora,
        cast.deal,
        9,
        1,
        capacity="coach",
        action_type=action_type("coaching_session"),
        counterpart=cast.ana,
        notes="Too shy on price",
    )
    for person in (cast.nora, cast.ana):
        assert "Too shy on price" in text_of(person, cast.deal)
    for person in (cast.lars, cast.priya, cast.admin):
        words = text_of(person, cast.deal)
        assert "Coaching session" in words
        assert "Too shy on price" not in words


# --- promises ---------------------------------------------------------------------------------------


def url(name, row):
    app = "apr" if name == "obstacle_clear" else "opportunities"  # clearing can be logged
    return reverse(f"{app}:{name}", args=[row.pk])


def test_the_owners_promise_is_the_next_step(cast):
    typed = {"text": "Send the second quote", "made_to": cast.nora.pk, "due_on": "2026-09-17"}
    answer = signed_in(cast.ana).post(url("promise_new", cast.deal), typed)
    assert answer["Location"] == cast.deal.get_absolute_url()
    row = Commitment.objects.get()
    assert (row.made_by, row.made_to, row.due_on, row.outcome) == (
        cast.ana,
        cast.nora,
        date(2026, 9, 17),
        "open",
    )
    words = text_of(cast.nora, cast.deal)
    assert "Next step Thu 17 Sep" in words
    assert "Ana promised it to you for Thu 17 Sep" in words


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"text": "Quote", "due_on": "2026-09-14"}, "Choose a date that is still ahead."),
        ({"text": "", "due_on": "2026-09-17"}, "This field is required."),
        ({"text": "Quote", "due_on": "soon"}, "Enter a valid date."),
        ({"text": "Quote", "due_on": "2026-09-17", "made_to": "999"}, "Select a valid choice."),
    ],
)
def test_a_wrong_promise_is_refused_with_what_was_typed(cast, typed, said):
    answer = signed_in(cast.ana).post(url("promise_new", cast.deal), typed)
    assert answer.status_code == 422
    assert said in answer.text
    assert not typed["text"] or f'value="{typed["text"]}"' in answer.text
    assert not Commitment.objects.exists()


@pytest.mark.parametrize("outcome", ["kept", "withdrawn", "broken"])
def test_a_promise_is_settled_by_who_made_it(cast, outcome):
    row = promise(deal=cast.deal, text="Quote", due_on=TODAY, by=cast.ana)
    signed_in(cast.ana).post(url("promise_settle", row), {"outcome": outcome})
    row.refresh_from_db()
    assert (row.outcome, row.settled_at is not None) == (outcome, True)


def test_a_promise_is_settled_by_nobody_else(cast):
    row = promise(deal=cast.deal, text="Quote", due_on=TODAY, by=cast.ana, made_to=cast.nora)
    for person, status in [(cast.nora, 403), (cast.priya, 403), (cast.stella, 404)]:
        assert signed_in(person).post(url("promise_settle", row), {"outcome": "kept"}).status_code == status
        assert signed_in(person).get(url("promise_date", row)).status_code == status
    assert signed_in(cast.lars).get(url("promise_date", row)).status_code == 200  # leads her
    signed_in(cast.ana).post(url("promise_settle", row), {"outcome": "nonsense"})
    assert signed_in(cast.ana).get(url("promise_settle", row)).status_code == 405
    row.refresh_from_db()
    assert row.outcome == "open"
    assert "Kept" not in text_of(cast.nora, cast.deal)


def test_a_late_promise_keeps_its_first_date(cast):
    row = promise(deal=cast.deal, text="Quote", due_on=date(2026, 9, 10), by=cast.ana)
    assert "overdue" in text_of(cast.ana, cast.deal)
    client = signed_in(cast.ana)
    assert client.post(url("promise_date", row), {"due_on": "2026-09-14"}).status_code == 422
    client.post(url("promise_date", row), {"due_on": "2026-09-18"})
    rows = Commitment.objects.order_by("due_on").values_list("due_on", "outcome")
    assert list(rows) == [(date(2026, 9, 10), "broken"), (date(2026, 9, 18), "open")]


# --- obstacles --------------------------------------------------------------------------------------


def test_an_obstacle_is_raised_and_cleared(cast):
    typed = {
        "description": "Second quote wanted",
        "needs_partner": "on",
        "partner": cast.norrvik.pk,
        "assigned_to": cast.nora.pk,
        "due_on": "2026-09-18",
    }
    signed_in(cast.ana).post(url("obstacle_new", cast.deal), typed)
    row = Obstacle.objects.get()
    assert (row.raised_by, row.partner, row.assigned_to, row.due_on) == (
        cast.ana,
        cast.norrvik,
        cast.nora,
        date(2026, 9, 18),
    )
    words = text_of(cast.nora, cast.deal)
    assert "1 open, 0 cleared" in words
    assert "Nora clears it, due Fri 18 Sep" in words
    signed_in(cast.nora).post(url("obstacle_clear", row), {"resolution": "They sent it"})
    row.refresh_from_db()
    assert (row.cleared_by, row.resolution) == (cast.nora, "They sent it")
    words = text_of(cast.ana, cast.deal)
    assert "0 open, 1 cleared" in words
    assert "They sent it" in words


def test_obstacles_are_cleared_by_people_of_the_deal_alone(cast):
    was_there = cast.stella
    assign(opportunity_id=cast.deal.pk, capacity="partner_manager", person=was_there, by=cast.admin)
    assign(opportunity_id=cast.deal.pk, capacity="partner_manager", person=cast.nora, by=cast.admin)
    row = ObstacleFactory(opportunity=cast.deal, raised_by=cast.ana)
    assert signed_in(was_there).post(url("obstacle_clear", row)).status_code == 403
    assert "Cleared" not in text_of(was_there, cast.deal).split("Obstacles")[1].split("People")[0]
    row.refresh_from_db()
    assert row.cleared_at is None
    signed_in(cast.ana).post(url("obstacle_clear", row))
    again = signed_in(cast.ana).post(url("obstacle_clear", row))
    assert (again.status_code, "cleared already" in again.text) == (422, True)


def test_an_obstacle_without_words_is_refused(cast):
    answer = signed_in(cast.ana).post(
        url("obstacle_new", cast.deal), {"description": " ", "due_on": "2026-09-18"}
    )
    assert answer.status_code == 422
    assert 'value="2026-09-18"' in answer.text
    assert not Obstacle.objects.exists()


# --- who sees it ------------------------------------------------------------------------------------


def test_strangers_find_nothing(cast):
    client = signed_in(cast.stella)
    row = promise(deal=cast.deal, text="Quote", due_on=TODAY, by=cast.ana)
    block = ObstacleFactory(opportunity=cast.deal, raised_by=cast.ana)
    for name, of in [
        ("detail", cast.deal),
        ("promise_new", cast.deal),
        ("obstacle_new", cast.deal),
        ("promise_date", row),
        ("obstacle_clear", block),
    ]:
        assert client.get(url(name, of)).status_code == 404
        assert signed_in(cast.admin).get(url(name, of)).status_code == 200


def test_checks_link_only_to_what_one_may_do(cast):
    edit = url("edit", cast.deal)
    seen = {
        person.name: f'<a href="{edit}"' in signed_in(person).get(url("detail", cast.deal)).text
        for person in (cast.ana, cast.nora)
    }
    assert seen == {"Ana Kovač": True, "Nora Lindqvist": True}
    was_there = cast.stella
    assign(opportunity_id=cast.deal.pk, capacity="account_executive", person=was_there, by=cast.admin)
    assign(opportunity_id=cast.deal.pk, capacity="account_executive", person=cast.ana, by=cast.admin)
    assert f'<a href="{edit}"' not in signed_in(was_there).get(url("detail", cast.deal)).text


def test_former_people_are_named_with_their_days(cast):
    assign(opportunity_id=cast.deal.pk, capacity="partner_manager", person=cast.stella, by=cast.admin)
    words = text_of(cast.ana, cast.deal)
    assert "Before Nora Lindqvist, partner manager, 1 Jun 2026 until" in words


def test_the_page_takes_as_many_queries_for_a_full_deal_as_for_a_lean_one(
    cast, django_assert_max_num_queries
):
    client = signed_in(cast.ana)

    def fill():
        acted(cast.nora, cast.deal, 9, 1, partner=cast.norrvik, counterpart=cast.ana)
        CommitmentFactory(opportunity=cast.deal, made_by=cast.nora, made_to=cast.ana)
        ObstacleFactory(opportunity=cast.deal, raised_by=cast.ana, assigned_to=cast.nora)

    def queries():
        with django_assert_max_num_queries(50) as captured:
            assert client.get(url("detail", cast.deal)).status_code == 200
        return len(captured)

    fill()
    client.get(url("detail", cast.deal))
    lean = queries()
    for _number in range(25):
        fill()
    assert queries() == lean


def test_a_bare_deal_says_how_its_page_fills(cast):
    deal = OpportunityFactory(owner=cast.ana, amount=None, customer=None)
    words = text_of(cast.ana, deal)
    for said in [
        "No partner manager is assigned.",
        "Nothing is promised. A deal moves when somebody owes it something.",
        "Nothing stands in the way.",
        "Amount Not set",
    ]:
        assert said in words
    assert Partner.objects.count() == 1
