"""Files of every usual make are read by their content, and harmful ones are refused with a word."""

import io
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from openpyxl import Workbook

from exchange.importing.dialects.header import find_table, is_tail, match_columns, missing_fields
from exchange.importing.dialects.sheets import Exact, read_lines
from exchange.importing.dialects.values import (
    COMMA,
    DAY_FIRST,
    MONTH_FIRST,
    POINT,
    orders_of,
    read_amount,
    read_when,
    sign_fits,
    split_amount,
    styles_of,
)
from exchange.importing.problems import FileRefused
from tests.exchange.files import SAMPLES

TABLE = 'Name;Betrag\nMüller & Söhne;1.234,50\n"Zwei; Teile";2\n'
ROWS = [["Name", "Betrag"], ["Müller & Söhne", "1.234,50"], ["Zwei; Teile", "2"]]
HEADERS = SAMPLES / "crm_export_headers"


def cells(content, sheet=""):
    return [line.cells for line in read_lines(content, sheet)]


@pytest.mark.parametrize(
    "content",
    [
        TABLE.encode(),
        TABLE.encode("utf-8-sig"),
        TABLE.encode("utf-16"),
        TABLE.encode("utf-16-le"),
        TABLE.encode("utf-16-be"),
        TABLE.encode("cp1252"),
        TABLE.replace("\n", "\r\n").encode(),
        TABLE.replace("\n", "\r").encode(),
        ("sep=;\n" + TABLE).encode(),
        TABLE.replace(";Betrag", "|Betrag").replace("hne;", "hne|").replace('";', '"|').encode(),
        TABLE.replace("Betrag", "Betrag;;").encode(),
    ],
)
def test_text_of_every_make_is_the_same_table(content):
    assert cells(content) == ROWS


def workbook(*rows, title="Deals", more=()):
    book = Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(list(row))
    for name in more:
        book.create_sheet(name).append(["Other"])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_a_workbook_gives_dates_numbers_words_and_what_formulas_came_to():
    content = workbook(
        ["Name", "When", "Day", "Amount", "Won", "Sum"],
        ["Acme", datetime(2026, 9, 15, 14, 30), date(2026, 9, 15), 1234.5, True, "=1+1"],  # noqa: DTZ001
        [None, None, None, 0.1 + 0.2, False, 45_000],
        more=["Second"],
    )
    first, second, third = cells(content)
    assert first == ["Name", "When", "Day", "Amount", "Won", "Sum"]
    assert second == ["Acme", "2026-09-15T14:30:00", "2026-09-15T00:00:00", "1234.5", "TRUE"]
    assert isinstance(second[3], Exact)
    assert third == ["", "", "", "0.3", "FALSE", "45000"]
    assert cells(content, "Second") == [["Other"]]
    with pytest.raises(FileRefused, match="no such sheet"):
        cells(content, "Third")


def bomb():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            for _ in range(1025):
                part.write(bytes(1024 * 1024))
    return file.getvalue()


def with_entities():
    file = io.BytesIO(workbook(["Name"]))
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("xl/x.xml", '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "b">]><a>&b;</a>')
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xd0\xcf\x11\xe0" + bytes(600), "before 2007"),
        (b"PK\x03\x04 and nothing more", "cannot be read"),
        (workbook(["Name"])[:-200], "cannot be read"),
        (b"Name,Am\0ount\nAcme,1\n", "zero bytes"),
        (b"\x81\x8d\x8f,\x90\n\xff\x81,1\n", "not readable as text"),
        (b'Name,Amount\n"Acme,1\nBeta,2\n', "quotation mark"),
        (b'Name,Amount\n"Ac"me,1\n', "quotation mark"),
        (b"Name," + b"x," * 1_000 + b"y\n", "more than 1000 cells"),
        (b'Name\n"' + b"x" * 200_000 + b'"\n', "quotation mark"),
    ],
)
def test_what_does_harm_is_refused_with_a_word(content, words):
    with pytest.raises(FileRefused, match=words):
        cells(content)


def test_archives_that_unpack_beyond_measure_or_declare_entities_are_refused():
    with pytest.raises(FileRefused, match="unpacks to more"):
        cells(bomb())
    with pytest.raises(FileRefused, match="declarations"):
        cells(with_entities())


REPORT = """Opportunities by owner
As of 2026-09-15

Opportunity Owner,Account Name,Opportunity Name,Stage,Amount,Close Date
Ana Kovač,Acme,Acme renewal,Negotiation/Review,1000,2026-09-24
Total,,,,1000,
Grand Totals (1 records),,,,,

Confidential Information - Do Not Distribute
Copyright (c) 2000-2026 salesforce.com, inc. All rights reserved.
"""


