"""What leaves as CSV: every row once, exact amounts, and nothing that a spreadsheet would run."""

import csv
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from exchange import exporting
from foundation.money import Money
from opportunities.models import InvolvementKind
from tests.factories import ActionFactory, AEFactory, CustomerFactory, OpportunityFactory, PartnerFactory

pytestmark = pytest.mark.django_db


def export(kind: str) -> list[dict[str, str]]:
    out = StringIO()
    call_command("export_csv", kind, stdout=out)
    return list(csv.DictReader(StringIO(out.getvalue())))


def test_a_deal_leaves_with_its_people_partners_and_exact_amount():
    OpportunityFactory(
        name="Acme renewal",
        customer=CustomerFactory(name="Acme, Logistics"),
        owner=AEFactory(name="Ana Kovač"),
        amount=Money(14_800_050, "EUR"),
        partners=[
            (PartnerFactory(name="Norrvik Systems"), InvolvementKind.SOURCED),
            (PartnerFactory(name="Bluepine"), InvolvementKind.CO_SELL),
        ],
    )
    OpportunityFactory(name="Bare", amount=None, customer=None)
    full, bare = export("opportunities")
    assert full["customer"] == "Acme, Logistics"
    assert (full["owner"], full["stage"], full["status"]) == ("Ana Kovač", "Qualify", "open")
    assert full["partners"] == "Norrvik Systems (sourced); Bluepine (co_sell)"
    assert (full["amount"], full["currency"], full["opened_on"]) == ("148000.50", "EUR", "2026-06-01")
    assert (bare["amount"], bare["customer"], bare["owner"]) == ("", "", "")


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_no_text_begins_like_a_formula(sign):
    ActionFactory(notes=f"{sign}cmd|' /C calc'!A0")
    [row] = export("actions")
    assert row["notes"] == f"'{sign}cmd|' /C calc'!A0"


def test_every_row_leaves_once_with_few_queries(monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(exporting, "PAGE", 3)
    actions = [ActionFactory() for _ in range(7)]
    with django_assert_num_queries(4):  # pages of 3, 3 and 1, and the one that finds no more
        rows = export("actions")
    assert [int(row["id"]) for row in rows] == [action.pk for action in actions]
    assert rows[0]["action_type"] == "call_to"
    assert rows[0]["occurred_at"] == "2026-09-15T12:00:00+00:00"


def test_it_goes_to_a_file_and_says_where(tmp_path):
    OpportunityFactory(name="Žluťoučký kůň")
    out = StringIO()
    call_command("export_csv", "opportunities", out=tmp_path / "deals.csv", stdout=out)
    assert out.getvalue() == f"1 opportunities written to {tmp_path / 'deals.csv'}.\n"
    assert "Žluťoučký kůň" in (tmp_path / "deals.csv").read_text(encoding="utf-8")
    with pytest.raises(CommandError, match="No such file"):
        call_command("export_csv", "actions", out=tmp_path / "nowhere" / "deals.csv")
