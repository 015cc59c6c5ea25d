"""Files of other systems, by command and by page: what comes in, what is asked, what is given back."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.db.models import Count, Sum
from django.utils import timezone

from accounts.models import Organisation, User
from accounts.services.anonymising import anonymise
from apr.models import Action
from exchange.importing.dialects import intake, working
from exchange.importing.runs import cancel_run
from exchange.models import ImportLine, ImportMapping, ImportRun, ImportStatus
from exchange.tasks import run_imports
from foundation.money import Money
from opportunities.models import Customer, LostReason, Opportunity, Stage, StageChange
from partners.models import Partner
from tests.exchange.files import SAMPLES
from tests.exchange.test_reading_files import workbook
from tests.factories import AdminFactory, AEFactory, LeaderFactory, PartnerFactory

pytestmark = pytest.mark.django_db
ZOHO = SAMPLES / "zoho_crm_sample"
SALESFORCE = SAMPLES / "salesforce_samples"
needs_samples = pytest.mark.skipif(not ZOHO.exists(), reason="the public sets are not at hand")
HEAD = "Id,Name,StageName,Amount,CreatedDate,CloseDate,Owner Name,Account Name,Moon"
DEALS = f"""{HEAD}
006A00000000001AAA,Acme renewal,Negotiation/Review,"1,000.50",2026-01-15,2026-09-24,Ana Kovač,Acme,full
006A00000000002AAA,Beta first,Closed Won,2500,2026-01-10,2026-03-31,Ben Achterberg,Beta,
006A00000000003AAA,Gone,Closed Lost,,2026-01-10,2026-02-28,Ana Kovač,Acme,
"""


@pytest.fixture(autouse=True)
def september():
    """All days of the files lie behind this one."""
    with time_machine.travel(datetime(2026, 9, 15, 9, 30, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def ana():
    return AEFactory(name="Ana Kovač", email="ana@fieldstone.example")


@pytest.fixture
def admin(client):
    elif_ = AdminFactory(name="Elif Maes")
    client.force_login(elif_)
    return elif_


def command(kind, path, **options):
    """The command's last line, and what it complained of."""
    out, err = StringIO(), StringIO()
    call_command("import_file", kind, path, stdout=out, stderr=err, **options)
    return out.getvalue().splitlines()[-1], err.getvalue()


def by_text(tmp_path, text, kind="opportunities", **options):
    file = tmp_path / "file.csv"
    file.write_text(text)
    return command(kind, file, **{"preset": "salesforce", **options})


def upload(client, content, kind="opportunities", preset="salesforce", **more):
    file = SimpleUploadedFile("deals.csv", content if isinstance(content, bytes) else content.encode())
    client.post("/import/", {"kind": kind, "preset": preset, "file": file, **more})
    run_imports()
    return ImportRun.objects.latest("pk")


def answer(client, run, **changes):
    """Sends the page of questions back as it stands, with some answers changed."""
    form = client.get(f"/import/{run.pk}/answers/").context["form"]
    data = {field.name: field.value() or "" for field in form}
    response = client.post(f"/import/{run.pk}/answers/", {**data, **changes})
    run_imports()
    run.refresh_from_db()
    return response


def bring_in(client, run):
    assert run.status == ImportStatus.READY, (run.status, run.survey.get("questions"), run.problems)
    client.post(f"/import/{run.pk}/apply/")
    run_imports()
    run.refresh_from_db()
    assert run.status == ImportStatus.DONE
    return run.made, run.changed, run.unchanged, run.refused


def deal(place):
    return Opportunity.objects.get(external_id=f"006A000000000{place}AAA")


# --- deals by command -----------------------------------------------------------------------------


