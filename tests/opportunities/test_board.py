"""The board through the door: columns, figures, cards and how many questions it asks the database."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Organisation
from foundation.money import Money
from opportunities.models import Funnel, InvolvementKind
from opportunities.services.funnels import add_funnel
from tests.factories import (
    ActionFactory,
    AEFactory,
    CommitmentFactory,
    OpportunityFactory,
    PartnerFactory,
    PMFactory,
    stage,
)
from tests.opportunities.conftest import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today(monkeypatch):
    """Tuesday 15 September 2026 at the organisation."""
    monkeypatch.setattr(Organisation, "today", lambda self: date(2026, 9, 15))


def at(month, day):
    return datetime(2026, month, day, 12, tzinfo=UTC)


def shown(response):
    return {
        column.stage.name: [line.deal.name for line in column.lines] for column in response.context["columns"]
    }


def test_columns_hold_open_deals_with_count_total_and_weighted():
    ana = AEFactory()
    OpportunityFactory(name="Small", owner=ana, amount=Money(100_000, "EUR"), stage=stage("Proposal"))
    OpportunityFactory(name="Large", owner=ana, amount=Money(900_000, "EUR"), stage=stage("Proposal"))
    OpportunityFactory(name="Unset", owner=ana, amount=None, stage=stage("Proposal"))
    response = signed_in(ana).get("/opportunities/board/")
    assert shown(response) == {
        "Qualify": [],
        "Discovery": [],
        "Solution fit": [],
        "Proposal": ["Large", "Small", "Unset"],
        "Negotiation": [],
    }
    proposal = response.context["columns"][3].tally
    assert (proposal.count, proposal.minor, proposal.weighted_minor) == (3, 1_000_000, 600_000)
    assert "60% · 3 deals" in response.text
    assert [one.name for one in response.context["closing"]] == ["Won", "Lost"]


def test_a_card_says_what_needs_somebody():
    ana, nora = AEFactory(name="Ana Kovač"), PMFactory(name="Nora Lindqvist")
    norrvik = PartnerFactory(name="Norrvik Systems")
    deal = OpportunityFactory(
        owner=ana,
        partner_manager=nora,
        partners=[(norrvik, InvolvementKind.SOURCED)],
        amount=Money(14_800_000, "EUR"),
        opened_at=at(6, 1),
    )
    # From 25 August to 14 September are fifteen working days; from 1 June on there are 76, 61 over 15.
    ActionFactory(actor=nora, capacity="partner_manager", opportunity=deal, occurred_at=at(8, 24))
    ActionFactory(actor=ana, opportunity=deal, occurred_at=at(9, 14))
    CommitmentFactory(opportunity=deal, made_by=ana, text="Quote", due_on=date(2026, 9, 9))
    text = signed_in(ana).get("/opportunities/board/").text
    for words in ["€148k", "Norrvik Systems, sourced", ">NL<", ">AK<", "no PM 15 d", "61 d over", "Overdue"]:
        assert words in text, words
    # Six weeks and today are 43 days. 24 August is the 21st of them: its middle is at 20.5 / 43, 47.7 %.
    # Today's is at 42.5 / 43, 98.8 %, yesterday's at 96.5 %.
    assert 'class="gap" d="M47.7 6H98.8M47.7 3v6M98.8 3v6"' in text
    assert 'class="tick is-pm" d="M47.7 2v7"' in text
    assert 'class="tick is-ae" d="M96.5 11v7"' in text


def test_a_void_action_and_a_silent_colleague_break_no_silence():
    ana, nora = AEFactory(), PMFactory()
    deal = OpportunityFactory(owner=ana, partner_manager=nora, opened_at=at(6, 1))
    voided = ActionFactory(actor=nora, capacity="partner_manager", opportunity=deal, occurred_at=at(9, 14))
    voided.voided_at, voided.voided_by, voided.void_reason = at(9, 14), nora, "Twice"
    voided.save()
    response = signed_in(ana).get("/opportunities/board/", {"quiet": "on"})
    assert response.context["total"].quiet == 1


def test_the_first_cards_are_the_largest_and_more_come_on_demand():
    ana = AEFactory()
    for n in range(1, 54):
        OpportunityFactory(name=f"Deal {n:02}", owner=ana, amount=Money(n * 100_000, "EUR"))
    client = signed_in(ana)
    board = client.get("/opportunities/board/")
    assert shown(board)["Qualify"] == [f"Deal {n:02}" for n in range(53, 28, -1)]
    assert "28 more" in board.text
    column = board.context["columns"][0]
    second = client.get(column.more_url)
    assert [line.deal.name for line in second.context["column"].lines] == [
        f"Deal {n:02}" for n in range(28, 3, -1)
    ]
    third = client.get(second.context["column"].more_url)
    assert [line.deal.name for line in third.context["column"].lines] == ["Deal 03", "Deal 02", "Deal 01"]
    assert third.context["column"].more_url == ""


def test_one_funnel_at_a_time():
    ana = AEFactory()
    OpportunityFactory(name="Business", owner=ana)
    other = add_funnel(name="Renewals")
    OpportunityFactory(name="Renewal", owner=ana, stage=other.stages.get(kind="open"))
    client = signed_in(ana)
    assert shown(client.get("/opportunities/board/"))["Qualify"] == ["Business"]
    assert shown(client.get("/opportunities/board/", {"funnel": other.pk})) == {"First stage": ["Renewal"]}
    assert shown(client.get("/opportunities/board/", {"funnel": "x"}))["Qualify"] == ["Business"]
    page = client.get("/opportunities/board/", {"funnel": other.pk, "q": "ren"}).text
    assert f'name="funnel" value="{other.pk}"' in page  # other filters keep the funnel
    assert f"?funnel={stage('Qualify').funnel_id}&amp;q=ren" in page  # and the other funnel keeps the filters
    assert "Funnel: Renewals" in page


def test_without_a_choice_the_board_shows_a_funnel_in_which_the_reader_has_deals():
    owner = AEFactory()
    other = add_funnel(name="Renewals")
    OpportunityFactory(name="Renewal", owner=owner, stage=other.stages.get(kind="open"))
    client = signed_in(owner)
    assert shown(client.get("/opportunities/board/")) == {"First stage": ["Renewal"]}
    OpportunityFactory(name="Business", owner=owner)
    assert shown(client.get("/opportunities/board/"))["Qualify"] == ["Business"]
    assert shown(signed_in(AEFactory()).get("/opportunities/board/"))["Qualify"] == []


def test_an_organisation_without_deals_or_funnels_has_a_page():
    client = signed_in(AEFactory())
    response = client.get("/opportunities/board/")
    assert response.status_code == 200
    assert "No deals here." in response.text
    assert "A deal appears here when somebody opens one" in response.text
    Funnel.objects.update(is_active=False)
    assert client.get("/opportunities/board/").status_code == 404


def test_only_cards_that_may_move_can_be_dragged(cast):
    for person, can in [(cast.ana, True), (cast.lars, True), (cast.nora, False), (cast.admin, True)]:
        text = signed_in(person).get("/opportunities/board/").text
        assert ("data-version=" in text) == can
        assert ("Move…" in text) == can


def queries(client, path):
    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return [
        q["sql"] for q in captured if "session" not in q["sql"] and not q["sql"].startswith(("SAVE", "REL"))
    ]


def test_the_number_of_queries_does_not_grow_with_the_cards(cast):
    few = queries(signed_in(cast.lars), "/opportunities/board/")
    for n in range(40):
        OpportunityFactory(
            owner=cast.ana, partner_manager=cast.nora, stage=stage("Qualify" if n % 2 else "Proposal")
        )
    many = queries(signed_in(cast.lars), "/opportunities/board/")
    assert len(few) == len(many)
    assert len(many) <= 20, "\n".join(many)
