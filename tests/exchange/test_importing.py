"""What an import makes of rows, new ones and those it has brought before. The files are invented."""

from datetime import UTC, date, datetime
from io import StringIO

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core.management import call_command

from accounts.models import Membership, Organisation, Team, User
from apr.models import Action
from apr.periods import parse_period
from apr.scorecards import person_score
from exchange.importing.plan import apply_all, check
from foundation.money import Money
from opportunities.models import Customer, Opportunity
from opportunities.services.people import assign
from partners.models import Partner
from tests.exchange.files import CUSTOMERS, DEALS, HEADER, TEAMS
from tests.exchange.test_wrong_files import OWN
from tests.factories import AdminFactory, AEFactory, OpportunityFactory, PMFactory

pytestmark = pytest.mark.django_db


def bring(text: str, kind: str, preset: str = "maven", **options: str) -> tuple[int, int, int]:
    """Applies a file; how many rows were made, changed and unchanged."""
    counts = apply_all(check(text.encode(), kind=kind, preset=preset, **options), None)
    return counts.made, counts.changed, counts.unchanged


@pytest.fixture
def maven(db):
    assert bring(TEAMS, "teams") == (3, 0, 0)
    assert bring(CUSTOMERS, "customers") == (2, 0, 0)


def deal(external_id: str) -> Opportunity:
    return Opportunity.objects.get(external_id=external_id)


def test_dates_never_shift_wherever_the_organisation_is(maven):
    for number, zone in enumerate(["Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/Amsterdam"]):
        Organisation.objects.update(time_zone=zone)
        assert bring(DEALS.replace("\nD", f"\nE{number}"), "opportunities") == (4, 0, 0)
        won = deal(f"E{number}1")
        assert (won.opened_on, won.closed_on) == (date(2017, 1, 5), date(2017, 3, 1))
        assert [step.effective_on for step in won.stage_changes.all()] == [won.opened_on, won.closed_on]


@time_machine.travel(datetime(2026, 9, 15, 9, 30, tzinfo=UTC), tick=False)
def test_deals_keep_what_the_file_says_and_nothing_else(maven):
    bring(DEALS, "opportunities")
    won, lost, engaging, prospecting = (deal(f"D{n}") for n in (1, 2, 3, 4))
    assert [step.to_stage_name for step in won.stage_changes.all()] == ["Engaging", "Won"]
    assert won.amount == Money(105_400, "USD")
    assert (lost.name, lost.amount, lost.lost_reason.name) == (
        "GTX Pro for Halden",
        Money(0, "USD"),
        "Not given",
    )
    assert (engaging.name, engaging.customer, engaging.amount) == ("MG Special", None, None)
    assert prospecting.opened_on == date(2026, 9, 15)  # no date in the file: it counts from the import
    assert won.assignments.get().user.name == "Ana Kovac"
    assert won.assignments.get().starts_at == won.stage_changes.first().effective_at


def test_a_later_file_moves_deals_on_and_says_how_many(maven):
    bring(DEALS, "opportunities")
    later = DEALS.replace("Engaging,2017-02-01,,", "Won,2017-02-01,2017-05-02,70")
    assert bring(later, "opportunities") == (0, 1, 3)
    moved = deal("D3")
    assert (moved.status, moved.closed_on, moved.amount) == ("won", date(2017, 5, 2), Money(7_000, "USD"))
    assert [step.to_stage_name for step in moved.stage_changes.all()] == ["Engaging", "Won"]
    assert bring(later, "opportunities") == (0, 0, 4)


def test_an_empty_cell_says_nothing_against_what_people_wrote_since(maven):
    bring(DEALS, "opportunities")
    Opportunity.objects.filter(external_id="D3").update(
        amount_minor=90_000, expected_close_on=date(2027, 1, 1)
    )
    engaging = deal("D3")
    nora = PMFactory()
    assign(opportunity_id=engaging.pk, capacity="partner_manager", person=nora, by=AdminFactory())
    assert bring(DEALS, "opportunities") == (0, 0, 4)
    engaging.refresh_from_db()
    assert (engaging.amount_minor, engaging.expected_close_on) == (90_000, date(2027, 1, 1))
    assert engaging.partner_manager == nora


def test_the_first_deals_of_an_organisation_choose_its_currency_and_no_later_ones(maven):
    plan = check(DEALS.encode(), kind="opportunities", preset="maven")
    assert apply_all(plan, None).notes == ["There were no deals yet, so the reporting currency is now USD."]
    assert Organisation.current().reporting_currency == "USD"
    again = check(f"{HEADER}D9,Ana Kovac,X,,Engaging,2017-02-01,,5\n".encode(), kind="opportunities",
                  preset="maven", currency="EUR")  # fmt: skip
    assert apply_all(again, None).notes == []
    assert Organisation.current().reporting_currency == "USD"
    assert deal("D9").amount == Money(500, "EUR")


def test_a_dry_run_tells_and_changes_nothing(maven, tmp_path):
    file, out = tmp_path / "deals.csv", StringIO()
    file.write_text(DEALS)
    call_command("import_csv", "opportunities", file, preset="maven", dry_run=True, stdout=out)
    assert out.getvalue().splitlines() == [
        "There were no deals yet, so the reporting currency is now USD.",
        "Would be: 4 made, 0 changed, 0 unchanged.",
    ]
    assert not Opportunity.objects.exists()
    assert Organisation.current().reporting_currency == "EUR"