def test_deals_come_in_with_stages_days_people_and_money(tmp_path, ana):
    assert by_text(tmp_path, DEALS, unknown="create")[0] == "3 made, 0 changed, 0 unchanged, 0 refused."
    renewal, won, lost = deal("01"), deal("02"), deal("03")
    assert (renewal.owner, renewal.customer.name, renewal.amount) == (ana, "Acme", Money(100_050, "EUR"))
    assert (renewal.stage.name, renewal.funnel.name) == ("Negotiation/Review", "Salesforce")
    assert (renewal.opened_on, renewal.expected_close_on) == (date(2026, 1, 15), date(2026, 9, 24))
    assert (won.status, won.opened_on, won.closed_on) == ("won", date(2026, 1, 10), date(2026, 3, 31))
    assert [step.to_stage_name for step in won.stage_changes.all()] == ["Prospecting", "Closed Won"]
    assert (won.owner.name, won.owner.roles) == ("Ben Achterberg", {"account_executive"})
    assert (lost.lost_reason.name, lost.amount) == ("Not given", None)
    assert Stage.objects.get(name="Negotiation/Review").probability == 90
    assert Customer.objects.count() == 2

    assert by_text(tmp_path, DEALS, unknown="create")[0] == "0 made, 0 changed, 3 unchanged, 0 refused."
    later = DEALS.replace("Negotiation/Review", "Closed Won").replace("2026-09-24", "2026-09-14")
    assert by_text(tmp_path, later, unknown="create")[0] == "0 made, 1 changed, 2 unchanged, 0 refused."
    renewal.refresh_from_db()
    assert (renewal.status, renewal.closed_on) == ("won", date(2026, 9, 14))


def test_unknown_names_are_refused_unless_said_otherwise_and_come_back_neutralised(tmp_path, ana):
    back = tmp_path / "back.csv"
    text = DEALS.replace("Beta first", "=cmd|run")
    said, complaints = by_text(tmp_path, text, refused=back)
    assert said == "0 made, 0 changed, 0 unchanged, 3 refused."
    assert "line 3, column “Owner Name”: “Ben Achterberg” is not known here." in complaints
    assert not Opportunity.objects.exists()
    assert User.objects.count() == 1
    rows = list(csv.reader(io.StringIO(back.read_text(encoding="utf-8-sig"))))
    assert rows[0] == ["Why it was refused", *HEAD.split(",")]
    assert rows[2][2] == "'=cmd|run"
    mended = io.StringIO()
    csv.writer(mended).writerows(rows)
    assert by_text(tmp_path, mended.getvalue(), unknown="create")[0].startswith("3 made")


def test_a_dry_run_says_the_same_and_changes_nothing(tmp_path, ana):
    said = by_text(tmp_path, DEALS, unknown="create", dry_run=True)[0]
    assert said == "Would be: 3 made, 0 changed, 0 unchanged, 0 refused."
    assert not Opportunity.objects.exists()
    assert not Customer.objects.exists()
    assert not Stage.objects.filter(name="Closed Won").exists()


@pytest.mark.parametrize(
    ("change", "column", "words"),
    [
        (("2026-03-31", "2026-12-31"), "CloseDate", "lies in the future"),
        (("2026-03-31", "soon"), "CloseDate", "“soon” is not a date"),
        (("2026-03-31", ""), "CloseDate", "needs this date"),
        (("2500", "-2500"), "Amount", "below zero"),
        (("2500", "1.005"), "Amount", "no more than 2 digits"),
        (("Beta first", ""), "Name", "empty"),
        (("Beta first", "B" * 201), "Name", "longer than 200"),
        ((",Beta,\n", ",Beta,,x,y\n"), "", "11 cells, the header has 9"),
        (("006A00000000002AAA", "006A00000000001AAA"), "Id", "stands on line 2 already"),
    ],
)
def test_one_faulty_row_is_refused_and_the_others_come_in(tmp_path, ana, change, column, words):
    text = DEALS.replace(*change)
    said, complaints = by_text(tmp_path, text, unknown="create")
    assert said == "2 made, 0 changed, 0 unchanged, 1 refused."
    assert f"line 3{f', column “{column}”' if column else ''}: " in complaints
    assert words in complaints


def test_dates_amounts_and_currencies_that_could_be_either_are_asked_and_not_guessed(tmp_path, ana):
    either = DEALS.replace("2026-01-15", "03/04/2026").replace("1,000.50", "$1,000")
    with pytest.raises(CommandError, match="--dates dmy") as refusal:
        by_text(tmp_path, either, unknown="create")
    assert "--numbers point" in str(refusal.value)
    assert "--currency CODE" in str(refusal.value)
    assert not Opportunity.objects.exists()
    by_text(tmp_path, either, unknown="create", dates="mdy", numbers="point", currency="USD")
    assert (deal("01").opened_on, deal("01").amount) == (date(2026, 3, 4), Money(100_000, "USD"))


