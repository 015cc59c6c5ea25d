"""The list of deals through the door: who sees what, filters, figures, pages."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import ExchangeRate, Organisation, TeamKind
from foundation.money import Money
from opportunities.models import InvolvementKind
from tests.factories import (
    ActionFactory,
    AdminFactory,
    AEFactory,
    LeaderFactory,
    OpportunityFactory,
    PartnerFactory,
    PMFactory,
    TeamFactory,
    stage,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today(monkeypatch):
    """Tuesday 15 September 2026 at the organisation."""
    monkeypatch.setattr(Organisation, "today", lambda self: date(2026, 9, 15))


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def names(response):
    return [line.deal.name for line in response.context["lines"]]


def at(day, hour=12):
    return datetime(2026, 9, day, hour, tzinfo=UTC)


def test_each_sees_the_deals_that_are_theirs_to_see():
    ana, nora, lars, priya, stranger = AEFactory(), PMFactory(), LeaderFactory(), LeaderFactory(), AEFactory()
    TeamFactory(leaders=[lars], members=[ana])
    TeamFactory(kind=TeamKind.PARTNER, leaders=[priya], members=[nora])
    OpportunityFactory(name="Acme renewal", owner=ana, partner_manager=nora)
    for person in (ana, nora, lars, priya, AdminFactory()):
        assert names(signed_in(person).get("/opportunities/")) == ["Acme renewal"]
    response = signed_in(stranger).get("/opportunities/")
    assert names(response) == []
    assert "No open deals yet" in response.text


def test_sums_are_those_of_all_filtered_deals_in_the_reporting_currency():
    ana = AEFactory()
    ExchangeRate.objects.create(
        currency="USD", reporting_currency="EUR", effective_from=date(2026, 1, 1), rate_nano=900_000_000
    )
    ExchangeRate.objects.create(
        currency="USD", reporting_currency="EUR", effective_from=date(2026, 9, 16), rate_nano=1
    )
    OpportunityFactory(owner=ana, amount=Money(100_000, "EUR"), stage=stage("Qualify"))  # weighted 100.00
    OpportunityFactory(owner=ana, amount=Money(100_001, "USD"), stage=stage("Proposal"))
    OpportunityFactory(owner=ana, amount=Money(5_000, "CHF"))
    OpportunityFactory(owner=ana, amount=None)
    response = signed_in(ana).get("/opportunities/")
    total = response.context["total"]
    assert total.count == 4
    assert total.minor == 100_000 + 90_001  # 1,000.01 USD at 0.9 is 900.009 EUR
    # 60 % of 1,000.01 USD is 600.00 USD (rounded down), 540.00 EUR
    assert total.weighted_minor == 10_000 + 54_000
    assert total.unpriced == {"CHF": 1}
    assert "amount in CHF without an exchange rate" in response.text
    proposal = signed_in(ana).get("/opportunities/", {"stage": stage("Proposal").pk})
    assert proposal.context["total"].minor == 90_001


def test_filters_narrow_and_stand_in_the_address():
    ana, nora = AEFactory(name="Ana Kovač"), PMFactory(name="Nora Lindqvist")
    norrvik = PartnerFactory(name="Norrvik Systems")
    sourced = [(norrvik, InvolvementKind.SOURCED), (norrvik, InvolvementKind.RESELL)]
    OpportunityFactory(
        name="Acme renewal",
        owner=ana,
        partner_manager=nora,
        partners=sourced,
        amount=Money(14_800_000, "EUR"),
        expected_close_on=date(2026, 9, 24),
    )
    OpportunityFactory(name="Kestrel pilot", owner=ana, stage=stage("Proposal"))
    client = signed_in(ana)
    for query, found in [
        ({}, ["Acme renewal", "Kestrel pilot"]),
        ({"q": "norrvik acme"}, ["Acme renewal"]),
        ({"partner_manager": nora.pk}, ["Acme renewal"]),
        ({"partner": norrvik.pk}, ["Acme renewal"]),
        ({"stage": stage("Proposal").pk}, ["Kestrel pilot"]),
        ({"amount_from": "€100,000"}, ["Acme renewal"]),
        ({"amount_to": "1,000"}, ["Kestrel pilot"]),
        ({"close_from": "2026-09-24", "close_to": "2026-09-24"}, ["Acme renewal"]),
        ({"sort": "name"}, ["Acme renewal", "Kestrel pilot"]),
        ({"sort": "-name"}, ["Kestrel pilot", "Acme renewal"]),
        ({"sort": "amount"}, ["Kestrel pilot", "Acme renewal"]),
        ({"sort": "nonsense", "page": "99"}, ["Acme renewal", "Kestrel pilot"]),
    ]:
        assert names(client.get("/opportunities/", query)) == found, query


def test_a_broken_filter_says_so_and_keeps_what_was_typed():
    response = signed_in(AEFactory()).get("/opportunities/", {"amount_from": "lots", "close_to": "32.13."})
    assert response.status_code == 200
    assert "“lots” is not an amount" in response.text
    assert 'value="lots"' in response.text
    assert "Enter a valid date" in response.text


def test_quiet_counts_the_working_days_without_the_partner_manager():
    ana, nora = AEFactory(), PMFactory()
    # Ten working days are allowed. 31 August to 14 September are eleven, 1 to 14 September ten.
    for name, day in [("Eleven", date(2026, 8, 28)), ("Ten", date(2026, 8, 31))]:
        deal = OpportunityFactory(name=name, owner=ana, partner_manager=nora)
        when = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        ActionFactory(actor=nora, capacity="partner_manager", opportunity=deal, occurred_at=when)
        ActionFactory(actor=ana, opportunity=deal, occurred_at=at(14))
    OpportunityFactory(name="Nobody to be silent", owner=ana)
    OpportunityFactory(name="Never seen", owner=ana, partner_manager=nora)
    OpportunityFactory(name="Too new", owner=ana, partner_manager=nora, opened_at=at(3))
    response = signed_in(ana).get("/opportunities/", {"quiet": "on", "sort": "name"})
    assert names(response) == ["Eleven", "Never seen"]
    whole = signed_in(ana).get("/opportunities/")
    assert whole.context["total"].quiet == 2
    assert "Two of 5 deals have gone quiet, €2,000 in all." in whole.text
    assert "no PM 11 d" in whole.text


def test_over_counts_the_working_days_in_the_stage():
    ana = AEFactory()
    # Qualify allows 15 working days: 25 August to 14 September are 15, 24 August to 14 September 16.
    OpportunityFactory(name="Fifteen", owner=ana, opened_at=datetime(2026, 8, 25, 12, tzinfo=UTC))
    OpportunityFactory(name="Sixteen", owner=ana, opened_at=datetime(2026, 8, 24, 12, tzinfo=UTC))
    qualify = stage("Qualify")
    qualify.expected_days = 3  # what changes now does not touch the visits that began before
    qualify.save()
    response = signed_in(ana).get("/opportunities/", {"over": "on"})
    assert names(response) == ["Sixteen"]
    assert "1 d over" in response.text
    assert signed_in(ana).get("/opportunities/").context["total"].over == 1


def queries(client, path):
    client.get(path)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(path).status_code == 200
    # Who is asking is the business of sessions, which write down when they were last used.
    return [
        q["sql"] for q in captured if "session" not in q["sql"] and not q["sql"].startswith(("SAVE", "REL"))
    ]


def test_the_number_of_queries_does_not_grow_with_the_rows():
    ana, nora, partner = AEFactory(), PMFactory(), PartnerFactory()
    lars = LeaderFactory()
    TeamFactory(leaders=[lars], members=[ana])

    def deals(count):
        for _ in range(count):
            partners = [(partner, InvolvementKind.SOURCED)]
            OpportunityFactory(owner=ana, partner_manager=nora, partners=partners, opened_at=timezone.now())

    deals(2)
    few = queries(signed_in(lars), "/opportunities/")
    deals(48)
    many = queries(signed_in(lars), "/opportunities/")
    assert len(few) == len(many)
    assert len(many) <= 16


def test_pages_hold_fifty_and_keep_the_filters():
    ana = AEFactory()
    for n in range(51):
        OpportunityFactory(name=f"Deal {n:02}", owner=ana)
    client = signed_in(ana)
    first = client.get("/opportunities/", {"sort": "name", "q": "deal"})
    assert len(names(first)) == 50
    assert first.context["next_url"] == "?sort=name&q=deal&page=2"
    assert names(client.get("/opportunities/" + first.context["next_url"])) == ["Deal 50"]


def test_the_funnel_adds_up_to_the_list(client):
    """EUR 1,000 each: two deals in Qualify (10 %) are 2,000 and 200, one in Proposal (60 %) 1,000 and 600."""
    admin = AdminFactory()
    for name in ("Qualify", "Qualify", "Proposal"):
        OpportunityFactory(owner=admin, stage=stage(name))
    client.force_login(admin)
    page = client.get("/opportunities/")
    rows = [
        (r["label"], r["count"], r["total"].minor, r["weighted_total"].minor) for r in page.context["funnel"]
    ]
    assert rows == [("Qualify", 2, 200_000, 20_000), ("Proposal", 1, 100_000, 60_000)]
    opened = client.get("/opportunities/" + page.context["funnel"][0]["url"])
    assert opened.context["total"].count == 2
