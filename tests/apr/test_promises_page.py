"""Promises seen by both people, and the rate of those kept, by hand.

2026-09-15 is a Tuesday. Nora (PM) and Ana (AE) share a deal; Max is another executive.
"""

from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Organisation
from opportunities.models import Commitment
from tests.apr.pages import words
from tests.factories import (
    AEFactory,
    CommitmentFactory,
    LeaderFactory,
    OpportunityFactory,
    PMFactory,
    TeamFactory,
)

pytestmark = pytest.mark.django_db
TODAY = date(2026, 9, 15)
PAGE = "/opportunities/promises/"


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr(Organisation, "today", lambda self: TODAY)
    monkeypatch.setattr("accounts.models.User.today", lambda self: TODAY)


@pytest.fixture
def nora():
    return PMFactory(name="Nora Lindqvist")


@pytest.fixture
def ana():
    return AEFactory(name="Ana Kovač")


@pytest.fixture
def deal(nora, ana):
    return OpportunityFactory(name="Acme renewal", owner=ana, partner_manager=nora)


def signed_in(person):
    client = Client()
    client.force_login(person)
    return client


def made(deal, by, to, due, outcome="open", settled=None, text="Something"):
    return CommitmentFactory(
        opportunity=deal,
        made_by=by,
        made_to=to,
        due_on=date(2026, *due),
        outcome=outcome,
        settled_at=settled and datetime(2026, *settled, 9, tzinfo=UTC),
        text=text,
    )


@pytest.fixture
def history(deal, nora, ana):
    """Of Nora's to Ana seven count in September, and four of them were kept by then."""
    for day in (2, 3, 4):
        made(deal, nora, ana, (9, day), "kept", (9, day))
    made(deal, nora, ana, (9, 30), "kept", (9, 10))  # before its day: it counts from then on
    made(deal, nora, ana, (9, 7), "late", (9, 9))
    made(deal, nora, ana, (9, 8), "broken", (9, 8))
    made(deal, nora, ana, (9, 14), text="Overdue one")  # open past its day
    made(deal, nora, ana, (9, 10), "withdrawn", (9, 9))  # before its day: leaves the count
    made(deal, nora, ana, (9, 15))  # due today: not decided yet
    made(deal, nora, ana, (9, 29))
    made(deal, nora, ana, (8, 31), "kept", (8, 31))  # another month
    made(deal, nora, None, (9, 3), "kept", (9, 3))  # to the deal
    made(deal, ana, nora, (9, 9), "kept", (9, 9), text="The signatory")
    made(deal, ana, nora, (9, 11), "withdrawn", (9, 12))  # after its day: stays


def rates(reader, **query):
    found = signed_in(reader).get(PAGE, {"period": "2026-09", **query}).context["rates"]
    return (found.mine.kept, found.mine.due), (found.theirs.kept, found.theirs.due)


def test_the_rate_by_hand_both_ways_by_one_formula(nora, ana, history):
    assert rates(nora) == ((4, 7), (1, 2))
    assert rates(ana) == ((1, 2), (4, 7))
    assert rates(nora, period="2026-08") == ((1, 1), (0, 0))
    said = words(signed_in(nora).get(PAGE, {"period": "2026-09"}))
    assert "You kept 4 of 7 promises due in September 2026, colleagues kept 1 of 2 to you." in said
    assert "4 of 7 I promised, 57%" in said


def test_a_figure_opens_the_rows_that_add_up_to_it(nora, ana, history):
    page = signed_in(nora).get(PAGE, {"period": "2026-09", "side": "mine", "state": "due"})
    rows = [line.row for line in page.context["lines"]]
    assert (len(rows), sum(row.outcome == "kept" for row in rows)) == (7, 4)
    theirs = signed_in(ana).get(PAGE, {"period": "2026-09", "side": "theirs", "state": "due"})
    assert [line.row for line in theirs.context["lines"]] == rows


def test_both_see_the_same_rows(nora, ana, history):
    for state in ("open", "settled"):
        mine = signed_in(nora).get(PAGE, {"side": "mine", "state": state, "with": ana.pk})
        theirs = signed_in(ana).get(PAGE, {"side": "theirs", "state": state, "with": nora.pk})
        rows = [line.row for line in mine.context["lines"]]
        assert rows == [line.row for line in theirs.context["lines"]]
        assert len(rows) == {"open": 3, "settled": 8}[state]


def test_only_who_promised_says_what_became_of_it(nora, ana, history):
    row = Commitment.objects.get(text="Overdue one")
    hers = signed_in(nora).get(PAGE)
    assert words(hers).count("Kept Something") == 2
    assert "Done, late Overdue one" in words(hers)
    other = signed_in(ana).get(PAGE, {"side": "theirs"})
    assert "Overdue one" in words(other)
    assert "Done, late" not in words(other)
    body = {"outcome": "kept", "next": PAGE}
    assert signed_in(ana).post(f"/opportunities/promises/{row.pk}/settle/", body).status_code == 403
    answer = signed_in(nora).post(f"/opportunities/promises/{row.pk}/settle/", body)
    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    row.refresh_from_db()
    assert row.outcome == "late"
    assert rates(nora) == ((4, 7), (1, 2))


def test_a_colleague_narrows_list_and_rate(nora, ana, deal, history):
    max_ = AEFactory(name="Max Weber")
    made(deal, nora, max_, (9, 4), "broken", (9, 4))
    assert rates(nora) == ((4, 8), (1, 2))
    assert rates(nora, **{"with": max_.pk}) == ((0, 1), (0, 0))
    assert rates(nora, **{"with": ana.pk}) == ((4, 7), (1, 2))
    page = signed_in(nora).get(PAGE, {"with": max_.pk, "state": "settled"})
    assert [line.other for line in page.context["lines"]] == [max_]
    nobody = signed_in(nora).get(PAGE, {"with": "nonsense", "side": "x", "state": "y", "period": "z"})
    assert nobody.status_code == 200


def test_others_see_nothing_and_who_leads_sees_their_people(nora, ana, history):
    stella, priya = AEFactory(name="Stella"), LeaderFactory(name="Priya")
    TeamFactory(leaders=[priya], members=[nora])
    assert rates(stella, person=nora.pk) == ((0, 0), (0, 0))
    assert "Overdue one" not in signed_in(stella).get(PAGE, {"person": nora.pk}).text
    assert rates(priya, person=nora.pk) == ((4, 7), (1, 2))
    page = signed_in(priya).get(PAGE, {"person": nora.pk, "period": "2026-09"})
    assert "Nora kept 4 of 7 promises due in September 2026, colleagues kept 1 of 2 to Nora." in words(page)


def test_many_promises_cost_no_more_queries_than_few(nora, ana, deal):
    client = signed_in(nora)

    def cost():
        client.get(PAGE)
        with CaptureQueriesContext(connection) as found:
            assert client.get(PAGE).status_code == 200
        return len(found)

    made(deal, nora, ana, (9, 17))
    few = cost()
    for _number in range(10):
        made(OpportunityFactory(partner_manager=nora), nora, AEFactory(), (9, 17))
    assert cost() == few <= 20


def test_due_by_finds_what_is_due_and_what_was(deal, nora, ana):
    due = [made(deal, nora, ana, (9, 14)), made(deal, nora, ana, (9, 15))]
    made(deal, nora, ana, (9, 16))
    made(deal, nora, ana, (9, 14), "kept", (9, 14))
    assert list(Commitment.objects.due_by(TODAY)) == due