def test_ids_of_fifteen_and_eighteen_characters_are_the_same_deal(tmp_path, ana):
    short = DEALS.replace("006A00000000001AAA", "006bm00000LKJNN")
    assert by_text(tmp_path, short, unknown="create")[0].startswith("3 made")
    long = DEALS.replace("006A00000000001AAA", "006bm00000LKJNNAA5")
    assert by_text(tmp_path, long, unknown="create")[0].startswith("0 made, 0 changed, 3 unchanged")


def test_a_file_without_ids_is_brought_in_once(tmp_path, ana):
    text = "\n".join(line.split(",", 1)[1] for line in DEALS.splitlines())
    text += "\n" + text.splitlines()[2]  # two deals alike are two deals
    assert by_text(tmp_path, text, unknown="create")[0] == "4 made, 0 changed, 0 unchanged, 0 refused."
    assert by_text(tmp_path, text, unknown="create")[0] == "0 made, 0 changed, 4 unchanged, 0 refused."


def test_a_status_beside_the_stage_closes_the_deal(tmp_path, ana):
    PartnerFactory(name="Norrvik Systems")
    header = (
        "Deal - ID,Deal - Title,Deal - Stage,Deal - Status,Deal - Value,Deal - Currency of Value,"
        "Deal - Deal created,Deal - Deal closed on,Deal - Owner,Deal - Nazwa Partnera,Deal - Lost reason\n"
    )
    days = "2026-01-05 10:00:00,2026-02-05 11:00:00"
    text = (
        f"{header}1,Acme,Demo Scheduled,won,100,EUR,{days},Ana Kovač,Norrvik Systems,\n"
        f"2,Beta,Proposal Made,lost,100,PLN,{days},ana@fieldstone.example,,Price\n"
        "3,Gamma,Qualified,open,,,2026-01-05 10:00:00,,Ana Kovač,,\n"
    )
    LostReason.objects.get_or_create(name="Price")
    assert by_text(tmp_path, text, preset="pipedrive", unknown="create")[0].startswith("3 made")
    won, lost, still = Opportunity.objects.order_by("external_id")
    assert [step.to_stage_name for step in won.stage_changes.all()] == ["Demo Scheduled", "Won"]
    assert [(one.partner.name, one.kind) for one in won.involvements.all()] == [
        ("Norrvik Systems", "influenced")
    ]
    assert (lost.status, lost.lost_reason.name, lost.amount) == ("lost", "Price", Money(10_000, "PLN"))
    assert (still.status, still.owner) == ("open", ana)
    assert Partner.objects.count() == 1


def test_who_was_known_by_name_gets_their_id_and_no_double(tmp_path):
    by_text(tmp_path, DEALS, unknown="create")
    people = "Id,Name,Email\n005A00000000001AAA,Ana Kovač,ana@fieldstone.example\n"
    accounts = "Id,Name,Industry\n001A00000000001AAA,Acme,Logistics\n"
    assert by_text(tmp_path, people, "people")[0].startswith("0 made, 1 changed")
    assert by_text(tmp_path, accounts, "customers")[0].startswith("0 made, 1 changed")
    assert User.objects.get(name="Ana Kovač").email == "ana@fieldstone.example"
    assert Customer.objects.get(name="Acme").industry == "Logistics"
    assert by_text(tmp_path, accounts, "customers")[0].startswith("0 made, 0 changed, 1 unchanged")
    assert by_text(tmp_path, people, "people")[0].startswith("0 made, 0 changed, 1 unchanged")


def test_what_was_not_done_is_no_action(tmp_path, ana):
    text = """Id,Subject,ActivityDate,Status,Owner Name,Type
1,Price talk,2026-09-01,Completed,Ana Kovač,Call
2,Visit,2026-09-10,Not Started,Ana Kovač,Meeting
3,Later,2027-01-10,Completed,Ana Kovač,Email
4,Odd,2026-09-01,Completed,Ana Kovač,Juggling
"""
    said, complaints = by_text(tmp_path, text.replace("Owner Name", "Assigned"), "actions")
    assert said == "1 made, 0 changed, 0 unchanged, 3 refused."
    for words in ("only what has happened", "once it has happened", "“Juggling” is not known"):
        assert words in complaints
    assert Action.objects.get().action_type.key == "call_to"


# --- the page -------------------------------------------------------------------------------------


