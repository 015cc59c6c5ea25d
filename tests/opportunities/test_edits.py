"""Opening deals, changing facts and people, through the forms."""

from datetime import date

import pytest

from accounts.models import Organisation, Role
from opportunities.models import Assignment, Customer, Opportunity
from opportunities.services.details import edit_opportunity
from tests.factories import AEFactory, CustomerFactory, PartnerFactory, PMFactory, UserFactory, stage
from tests.opportunities.conftest import signed_in

pytestmark = pytest.mark.django_db


def new_deal(**values):
    return {
        "name": "Tidewell wards",
        "currency": "EUR",
        "stage": stage("Qualify").pk,
        "kind": "sourced",
        **values,
    }


def test_an_account_executive_opens_a_deal_for_a_new_customer():
    ana = AEFactory()
    client = signed_in(ana)
    assert client.get("/opportunities/new/").context["form"]["owner"].value() == ana.pk
    values = new_deal(
        customer=" Tidewell  Trust ", amount="€138,000.50", expected_close_on="2027-01-15", owner=ana.pk
    )
    response = client.post("/opportunities/new/", values)
    deal = Opportunity.objects.get()
    assert (response.status_code, response["Location"]) == (302, f"/opportunities/{deal.pk}/")
    assert (deal.amount_minor, deal.currency, deal.expected_close_on) == (
        13_800_050,
        "EUR",
        date(2027, 1, 15),
    )
    assert deal.customer.name == "Tidewell Trust"
    assert (deal.owner, deal.partner_manager) == (ana, None)
    step = deal.stage_changes.get()
    assert (step.changed_by, step.to_stage_name) == (ana, "Qualify")


def test_a_known_customer_is_found_whatever_the_case():
    known, ana = CustomerFactory(name="Tidewell Trust"), AEFactory()
    signed_in(ana).post("/opportunities/new/", new_deal(customer="tidewell trust", owner=ana.pk))
    assert Opportunity.objects.get().customer == known
    assert Customer.objects.count() == 1


def test_a_partner_manager_brings_a_deal():
    nora, ana = PMFactory(), AEFactory()
    norrvik = PartnerFactory(name="Norrvik Systems", managers=[nora])
    client = signed_in(nora)
    assert client.get("/opportunities/new/").context["form"]["partner_manager"].value() == nora.pk
    client.post(
        "/opportunities/new/",
        new_deal(owner=ana.pk, partner_manager=nora.pk, partner=norrvik.pk, amount="90000"),
    )
    deal = Opportunity.objects.get()
    assert (deal.owner, deal.partner_manager) == (ana, nora)
    assert [(one.partner, one.kind) for one in deal.involvements.all()] == [(norrvik, "sourced")]


def test_amounts_are_read_in_the_readers_language():
    ana = AEFactory(locale="de")
    response = signed_in(ana).post(
        "/opportunities/new/", new_deal(owner=ana.pk, amount="1.234,50"), headers={"Accept-Language": "de"}
    )
    assert response.status_code == 302
    assert Opportunity.objects.get().amount_minor == 123_450


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"name": ""}, "name", "This field is required."),
        ({"amount": "a lot"}, "amount", "“a lot” is not an amount"),
        ({"amount": "-5"}, "amount", "below zero"),
        ({"amount": "9" * 30}, "amount", "too large"),
        ({"expected_close_on": "soon"}, "expected_close_on", "Enter a valid date."),
        ({"currency": "XXQ"}, "currency", "Select a valid choice"),
        ({"owner": ""}, "owner", "Put yourself on the deal"),
    ],
)
def test_broken_input_is_said_under_the_field_and_kept(typed, field, words):
    ana = AEFactory()
    response = signed_in(ana).post("/opportunities/new/", new_deal(owner=ana.pk, customer="Acme") | typed)
    assert response.status_code == 422
    assert words in response.context["form"].errors[field][0]
    assert 'value="Acme"' in response.text
    assert not Opportunity.objects.exists()
    assert not Customer.objects.exists()


def test_nobody_opens_a_deal_without_a_role():
    assert signed_in(UserFactory()).get("/opportunities/new/").status_code == 403
    leader = UserFactory(roles=[Role.LEADER])
    assert signed_in(leader).get("/opportunities/new/").status_code == 200
    somebody = AEFactory()
    refused = signed_in(leader).post("/opportunities/new/", new_deal(owner=somebody.pk))
    assert refused.status_code == 422  # not one of the leader's people


def facts(deal, **changes):
    return {
        "name": deal.name,
        "customer": "Acme",
        "amount": "148000",
        "currency": "EUR",
        "version": deal.version,
    } | changes