def test_titles_above_and_totals_below_are_no_rows():
    table = find_table(REPORT.encode(), "salesforce", "opportunities")
    assert (table.header_line, table.columns[0]) == (4, "Opportunity Owner")
    rows = list(table.rows)
    assert [is_tail(row.cells, 6) for row in rows] == [False, True, True, True, True]
    assert not is_tail(["Total", "Acme", "Total Ltd", "Won", "5", "2026-01-01"], 6)


# what each real header tells: the file, whose it is, the columns of a few fields
REAL: list[tuple[str, str, dict[str, str]]] = [
    (
        "salesforce_dataloader_opportunity",
        "salesforce",
        {
            "id": "Id",
            "name": "Name",
            "stage": "StageName",
            "owner_id": "OwnerId",
            "customer_id": "AccountId",
            "amount": "Amount",
            "close": "CloseDate",
            "opened": "CreatedDate",
            "is_won": "IsWon",
        },
    ),
    (
        "salesforce_report_multicurrency",
        "salesforce",
        {
            "name": "Opportunity Name",
            "owner": "Opportunity Owner",
            "customer": "Account Name",
            "amount": "Total Amount",
            "currency": "Total Amount Currency",
            "close": "Close Date",
            "stage": "Stage",
        },
    ),
    (
        "salesforce_report_channel",
        "salesforce",
        {
            "id": "Opportunity Number",
            "partner": "Indirect Account",
            "customer": "End Customer",
            "amount": "Estimated Total Price",
            "opened": "Created Date",
        },
    ),
    (
        "hubspot_deals_export_en",
        "hubspot",
        {
            "id": "Record ID",
            "name": "Deal Name",
            "stage": "Deal Stage",
            "owner": "Deal owner",
            "close": "Close Date",
            "amount": "Amount",
        },
    ),
    (
        "hubspot_deals_export_core",
        "hubspot",
        {
            "customer": "Associated Company (Primary)",
            "customer_id": "Associated Company IDs (Primary)",
            "opened": "Create Date",
        },
    ),
    (
        "dynamics365_opportunities_view",
        "dynamics",
        {
            "name": "Topic",
            "stage": "Sales Stage",
            "status": "Status",
            "owner": "Owner",
            "customer": "Potential Customer",
            "amount": "Est. revenue",
            "currency": "Currency",
            "expected_close": "Est. close date",
            "closed": "Actual Close Date",
            "opened": "Created On",
        },
    ),
    ("dynamics365_worksheet_prefix", "dynamics", {"id": "(Do Not Modify) Opportunity", "name": "Topic"}),
    (
        "pipedrive_deals_export_selected",
        "pipedrive",
        {
            "id": "Deal - ID",
            "name": "Deal - Title",
            "stage": "Deal - Stage",
            "status": "Deal - Status",
            "amount": "Deal - Value",
            "customer": "Deal - Organization",
            "opened": "Deal - Deal created",
            "closed": "Deal - Deal closed on",
            "partner": "Deal - Nazwa Partnera",
            "lost_reason": "Deal - Lost reason",
        },
    ),
    (
        "pipedrive_deals_export_full",
        "pipedrive",
        {
            "owner": "Deal - Owner",
            "currency": "Deal - Currency of Value",
            "expected_close": "Deal - Expected close date",
            "customer_id": "Deal - Organization ID",
        },
    ),
    (
        "zoho_crm_deals_export",
        "zoho",
        {
            "id": "Record Id",
            "name": "Deal Name",
            "owner": "Deal Owner",
            "owner_id": "Deal Owner.id",
            "customer": "Account Name",
            "customer_id": "Account Name.id",
            "lost_reason": "Reason For Loss",
            "close": "Closing Date",
        },
    ),
    ("zoho_bigin_deals_export", "zoho", {"id": "Deal Id", "customer": "Company Name", "stage": "Stage"}),
    (
        "zoho_analytics_potentials",
        "zoho",
        {"id": "LEADID", "name": "Potential Name", "status": "Forecast Type"},
    ),
]


@pytest.mark.skipif(not HEADERS.exists(), reason="the public headers are not at hand")
@pytest.mark.parametrize(("name", "preset", "told"), REAL)
@pytest.mark.parametrize("named", [True, False])
def test_columns_are_matched_by_name_whoever_wrote_them(name, preset, told, named):
    columns = find_table((HEADERS / f"{name}.csv").read_bytes(), preset, "opportunities").columns
    shuffled = [column.upper().replace(" ", "_") for column in reversed(columns)]
    found = match_columns(columns, preset if named else "any", "opportunities")
    assert {field: column for column, field in found.items()}.items() >= told.items()
    again = match_columns(shuffled, preset, "opportunities")
    assert sorted(again.values()) == sorted(match_columns(columns, preset, "opportunities").values())


