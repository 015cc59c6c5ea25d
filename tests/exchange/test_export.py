"""What leaves as CSV: every row once, exact amounts, and nothing that a spreadsheet would run."""

import csv
from io import BytesIO, StringIO
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from openpyxl import load_workbook

from audit.models import Entry, Kind
from exchange import exporting
from foundation.money import Money
from opportunities.models import InvolvementKind
from tests.factories import (
    ActionFactory,
    AdminFactory,
    AEFactory,
    CustomerFactory,
    LeaderFactory,
    OpportunityFactory,
    PartnerFactory,
    PMFactory,
    TeamFactory,
    action_type,
)

pytestmark = pytest.mark.django_db


def export(kind: str, **options: bool) -> list[dict[str, str]]:
    out = StringIO()
    call_command("export_csv", kind, stdout=out, **options)
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
    # Pages of 3, 3 and 1, and the one that finds no more; a count and four to put the export on record.
    with django_assert_num_queries(4 + 5):
        rows = export("actions")
    assert [int(row["id"]) for row in rows] == [action.pk for action in actions]
    assert rows[0]["action_type"] == "call_to"
    assert rows[0]["occurred_at"] == "2026-09-15T12:00:00+00:00"


def test_what_was_said_in_coaching_leaves_only_when_asked_for_and_on_record():
    coaching = {"action_type": action_type("coaching_session"), "counterpart": PMFactory()}
    ActionFactory(notes="Between us", **coaching)
    ActionFactory(notes="Called Acme")
    assert [row["notes"] for row in export("actions")] == ["", "Called Acme"]
    assert [row["notes"] for row in export("actions", coaching_notes=True)] == ["Between us", "Called Acme"]
    records = Entry.objects.filter(kind=Kind.EXPORT).order_by("pk")
    assert [one.after for one in records] == [{"rows": 2}, {"rows": 2, "private": True}]


def test_it_goes_to_a_file_and_says_where(tmp_path):
    OpportunityFactory(name="Žluťoučký kůň")
    out = StringIO()
    call_command("export_csv", "opportunities", out=tmp_path / "deals.csv", stdout=out)
    assert out.getvalue() == f"1 opportunities written to {tmp_path / 'deals.csv'}.\n"
    assert "Žluťoučký kůň" in (tmp_path / "deals.csv").read_text(encoding="utf-8")
    with pytest.raises(CommandError, match="No such file"):
        call_command("export_csv", "actions", out=tmp_path / "nowhere" / "deals.csv")


class TestFromAList:
    """Leaders and administrators take a list out as it is filtered; others are refused."""

    @pytest.fixture
    def cast(self):
        ana, nora, priya = AEFactory(name="Ana Kovač"), PMFactory(name="Nora Lindqvist"), LeaderFactory()
        TeamFactory(leaders=[priya], members=[nora])
        OpportunityFactory(name="Acme renewal", owner=ana, partner_manager=nora, amount=Money(50, "EUR"))
        OpportunityFactory(name="Bolt pilot", owner=ana, partner_manager=nora)
        OpportunityFactory(name="Of others")
        return SimpleNamespace(ana=ana, nora=nora, priya=priya, admin=AdminFactory())

    @staticmethod
    def taken(person, address, form="csv"):
        client = Client()
        client.force_login(person)
        response = client.post(address, {"format": form})
        assert response.status_code == 200
        content = b"".join(response.streaming_content)
        if form == "csv":
            return list(csv.DictReader(StringIO(content.decode())))
        [head, *rows] = load_workbook(BytesIO(content)).active.values
        return [dict(zip(head, row, strict=True)) for row in rows]

    @pytest.mark.parametrize("form", ["csv", "xlsx"])
    def test_what_the_reader_sees_and_the_filters_leave(self, cast, form):
        names = [row["name"] for row in self.taken(cast.priya, "/export/opportunities/", form)]
        assert names == ["Acme renewal", "Bolt pilot"]
        names = [row["name"] for row in self.taken(cast.priya, "/export/opportunities/?q=bolt", form)]
        assert names == ["Bolt pilot"]
        assert len(self.taken(cast.admin, "/export/opportunities/", form)) == 3

    def test_a_spreadsheet_gets_numbers_and_dates(self, cast):
        row = self.taken(cast.priya, "/export/opportunities/?q=acme", "xlsx")[0]
        assert row["amount"] == 0.5
        assert row["opened_on"].isoformat().startswith("2026-06-01")

    @pytest.mark.parametrize("form", ["csv", "xlsx"])
    def test_of_coaching_a_leader_gets_the_points_but_not_what_was_said(self, cast, form):
        ActionFactory(
            actor=cast.nora,
            action_type=action_type("coaching_session"),
            counterpart=cast.ana,
            notes="Private",
        )
        ActionFactory(actor=cast.nora, notes="=Open\x07")
        rows = self.taken(cast.priya, f"/export/actions/?person={cast.nora.pk}", form)
        assert not rows[0]["notes"]
        assert rows[1]["notes"].startswith("'=Open")

    def test_partners_leave_with_who_looks_after_them(self, cast):
        PartnerFactory(name="Norrvik Systems", managers=[cast.nora])
        PartnerFactory(name="Of others")
        [row] = self.taken(cast.priya, "/export/partners/")
        assert (row["name"], row["partner_managers"]) == ("Norrvik Systems", "Nora Lindqvist")

    def test_it_is_on_record_with_who_and_how_much(self, cast):
        self.taken(cast.priya, "/export/opportunities/?q=bolt")
        entry = Entry.objects.filter(kind=Kind.EXPORT).latest("pk")
        assert (entry.actor_id, entry.label, entry.after) == (cast.priya.pk, "opportunities", {"rows": 1})

    @pytest.mark.parametrize("kind", ["opportunities", "actions", "partners"])
    def test_others_are_refused_and_a_link_does_nothing(self, cast, client, kind):
        assert client.post(f"/export/{kind}/").status_code == 302
        for person in (cast.ana, cast.nora):
            client.force_login(person)
            assert client.post(f"/export/{kind}/").status_code == 403
        client.force_login(cast.priya)
        assert client.get(f"/export/{kind}/").status_code == 405
        assert client.post("/export/nonsense/").status_code == 404

    @pytest.mark.parametrize("path", ["/opportunities/", "/actions/", "/partners/"])
    def test_the_menu_stands_where_one_may(self, cast, client, path):
        client.force_login(cast.priya)
        assert "As XLSX" in client.get(path).text
        client.force_login(cast.nora)
        assert "As XLSX" not in client.get(path).text