def test_who_may_change_the_facts(cast):
    for person, status in [(cast.ana, 302), (cast.nora, 302), (cast.priya, 302), (cast.stella, 404)]:
        cast.deal.refresh_from_db()
        values = facts(cast.deal, name=f"Acme by {person}", expected_close_on="2026-12-01")
        response = signed_in(person).post(f"/opportunities/{cast.deal.pk}/edit/", values)
        assert response.status_code == status
    cast.deal.refresh_from_db()
    assert cast.deal.name == "Acme by Priya Menon"
    assert cast.deal.expected_close_on == date(2026, 12, 1)
    Organisation.objects.update(pipeline_is_open=True)
    assert signed_in(cast.stella).get(f"/opportunities/{cast.deal.pk}/edit/").status_code == 403
    assert ">Edit<" not in signed_in(cast.stella).get(f"/opportunities/{cast.deal.pk}/").text


def test_a_stale_edit_shows_both_and_keeps_what_was_typed(cast):
    url, stale = (
        f"/opportunities/{cast.deal.pk}/edit/",
        facts(cast.deal, name="Acme renewal 2027", amount="150,000"),
    )
    edit_opportunity(opportunity_id=cast.deal.pk, by=cast.nora, version=None, amount_minor=16_000_000)
    client = signed_in(cast.ana)
    response = client.post(url, stale)
    assert response.status_code == 409
    sides = {str(one["label"]): (one["now"], one["mine"]) for one in response.context["differences"]}
    assert sides["Amount"] == ("€160,000", "€150,000")
    assert sides["Name"] == ("Acme renewal", "Acme renewal 2027")
    assert 'value="150,000"' in response.text
    cast.deal.refresh_from_db()
    assert (cast.deal.name, cast.deal.amount_minor) == ("Acme renewal", 16_000_000)
    again = stale | {"version": response.context["form"]["version"].value()}
    assert client.post(url, again).status_code == 302
    cast.deal.refresh_from_db()
    assert cast.deal.amount_minor == 15_000_000


def test_people_change_and_the_former_ones_stay_in_history(cast):
    url, next_ae = f"/opportunities/{cast.deal.pk}/people/", AEFactory()
    client = signed_in(cast.ana)
    values = {"owner": next_ae.pk, "partner_manager": "", "version": cast.deal.version}
    assert client.post(url, values).status_code == 302
    cast.deal.refresh_from_db()
    assert (cast.deal.owner, cast.deal.partner_manager) == (next_ae, None)
    rows = Assignment.objects.filter(opportunity=cast.deal)
    assert {(row.user, row.ends_at is None) for row in rows} == {
        (cast.ana, False),
        (next_ae, True),
        (cast.nora, False),
    }
    assert rows.get(user=next_ae).assigned_by == cast.ana
    assert signed_in(cast.stella).post(url, values).status_code == 404


def test_stale_people_are_refused_with_what_was_chosen(cast):
    values = {"owner": cast.stella.pk, "partner_manager": "", "version": cast.deal.version - 1}
    response = signed_in(cast.ana).post(f"/opportunities/{cast.deal.pk}/people/", values)
    assert response.status_code == 422
    assert "Somebody changed this deal" in response.text
    assert response.context["form"]["owner"].value() == str(cast.stella.pk)
    cast.deal.refresh_from_db()
    assert cast.deal.owner == cast.ana


def test_partners_come_and_go_and_one_sources(cast):
    url, client = f"/opportunities/{cast.deal.pk}/people/", signed_in(cast.nora)
    other = PartnerFactory(name="Bluepine", managers=[cast.nora])
    refused = client.post(url, {"involve": "yes", "partner": other.pk, "kind": "sourced"})
    assert refused.status_code == 422
    assert "Norrvik Systems already sourced this deal." in refused.text
    assert client.post(url, {"involve": "yes", "partner": other.pk, "kind": "resell"}).status_code == 302
    assert cast.deal.involvements.count() == 2
    sourced = cast.deal.involvements.get(kind="sourced")
    assert signed_in(cast.stella).post(f"{url}{sourced.pk}/release/").status_code == 404
    assert client.post(f"{url}{sourced.pk}/release/").status_code == 302
    assert [one.partner for one in cast.deal.involvements.all()] == [other]


def test_customers_are_offered_while_a_name_is_typed():
    CustomerFactory(name="Tidewell Trust")
    client = signed_in(AEFactory())
    assert "Tidewell Trust" in client.get("/opportunities/customers/", {"customer": "tide"}).text
    assert client.get("/opportunities/customers/", {"customer": "x"}).text.strip() == ""