def test_a_column_that_must_be_there_is_missed_and_a_strange_one_left_out():
    found = match_columns(["Betrag", "Mond", "Phase"], "any", "opportunities")
    assert found == {"Betrag": "amount", "Phase": "stage"}
    assert missing_fields("opportunities", found) == ["name"]


@pytest.mark.parametrize(
    ("text", "order", "day", "clock"),
    [
        ("2026-09-15", MONTH_FIRST, date(2026, 9, 15), "12:00"),
        ("15/09/2026", DAY_FIRST, date(2026, 9, 15), "12:00"),
        ("04/03/26", MONTH_FIRST, date(2026, 4, 3), "12:00"),
        ("04/03/26", DAY_FIRST, date(2026, 3, 4), "12:00"),
        ("04.03.2026 08:05", MONTH_FIRST, date(2026, 3, 4), "08:05"),
        ("02/23/26 08:55 PM", MONTH_FIRST, date(2026, 2, 23), "20:55"),
        ("15 Apr, 2021 00:02:00", DAY_FIRST, date(2021, 4, 15), "00:02"),
        ("Apr 15, 2021", DAY_FIRST, date(2021, 4, 15), "12:00"),
        ("3. März 2026", DAY_FIRST, date(2026, 3, 3), "12:00"),
        ("15-Apr-21", DAY_FIRST, date(2021, 4, 15), "12:00"),
        ("45631", DAY_FIRST, date(2024, 12, 5), "12:00"),
        ("45631.5", DAY_FIRST, date(2024, 12, 5), "12:00"),
        ("2019-07-13T01:44:30.000+0000", DAY_FIRST, date(2019, 7, 13), "01:44"),
    ],
)
def test_dates_are_read_as_people_and_programs_write_them(text, order, day, clock):
    found = read_when(text, order)
    assert found.day == day
    assert found.instant(UTC).strftime("%H:%M") == clock


@pytest.mark.parametrize(
    "text",
    [
        "soon",
        "31/02/2026",
        "13/13/2026",
        "2026-13-01",
        "1",
        "999999",
        "12:30",
        "32 Apr 2021",
        "2026-09-15 25:00",
        "5 Foo 2021",
        "15/09/0026",
        "15/9",
        "99999",
    ],
)
def test_what_is_no_date_is_none(text):
    with pytest.raises(ValueError, match=r".*"):
        read_when(text, DAY_FIRST)


@pytest.mark.parametrize(
    ("text", "orders"),
    [
        ("03/04/2026", {DAY_FIRST, MONTH_FIRST}),
        ("13/04/2026", {DAY_FIRST}),
        ("04/13/2026", {MONTH_FIRST}),
        ("03.04.2026", {DAY_FIRST}),
        ("2026-04-03", set()),
        ("3 April 2026", set()),
    ],
)
def test_a_date_that_could_be_either_says_so(text, orders):
    assert orders_of(text) == orders


@pytest.mark.parametrize(
    ("text", "style", "number"),
    [
        ("$22,700.00", POINT, "22700.00"),
        ("22.700,00 €", COMMA, "22700.00"),
        ("CHF 1'234.50", POINT, "1234.50"),
        ("1 234 567,8", COMMA, "1234567.8"),
        ("(1,000.00)", POINT, "-1000.00"),
        ("-5", POINT, "-5"),
        ("5-", POINT, "-5"),
        ("12,34,567", POINT, "1234567"),
        (Exact("1234.5"), COMMA, "1234.5"),
        ("0", COMMA, "0"),
    ],
)
def test_amounts_are_read_with_signs_and_separators(text, style, number):
    assert read_amount(text, style) == Decimal(number)


@pytest.mark.parametrize("text", ["ten", "1.2.3,4", "1,23.5", "--5", "5 EUR USD", "1,5,00", "=1", "1e5", ""])
def test_what_is_no_amount_is_none(text):
    with pytest.raises(ValueError, match=r".*"):
        read_amount(text, POINT)


@pytest.mark.parametrize(
    ("text", "styles"),
    [
        ("42,000", {POINT, COMMA}),
        ("1.500", {POINT, COMMA}),
        ("42,5", {COMMA}),
        ("1,234.5", {POINT}),
        ("1.234.567", {COMMA}),
        ("42", set()),
        (Exact("42.125"), set()),
    ],
)
def test_an_amount_that_could_be_either_says_so(text, styles):
    assert styles_of(text) == styles


@pytest.mark.parametrize(
    ("text", "currency", "fits"),
    [
        ("$5", "USD", True),
        ("$5", "EUR", False),
        ("5 €", "EUR", True),
        ("USD 5", "EUR", False),
        ("A$5", "AUD", True),
    ],
)
def test_a_sign_of_another_currency_is_noticed(text, currency, fits):
    assert sign_fits(split_amount(text).sign, currency) is fits
