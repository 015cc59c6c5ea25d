"""A wrong file is refused with line, column and reason for all that is wrong, and changes nothing."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Organisation, Team, User
from exchange.importing.plan import check
from exchange.importing.problems import MOST, FileRefused
from opportunities.models import Customer, Funnel, LostReason, Opportunity
from tests.exchange.files import CUSTOMERS, DEALS, HEADER, TEAMS
from tests.factories import AEFactory, OpportunityFactory

pytestmark = pytest.mark.django_db
GOOD = "X1,Ana Kovac,GTX Basic,Halden,Won,2017-01-05,2017-03-01,10"


def everything() -> list[object]:
    """How much there is of all that an import makes, and what it may set."""
    counted = [model.objects.count() for model in (User, Team, Customer, Funnel, LostReason, Opportunity)]
    return [*counted, Organisation.current().reporting_currency]


def problems(content: bytes, kind: str = "opportunities", preset: str = "maven") -> list[tuple[object, ...]]:
    before = everything()
    with pytest.raises(FileRefused) as refusal:
        check(content, kind=kind, preset=preset)
    assert everything() == before
    return [(problem.line, problem.column, problem.reason) for problem in refusal.value.problems]


@pytest.fixture(autouse=True)
def known(tmp_path):
    """The agents and customers that the deals name."""
    for kind, text in (("teams", TEAMS), ("customers", CUSTOMERS)):
        (tmp_path / kind).write_text(text)
        call_command("import_csv", kind, tmp_path / kind, preset="maven", stdout=StringIO())


# a row with one thing wrong, the column where it is, and words of the reason
WRONG_ROWS = [
    (
        "X1,Ana Kovac,GTX Basic,Halden,Won,2017-01-05,2017-13-01,10",
        "close_date",
        "“2017-13-01” is not",
    ),
    ("X1,Ana Kovac,GTX Basic,Halden,Won,05/01/2017,2017-03-01,10", "engage_date", "“05/01/2017” is not"),
    ("X1,Ana Kovac,GTX Basic,Halden,Signed,2017-01-05,2017-03-01,1", "deal_stage", "“Signed” is not known"),
    ("X1,Nobody Here,GTX Basic,Halden,Won,2017-01-05,2017-03-01,1", "sales_agent", "“Nobody Here” is not"),
    ("X1,,GTX Basic,Halden,Won,2017-01-05,2017-03-01,10", "sales_agent", "empty"),
    ("X1,Ana Kovac,GTX Basic,Unheard Of,Won,2017-01-05,2017-03-01,1", "account", "“Unheard Of” is not known"),
    ("X1,Ana Kovac,GTX Basic,Halden,Won,2017-01-05,2017-03-01,-10", "close_value", "below zero"),
    ("X1,Ana Kovac,GTX Basic,Halden,Won,2017-01-05,2017-03-01,ten", "close_value", "“ten” is not an amount"),
    ("X1,Ana Kovac,GTX Basic,Halden,Won,2017-01-05,2017-03-01,NaN", "close_value", "must be a number"),
    ("X1,Ana Kovac,GTX Basic,Halden,Won,2017-01-05,2017-03-01,1.005", "close_value", "no more than 2 digits"),
    ("X1,Ana Kovac,GTX Basic,Halden,Won,2017-01-05,2017-03-01,9e30", "close_value", "too large"),
    ("X1,Ana Kovac,GTX Basic,Halden,Won,2017-01-05,,10", "close_date", "needs this date"),
    ("X1,Ana Kovac,GTX Basic,Halden,Won,,2017-03-01,10", "engage_date", "needs this date"),
    ("X1,Ana Kovac,GTX Basic,Halden,Engaging,2017-01-05,2017-03-01,", "close_date", "no close yet"),
    ("X1,Ana Kovac,GTX Basic,Halden,Won,2017-03-02,2017-03-01,10", "close_date", "before the engage date"),
    ("X1,Ana Kovac,GTX Basic,Halden,Won,2017-03-02,2999-03-01,10", "close_date", "in the future"),
    ("X1,Ana Kovac,,Halden,Won,2017-01-05,2017-03-01,10", "product", "empty"),
    (",Ana Kovac,GTX Basic,Halden,Won,2017-01-05,2017-03-01,10", "opportunity_id", "empty"),
    ("X1,Ana Kovac," + "G" * 200 + ",Halden,Won,2017-01-05,2017-03-01,10", "product", "longer than 160"),
    ("X1,Ana Kovac,GTX Basic,Halden,Won,2017-01-05,2017-03-01", "", "7 cells, the header has 8"),
    ("X1,Ana Kovac,GTX, Basic,Halden,Won,2017-01-05,2017-03-01,1", "", "9 cells, the header has 8"),
]


@pytest.mark.parametrize(("row", "column", "words"), WRONG_ROWS)
def test_one_wrong_row_is_told_with_its_place(row, column, words):
    content = f"{HEADER}X0{GOOD[2:]}\n\n{row}\n"  # the empty line counts as a line of the file
    [(line, where, reason)] = problems(content.encode())
    assert (line, where) == (4, column)
    assert words in reason


def test_all_that_is_wrong_is_told_at_once_in_file_order():
    rows = [
        GOOD,
        "X1,Ana Kovac,GTX Basic,Halden,Won,2017-01-05,2017-03-01,10",
        "X2,Who,GTX Basic,Halden,Won,2017-01-05,soon,-1",
    ]
    found = problems((HEADER + "\n".join(rows)).encode())
    assert [(line, column) for line, column, _ in found] == [
        (3, "opportunity_id"),
        (4, "sales_agent"),
        (4, "close_date"),
        (4, "close_value"),
    ]
    assert found[0][2] == "This stands on line 2 already."


def test_a_file_that_is_wrong_throughout_tells_only_the_first_two_hundred():
    rows = "".join(f"X{n},Who,GTX Basic,Halden,Won,2017-01-05,2017-03-01,1\n" for n in range(MOST + 50))
    assert len(problems((HEADER + rows).encode())) == MOST


# a whole file that cannot be read, with the line, the column and words of the reason
WRONG_FILES = [
    (b"", 1, "opportunity_id", "There is no such column. The file has: nothing"),
    (HEADER.encode(), 1, "", "no rows below its header"),
    (DEALS.replace("deal_stage", "stage").encode(), 1, "deal_stage", "There is no such column"),
    (DEALS.replace("account", "product").encode(), 1, "product", "more than once"),
    (DEALS.replace("Halden", "Håldén").encode("cp1252"), 3, "", "not readable as UTF"),
    (DEALS.encode("utf-16-le"), 1, "", "zero bytes"),
    (DEALS.encode("utf-16")[:-1], 5, "", "not readable as UTF"),
    (b"PK\x03\x04\x14\x00\x06\x00\x08\x00", 1, "", "zero bytes"),
    (HEADER.encode() + b'X1,"Ana Kovac,GTX', 2, "", "unexpected end of data"),
    (f'{HEADER}X1,"{"a," * 6_000}",x,x,x,x,x,x\n'.encode(), 2, "", "quotation mark"),
]


@pytest.mark.parametrize(("content", "line", "column", "words"), WRONG_FILES)
def test_a_file_that_cannot_be_read_is_told_where(content, line, column, words):
    first = problems(content)[0]
    assert first[:2] == (line, column)
    assert words in first[2]


@pytest.mark.parametrize(
    "content",
    [
        DEALS.encode("utf-8-sig"),
        DEALS.encode("utf-16"),
        DEALS.replace(",", ";").encode(),
        DEALS.replace(",", "\t").encode(),
        DEALS.replace("\n", "\r\n").encode(),
        DEALS.replace("\n", "\r").encode(),
        DEALS.replace("GTX Basic", "GTX\u2028Basic").encode(),
        DEALS.replace("GTX Basic", "GTX\x0bBasic").encode(),
        DEALS.replace("GTX Basic", '"GTX\nBasic"').encode(),
        "\n".join(line + ",more" for line in DEALS.splitlines()).encode(),
    ],
)
def test_the_same_rows_are_read_in_every_usual_shape(content):
    plan = check(content, kind="opportunities", preset="maven")
    assert [record.external_id for record in plan.records] == ["D1", "D2", "D3", "D4"]


def test_the_command_tells_each_problem_and_leaves_all_as_it_was(tmp_path):
    file = tmp_path / "deals.csv"
    file.write_text(f"{HEADER}{GOOD}\n{GOOD.replace('X1', 'X2').replace('Ana Kovac', 'Who')}\n")
    before, said = everything(), StringIO()
    with pytest.raises(CommandError, match="refused; nothing was changed"):
        call_command("import_csv", "opportunities", file, preset="maven", stderr=said)
    assert said.getvalue() == "line 3, column “sales_agent”: “Who” is not known here.\n"
    assert everything() == before


@pytest.mark.parametrize(("kind", "preset"), [("partners", "maven"), ("teams", "partnerhub")])
def test_a_kind_that_a_preset_lacks_is_refused(tmp_path, kind, preset):
    (tmp_path / "file").write_text("a\n1\n")
    with pytest.raises(CommandError, match="does not bring"):
        call_command("import_csv", kind, tmp_path / "file", preset=preset)


def test_a_missing_file_is_said(tmp_path):
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_csv", "teams", tmp_path / "nothing.csv", preset="maven")


# rows in PartnerHub's own columns: kind, header, row, column, words
OWN = {
    "people": "id,name,email,role,team,team_kind,since",
    "partners": "id,name,type,tier,region",
    "customers": "id,name,industry,region",
    "actions": "id,action_type,actor,occurred_at,opportunity,partner,customer,counterpart,minutes,notes",
    "opportunities": "id,name,stage,owner,partner_manager,customer,partner,partner_kind,amount,currency,"
    "opened_on,expected_close_on,closed_on,lost_reason",
}
WRONG_OWN = [
    ("people", "1,Jo,not-an-address,leader,,,", "email", "not an e-mail address"),
    ("people", "1,Jo,taken@fieldstone.example,leader,,,", "email", "Somebody else has this address"),
    ("people", "1,Jo,,boss,,,", "role", "“boss” is not known"),
    ("people", "1,Jo,,leader,West,abroad,", "team_kind", "“abroad” is not known"),
    ("people", "1,Jo,,leader,,,soon", "since", "“soon” is not a date"),
    ("actions", "1,dance,Ana Kovac,2026-01-05,,,Halden,,,", "action_type", "“dance” is not known"),
    ("actions", "1,call_to,Who,2026-01-05,,,Halden,,,", "actor", "“Who” is not known"),
    ("actions", "1,call_to,Ana Kovac,noon,,,Halden,,,", "occurred_at", "“noon” is not a time"),
    ("actions", "1,call_to,Ana Kovac,,,,Halden,,,", "occurred_at", "empty"),
    ("actions", "1,call_to,Ana Kovac,2999-01-05,,,Halden,,,", "occurred_at", "once it has happened"),
    ("actions", "1,call_to,Ana Kovac,2026-01-05,,,,,,", "opportunity", "which deal, partner or customer"),
    ("actions", "1,call_to,Ana Kovac,2026-01-05,D99,,,,,", "opportunity", "“D99” is not known"),
    ("actions", "1,coaching_session,Ana Kovac,2026-01-05,,,Halden,,,", "counterpart", "who was coached"),
    ("actions", "1,call_to,Ana Kovac,2026-01-05,,,Halden,Ana Kovac,,", "counterpart", "Choose a colleague"),
    ("actions", "1,call_to,Ana Kovac,2026-01-05,,,Halden,,half an hour,", "minutes", "whole number"),
    ("actions", "1,call_to,Ana Kovac,2026-01-05,,,Halden,,-5,", "minutes", "whole number"),
    ("partners", "1,Norrvik,friend,,", "type", "“friend” is not known"),
    ("customers", "1,,,", "name", "empty"),
    ("opportunities", "1,Deal,Nowhere,Ana Kovac,,,,,,,2026-01-05,,,", "stage", "“Nowhere” is not known"),
    ("opportunities", "1,Deal,Qualify,Ana Kovac,,,,,,,,,,", "opened_on", "empty"),
    ("opportunities", "1,Deal,Won,Ana Kovac,,,,,,,2026-01-05,,,", "closed_on", "needs this date"),
    ("opportunities", "1,Deal,Qualify,Ana Kovac,,,,,,,2026-01-05,,2026-01-06,", "closed_on", "no close yet"),
    ("opportunities", "1,Deal,Lost,Ana Kovac,,,,,,,2026-01-05,,2026-01-06,", "lost_reason", "empty"),
    ("opportunities", "1,Deal,Qualify,Ana Kovac,,,,,5,XXY,2026-01-05,,,", "currency", "not a currency"),
    (
        "opportunities",
        "1,Deal,Qualify,Ana Kovac,,,,,1.5,JPY,2026-01-05,,,",
        "amount",
        "no more than 0 digits",
    ),
    ("opportunities", "1,,Qualify,Ana Kovac,,,,,,,2026-01-05,,,", "name", "empty"),
    ("opportunities", "1,D,Qualify,Ana Kovac,,,,,,,2026-01-05,x,,", "expected_close_on", "is not a date"),
]


@pytest.mark.parametrize(("kind", "row", "column", "words"), WRONG_OWN)
def test_own_columns_are_checked_as_well(kind, row, column, words):
    AEFactory(email="taken@fieldstone.example")
    [(line, where, reason)] = problems(f"{OWN[kind]}\n{row}\n".encode(), kind, "partnerhub")
    assert (line, where) == (2, column)
    assert words in reason


def test_two_people_of_a_file_cannot_share_an_address():
    rows = f"{OWN['people']}\n1,Jo,jo@x.example,leader,,,\n2,Joe,JO@x.example,leader,,,\n"
    assert problems(rows.encode(), "people", "partnerhub") == [
        (3, "email", "Somebody else has this address.")
    ]


def test_a_name_that_two_people_have_is_nobodys():
    AEFactory(name="Ana Kovac")
    OpportunityFactory()
    [(line, column, reason)] = problems(f"{HEADER}{GOOD}\n".encode())
    assert (line, column) == (2, "sales_agent")
    assert reason == "More than one here is called “Ana Kovac”."