def test_the_page_asks_shows_each_line_and_brings_in_what_was_said(client, admin, ana):
    ben = AEFactory(name="Benjamin Achterberg")
    run = upload(client, DEALS.replace("2500", "-2500").replace("Gone", "=Gone"))
    assert run.status == ImportStatus.ASKING
    assert "name what nobody knows here" in client.get(f"/import/{run.pk}/").text
    page = client.get(f"/import/{run.pk}/answers/")
    for words in ("Ben Achterberg", "Acme renewal · Beta first · =Gone", "Moon", "People nobody knows here"):
        assert words in page.text
    names = {field.label: field.name for field in page.context["form"]}
    answer(client, run, **{names["Ben Achterberg"]: str(ben.pk)})
    assert (run.status, run.made, run.refused) == (ImportStatus.READY, 2, 1)
    page = client.get(f"/import/{run.pk}/")
    for words in (
        "An amount cannot be below zero.",
        "Left out: Moon.",
        "Stages made in the funnel “Salesforce”",
    ):
        assert words in page.text
    assert "Acme renewal" not in client.get(f"/import/{run.pk}/?outcome=refused").text
    back = b"".join(client.get(f"/import/{run.pk}/refused/").streaming_content).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(back)))[1][:3] == [
        "Amount: An amount cannot be below zero.", "006A00000000002AAA", "Beta first",
    ]  # fmt: skip
    assert bring_in(client, run) == (2, 0, 0, 1)
    assert deal("01").owner == ana
    assert not Opportunity.objects.filter(owner=ben).exists()

    again = upload(client, DEALS)  # the next file of this header is read the same way, without a question
    assert (again.status, again.made, again.unchanged) == (ImportStatus.READY, 1, 1)
    assert bring_in(client, again)[0] == 1
    assert deal("02").owner == ben
    assert ImportMapping.objects.count() == 1


def test_columns_are_corrected_and_a_wrong_answer_is_told(client, admin, ana):
    run = upload(client, "Ding,Schritt,Wer\nAcme,Open,Ana Kovač\n", preset="any")
    assert (run.status, run.survey["missing"]) == (ImportStatus.ASKING, ["name", "stage"])
    refused = answer(client, run, column_0="name", column_1="name", currency="XXY")
    assert refused.status_code == 422
    for words in (
        "“Ding” tells this already.",
        "is not a currency code",
        "Say which column tells this: Stage.",
    ):
        assert words in refused.text
    answer(client, run, column_0="name", column_1="stage", column_2="owner")
    assert run.survey["unknown"]["stages"] == [["Open", 1]]
    answer(client, run, unknown_stages="create")
    assert bring_in(client, run) == (1, 0, 0, 0)
    assert Opportunity.objects.get().owner == ana


def test_a_workbook_comes_in_from_the_sheet_that_was_chosen(client, admin, ana):
    header = ["Opportunity Name", "Stage", "Amount", "Close Date", "Owner"]
    content = workbook(header, ["Acme", "Qualify", 1234.5, date(2026, 12, 1), "Ana Kovač"], more=["Notes"])
    run = upload(client, content, preset="any")
    assert run.survey["sheets"] == ["Deals", "Notes"]
    assert bring_in(client, run) == (1, 0, 0, 0)
    one = Opportunity.objects.get()
    assert (one.amount, one.expected_close_on) == (Money(123_450, "EUR"), date(2026, 12, 1))
    assert one.stage.name == "Qualify"


def test_a_file_that_cannot_be_read_is_refused_on_the_page(client, admin):
    run = upload(client, b'Name,Stage\n"Acme,Open\n')
    assert run.status == ImportStatus.REFUSED
    assert "quotation mark" in client.get(f"/import/{run.pk}/").text
    assert not ImportLine.objects.exists()


def test_answers_and_refused_lines_are_for_administrators_and_strange_values_do_no_harm(client, admin):
    run = upload(client, DEALS)
    for query in ("?outcome=nothing", "?after=x", "?after=99999999999999", "?outcome=made&after=1"):
        assert client.get(f"/import/{run.pk}/{query}").status_code == 200
    client.force_login(LeaderFactory())
    assert client.get(f"/import/{run.pk}/answers/").status_code == 403
    assert client.get(f"/import/{run.pk}/refused/").status_code == 403