PEOPLE = f"""{OWN["people"]}
7,Nora Lindqvist,Nora@x.example,partner_manager,Alliances,partner,2026-01-05
8,Ana Kovač,,account_executive,West,,
"""


def test_people_come_with_role_team_and_an_address_to_invite_them_at():
    assert bring(PEOPLE, "people", "partnerhub") == (2, 0, 0)
    nora = User.objects.get(external_id="7")
    assert (nora.email, nora.roles, nora.has_usable_password()) == (
        "nora@x.example",
        {"partner_manager"},
        False,
    )
    assert EmailAddress.objects.get(user=nora).verified is False
    membership = Membership.objects.get(user=nora)
    assert (membership.team.name, membership.team.kind, membership.starts_on) == (
        "Alliances",
        "partner",
        date(2026, 1, 5),
    )
    assert bring(PEOPLE, "people", "partnerhub") == (0, 0, 2)
    named = PEOPLE.replace("Ana Kovač,,", "Ana Kovač,ana@x.example,")
    assert bring(named, "people", "partnerhub") == (0, 1, 1)
    assert User.objects.get(external_id="8").email == "ana@x.example"
    assert Team.objects.count() == 2


def test_partners_customers_and_deals_in_our_own_columns():
    ana, nora = AEFactory(name="Ana Kovač"), PMFactory(name="Nora Lindqvist", email="nora@x.example")
    partners = f"{OWN['partners']}\n1,Norrvik Systems,reseller,Gold,Nordics\n"
    customers = f"{OWN['customers']}\n1,Acme Logistics,Logistics,Benelux\n"
    assert bring(partners, "partners", "partnerhub") == (1, 0, 0)
    assert bring(customers, "customers", "partnerhub") == (1, 0, 0)
    assert bring(customers.replace("Benelux", "Nordics"), "customers", "partnerhub") == (0, 1, 0)
    assert (Partner.objects.get().tier, Customer.objects.get().region) == ("Gold", "Nordics")

    row = "1,Acme renewal,Negotiation,ana kovač,nora@x.example,Acme Logistics,Norrvik Systems,sourced,"
    deals = f"{OWN['opportunities']}\n{row}148000.50,EUR,2026-05-11,2026-09-24,,\n"
    assert bring(deals, "opportunities", "partnerhub") == (1, 0, 0)
    acme = deal("1")
    assert (acme.owner, acme.partner_manager, acme.stage.name) == (ana, nora, "Negotiation")
    assert (acme.amount, acme.expected_close_on) == (Money(14_800_050, "EUR"), date(2026, 9, 24))
    assert [(one.partner.name, one.kind) for one in acme.involvements.all()] == [
        ("Norrvik Systems", "sourced")
    ]
    assert bring(deals, "opportunities", "partnerhub") == (0, 0, 1)

    in_dollars = deals.replace(",EUR,", ",USD,").replace("ana kovač", "Ben")
    AEFactory(name="Ben")
    assert bring(in_dollars, "opportunities", "partnerhub") == (0, 1, 0)
    acme.refresh_from_db()
    assert (acme.amount, acme.owner.name) == (Money(14_800_050, "USD"), "Ben")
    assert acme.assignments.filter(capacity="account_executive").count() == 2


def test_deals_of_others_are_left_alone(maven):
    other = OpportunityFactory(external_source="elsewhere", external_id="D1")
    assert bring(DEALS, "opportunities") == (4, 0, 0)
    other.refresh_from_db()
    assert (other.version, other.stage.name) == (1, "Qualify")


def test_actions_count_on_the_day_on_which_they_were_done():
    nora = PMFactory(name="Nora Lindqvist", time_zone="Pacific/Auckland")
    ana = AEFactory(name="Ana Kovač")
    deal = OpportunityFactory(external_source="file", external_id="1", owner=ana, partner_manager=nora)
    actions = f"""{OWN["actions"]}
1,coaching_session,Nora Lindqvist,2026-07-01,1,,,Ana Kovač,45,Practised the price talk
2,Call to,Ana Kovač,2026-06-30T23:30:00+00:00,1,,,,,
3,e-mail,Nora Lindqvist,2026-06-30T23:30:00Z,,,{deal.customer.name},,,
"""
    assert bring(actions, "actions", "partnerhub") == (3, 0, 0)
    coaching, call, mail = Action.objects.order_by("external_id")
    assert (coaching.capacity, coaching.counterpart, coaching.duration_minutes) == ("coach", ana, 45)
    assert (coaching.occurred_on, coaching.occurred_at) == (
        date(2026, 7, 1),
        datetime(2026, 7, 1, 0, tzinfo=UTC),
    )
    assert (call.occurred_on, call.capacity) == (date(2026, 6, 30), "account_executive")
    assert call.customer == deal.customer
    assert mail.occurred_on == date(2026, 7, 1)  # it was July already where Nora is
    july = parse_period("2026-07")
    assert person_score(nora, july).counted_points == 3
    assert person_score(ana, july).counted_points == 0
    assert bring(actions, "actions", "partnerhub") == (0, 0, 3)
    assert bring(actions.replace("3,e-mail", "4,e-mail"), "actions", "partnerhub") == (1, 0, 2)