def test_stage_changes_go_with_deals_of_another_system_only(client, admin):
    file = SimpleUploadedFile("h.csv", b"a\n")
    answer_ = client.post(
        "/import/",
        {
            "kind": "customers",
            "preset": "salesforce",
            "file": SimpleUploadedFile("c.csv", b"Id\n"),
            "history": file,
        },
    )
    assert "Stage changes go with opportunities" in answer_.text


# --- the public sets --------------------------------------------------------------------------------


def by_page(client, kind, path, preset, history=None, **answers):
    more = {"history": SimpleUploadedFile("h.csv", history.read_bytes())} if history else {}
    run = upload(client, path.read_bytes(), kind, preset, **more)
    if run.status == ImportStatus.ASKING:
        answer(client, run, **answers)
    return bring_in(client, run)


@needs_samples
@pytest.mark.parametrize("door", ["command", "page"])
def test_zoho_deals_calls_and_events_of_their_owners(door, client, admin):
    said = {
        "customers": {},
        "Potentials": {"currency": "USD"},
        "Calls": {},
        "Events": {"action_type": "conference_call"},
    }

    def bring(kind, name):
        if door == "page":
            return by_page(client, kind, ZOHO / f"{name}.csv", "zoho", **said.get(name, {}))
        line, _ = command(kind, ZOHO / f"{name}.csv", preset="zoho", unknown="create", **said.get(name, {}))
        return tuple(int(word) for word in line.rstrip(".").split() if word.isdigit())

    assert bring("customers", "Accounts") == (2_226, 0, 0, 3)  # three rows have no name
    assert bring("opportunities", "Potentials") == (3_632, 0, 0, 0)
    assert bring("actions", "Calls") == (4_100, 0, 0, 0)
    assert bring("actions", "Events") == (2_978, 0, 0, 0)
    deals = Opportunity.objects
    assert dict(deals.values_list("stage__name").annotate(n=Count("pk"))) == {
        "Closed Won": 1_425, "Qualification": 698, "Closed Lost": 485, "Needs Analysis": 296,
        "Initial Offer": 283, "Prospect": 245, "Proposal/Price Quote": 136, "Negotiation/Review": 64,
    }  # fmt: skip
    assert deals.won().aggregate(total=Sum("amount_minor"))["total"] == 8_906_620_000
    assert Organisation.current().reporting_currency == "USD"
    calls = dict(Action.objects.values_list("actor__name").annotate(n=Count("pk")))
    assert (calls["Harold Pawlan"], calls["Tina Thomas"], len(calls)) == (1_090 + 1_437, 70 + 2, 11)
    assert dict(Action.objects.values_list("action_type__key").annotate(n=Count("pk"))) == {
        "call_from": 3_560, "call_to": 540, "conference_call": 2_978,
    }  # fmt: skip
    if door == "command":
        assert bring("actions", "Calls") == (0, 0, 4_100, 0)


@needs_samples
@pytest.mark.parametrize("door", ["command", "page"])
def test_salesforce_deals_with_their_history_and_tasks(door, client, admin, ana):
    def bring(kind, name, history=None, **options):
        if door == "page":
            return by_page(client, kind, SALESFORCE / name, "salesforce", history, **options)
        options = {"unknown": "create", **options}
        if "owner" in options:
            options["owner"] = "Ana Kovač"
        line, _ = command(kind, SALESFORCE / name, preset="salesforce", history=history, **options)
        return tuple(int(word) for word in line.rstrip(".").split() if word.isdigit())

    history = SALESFORCE / "salesforce_in_powerbi" / "OpportunityHistory.csv"
    owner = {"owner": str(ana.pk)}
    for folder, rows in (
        ("tdx2025_hackathon", 100),
        ("salesforce_in_powerbi", 18),
        ("data_cloud_workshop", 22),
    ):
        assert bring("customers", f"{folder}/Account.csv") == (rows, 0, 0, 0)
    assert bring("opportunities", "tdx2025_hackathon/Opportunity.csv", **owner) == (155, 0, 0, 0)
    assert bring("opportunities", "salesforce_in_powerbi/Opportunity.csv", history) == (36, 0, 0, 0)
    assert bring("opportunities", "data_cloud_workshop/Opportunity.csv") == (50, 0, 0, 0)
    tasks = {"action_type": "call_to", **owner}
    assert bring("actions", "tdx2025_hackathon/Task.csv", **tasks) == (83, 0, 0, 0)

    def of(start):
        found = Opportunity.objects.filter(external_id__startswith=start)
        won = found.won().aggregate(total=Sum("amount_minor"))["total"]
        return found.count(), found.won().count(), found.lost().count(), won

    assert of("0060000") == (155, 107, 17, 1_111_250_000)
    assert of("006bm") == (36, 12, 8, 281_500_000)
    assert of("006Ec") == (50, 12, 3, 1_054_256_298)
    steps = StageChange.objects.filter(opportunity__external_id__startswith="006bm")
    assert steps.count() == 48
    told = steps.filter(opportunity__external_id="006bm00000LKgOnAAL").order_by("effective_at")
    assert list(told.values_list("to_stage_name", "effective_at")) == [
        ("Prospecting", datetime(2026, 2, 24, 2, 18, tzinfo=UTC)),
        ("Closed Won", datetime(2026, 2, 24, 2, 20, tzinfo=UTC)),
        ("Closed Lost", datetime(2026, 3, 7, 20, 59, tzinfo=UTC)),
    ]
    assert Action.objects.filter(actor=ana).exclude(opportunity=None).count() == 83
    assert not Opportunity.objects.filter(external_source="salesforce", customer=None).exists()


# --- crashes and cancelling -------------------------------------------------------------------------

ROWS = 1_200  # three batches: 500, 500 and 200
MANY = "Id,Name,StageName,CreatedDate,Owner Name,Account Name\n" + "".join(
    f"{n},Deal {n},Prospecting,2026-01-05,Owner {n % 7},Customer {n % 40}\n" for n in range(ROWS)
)


@pytest.fixture
def running(client, admin):
    """A file of three batches with the word to bring it in."""
    run = upload(client, MANY)
    answer(client, run)
    assert (run.status, run.made) == (ImportStatus.READY, ROWS)
    client.post(f"/import/{run.pk}/apply/")
    return run


def in_second_batch(monkeypatch, event):
    calls = []

    def bring(*args):
        calls.append(args)
        counts = intake.bring(*args)
        if len(calls) == 2:
            event()
        return counts

    monkeypatch.setattr(working, "bring", bring)


def everything():
    models = (User, Customer, Opportunity, StageChange)
    return [model.objects.count() for model in models]


def test_after_the_database_went_away_the_next_worker_ends_the_same(running, monkeypatch):
    def gone():
        raise OperationalError("server closed the connection unexpectedly")

    before = User.objects.count()
    with monkeypatch.context() as patch:
        in_second_batch(patch, gone)
        with pytest.raises(OperationalError):
            run_imports()
    assert Opportunity.objects.count() == 500
    ImportRun.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    run_imports()
    running.refresh_from_db()
    assert (running.status, running.made, running.rows_done) == (ImportStatus.DONE, ROWS, ROWS)
    assert everything() == [before + 7, 40, ROWS, ROWS]


def test_cancelling_stops_after_the_batch_in_hand(running, admin, monkeypatch):
    in_second_batch(monkeypatch, lambda: cancel_run(run_id=running.pk, by=admin))
    run_imports()
    running.refresh_from_db()
    assert running.status == ImportStatus.CANCELLED
    assert Opportunity.objects.count() == running.rows_done == 1_000


def test_the_page_of_a_long_file_asks_the_database_no_more(client, running, django_assert_max_num_queries):
    client.get(f"/import/{running.pk}/")
    with django_assert_max_num_queries(16):
        page = client.get(f"/import/{running.pk}/?outcome=made")
    assert page.status_code == 200


def test_who_is_made_anonymous_is_named_in_no_import(client, admin, ana):
    run = upload(client, DEALS.replace("2500", "-2500").replace("Ben Achterberg", "Ana Kovač"))
    answer(client, run)
    run.choices["values"] = {"people": {"ana kovač": str(ana.pk)}}
    run.save()
    ImportMapping.objects.update(choices=run.choices)
    line = run.lines.get(outcome="refused")
    assert "Ana Kovač" in line.cells
    ana.is_active = False
    ana.save()
    anonymise(person=ana, by=admin)
    kept = [
        *ImportLine.objects.values_list("name", "cells"),
        *ImportRun.objects.values_list("survey", "choices"),
    ]
    assert "kovač" not in repr([*kept, *ImportMapping.objects.values_list("choices")]).casefold()
    line.refresh_from_db()
    assert line.cells[6] == f"Former colleague {ana.pk}"
