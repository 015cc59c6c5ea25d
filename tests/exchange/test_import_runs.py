"""Import runs through page and task: who may, what is told, and what crashes and second workers change."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from exchange.importing import runs
from exchange.importing.applying import apply_records
from exchange.importing.plan import apply_all, check
from exchange.importing.runs import apply_run, cancel_run, start_run, work_on_runs
from exchange.models import ImportFile, ImportRun, ImportStatus
from exchange.tasks import run_imports
from opportunities.models import Opportunity
from tests.exchange.files import CUSTOMERS, DEALS, HEADER, TEAMS
from tests.factories import AdminFactory, AEFactory, LeaderFactory, PMFactory

pytestmark = pytest.mark.django_db
ROWS = 1_200  # three batches: 500, 500 and 200
MANY = HEADER + "".join(f"M{n},Ana Kovac,GTX Basic,,Engaging,2017-02-01,,{n}\n" for n in range(ROWS))


@pytest.fixture
def admin(client):
    """An administrator who is signed in, in an organisation that knows the agents and customers."""
    for kind, text in (("teams", TEAMS), ("customers", CUSTOMERS)):
        apply_all(check(text.encode(), kind=kind, preset="maven"), None)
    elif_ = AdminFactory(name="Elif Maes")
    client.force_login(elif_)
    return elif_


def upload(client: Client, text: str = DEALS, **changes: object):
    file = SimpleUploadedFile("deals.csv", text.encode())
    return client.post("/import/", {"kind": "opportunities", "preset": "maven", "file": file, **changes})


@pytest.fixture
def running(admin):
    """A checked file of three batches with the word to bring it in."""
    run = start_run(by=admin, kind="opportunities", preset="maven", file_name="m.csv", content=MANY.encode())
    run_imports()
    return apply_run(run_id=run.pk, by=admin)


def after_first_batch(monkeypatch: pytest.MonkeyPatch, event: Callable[[], None]) -> None:
    """Lets something happen while the second batch is being written."""
    calls = []

    def apply(*args):
        calls.append(args)
        if len(calls) == 2:
            event()
        return apply_records(*args)

    monkeypatch.setattr(runs, "apply_records", apply)


# --- page and task --------------------------------------------------------------------------------


def test_a_file_is_checked_shown_and_brought_in_only_on_the_word(client, admin):
    address = upload(client).url
    assert "The file is being read" in client.get(address).text
    run_imports()
    page = client.get(address)
    assert "would be made" in page.text
    assert "There were no deals yet, so the reporting currency is now USD." in page.text
    assert not Opportunity.objects.exists()

    client.post(f"{address}apply/")
    assert "0 of 4 rows" in client.get(address).text
    run_imports()
    assert Opportunity.objects.count() == 4
    run = ImportRun.objects.get()
    assert (run.status, run.made, run.rows_done, run.started_by) == ("done", 4, 4, admin)
    assert not ImportFile.objects.exists()
    assert "Done" in client.get("/import/").text


def test_the_part_that_polls_is_the_same_and_stops_when_nothing_moves(client, admin):
    address = upload(client).url
    part = client.get(address, headers={"HX-Request": "true"}).text
    assert part.startswith("<section")
    assert 'hx-trigger="every 1s"' in part
    run_imports()
    assert "hx-trigger" not in client.get(address, headers={"HX-Request": "true"}).text


def test_a_wrong_file_shows_each_line_column_and_reason(client, admin):
    address = upload(client, f"{HEADER}X1,Who,GTX,,Won,2017-02-01,soon,1\n").url
    run_imports()
    page = client.get(address).text
    assert "2 things are wrong with this file. Nothing was changed." in page
    for words in ("sales_agent", "“Who” is not known here.", "close_date", "“soon” is not a date"):
        assert words in page
    assert ImportRun.objects.get().status == ImportStatus.REFUSED
    assert not Opportunity.objects.exists()
    assert not ImportFile.objects.exists()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"file": ""}, "This field is required"),
        ({"file": SimpleUploadedFile("deals.csv", b"")}, "This file is empty."),
        ({"kind": "people"}, "This preset does not bring people"),
        ({"kind": "secrets"}, "Select a valid choice"),
        ({"preset": "other"}, "Select a valid choice"),
        ({"currency": "XXY"}, "is not a currency code"),
    ],
)
def test_a_wrong_form_is_told_under_its_field_and_starts_nothing(client, admin, changes, words):
    answer = upload(client, **changes)
    assert answer.status_code == 422
    assert words in answer.text
    assert not ImportRun.objects.exists()


def test_a_file_beyond_the_limit_is_refused_with_the_limit(client, admin, settings):
    settings.UPLOAD_MAX_BYTES = 1024 * 1024
    answer = upload(client, "x" * (1024 * 1024 + 1))
    assert answer.status_code == 422
    assert "This file is larger than 1" in answer.text


def test_the_list_asks_the_database_no_more_for_more_files(client, admin, django_assert_max_num_queries):
    for _ in range(30):
        start_run(by=admin, kind="customers", preset="maven", file_name="c.csv", content=b"account\n")
    client.get("/import/")
    with django_assert_max_num_queries(16):
        assert client.get("/import/").text.count("c.csv") == 25


# --- who may --------------------------------------------------------------------------------------


@pytest.mark.parametrize("person", [PMFactory, AEFactory, LeaderFactory])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", ""),
        ("post", ""),
        ("get", "{pk}/"),
        ("post", "{pk}/apply/"),
        ("post", "{pk}/cancel/"),
    ],
)
def test_only_administrators_bring_data_in(client, admin, person, method, path):
    upload(client)
    run_imports()
    run = ImportRun.objects.get()
    client.force_login(person())
    assert getattr(client, method)("/import/" + path.format(pk=run.pk)).status_code == 403
    client.logout()
    answer = getattr(client, method)("/import/" + path.format(pk=run.pk))
    assert (answer.status_code, answer.url.split("?")[0]) == (302, "/accounts/login/")
    run.refresh_from_db()
    assert run.status == ImportStatus.READY


def test_doors_that_change_take_no_reading_and_unknown_files_are_not_found(client, admin):
    address = upload(client).url
    assert client.get(f"{address}apply/").status_code == 405
    assert client.get(f"{address}cancel/").status_code == 405
    assert client.post(address).status_code == 405
    assert client.get("/import/999/").status_code == 404
    assert client.post("/import/999/apply/").status_code == 404


def test_the_word_is_taken_once_and_only_for_a_checked_file(client, admin):
    address = upload(client).url
    assert "not waiting for that" in client.post(f"{address}apply/", follow=True).text
    run_imports()
    client.post(f"{address}apply/")
    run_imports()
    assert "not waiting for that" in client.post(f"{address}apply/", follow=True).text
    assert "not waiting for that" in client.post(f"{address}cancel/", follow=True).text
    assert ImportRun.objects.get().status == ImportStatus.DONE


# --- crashes, second workers, cancelling ------------------------------------------------------------


def test_cancelling_before_the_word_changes_nothing_and_forgets_the_file(client, admin):
    address = upload(client).url
    run_imports()
    client.post(f"{address}cancel/")
    run_imports()
    assert ImportRun.objects.get().status == ImportStatus.CANCELLED
    assert not ImportFile.objects.exists()
    assert not Opportunity.objects.exists()


def test_cancelling_on_the_way_stops_after_the_batch_in_hand(running, admin, monkeypatch):
    after_first_batch(monkeypatch, lambda: cancel_run(run_id=running.pk, by=admin))
    work_on_runs()
    running.refresh_from_db()
    assert (running.status, running.rows_done, running.made) == ("cancelled", 1_000, 1_000)
    assert Opportunity.objects.count() == 1_000


def test_a_second_worker_leaves_a_run_alone_while_the_first_has_it(running, monkeypatch):
    others = []
    after_first_batch(monkeypatch, lambda: others.append(work_on_runs()))
    assert work_on_runs() == 1
    assert others == [0]
    running.refresh_from_db()
    assert (running.status, running.made) == ("done", ROWS)


def test_a_worker_that_was_thought_gone_writes_nothing_more(running, monkeypatch):
    """It read the file for longer than its lease, and another worker holds the run now."""
    elsewhere = timezone.now() + timedelta(hours=1)
    monkeypatch.setattr(runs, "check", taken_over_before(running.pk, elsewhere))
    work_on_runs()
    running.refresh_from_db()
    assert (running.status, running.leased_until) == ("running", elsewhere)
    assert Opportunity.objects.count() == 0


def taken_over_before(pk: int, until):
    """`check` that takes so long that the lease is over when it answers."""

    def slow(*args, **options):
        ImportRun.objects.filter(pk=pk).update(leased_until=until)
        return check(*args, **options)

    return slow


def test_after_the_database_went_away_another_worker_goes_on(running, monkeypatch):
    def gone():
        raise OperationalError("server closed the connection unexpectedly")

    after_first_batch(monkeypatch, gone)
    with pytest.raises(OperationalError):
        work_on_runs()
    running.refresh_from_db()
    assert (running.status, running.rows_done, Opportunity.objects.count()) == ("running", 500, 500)
    assert work_on_runs() == 0  # the lease still holds
    ImportRun.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    assert work_on_runs() == 1
    running.refresh_from_db()
    assert (running.status, running.made, Opportunity.objects.count()) == ("done", ROWS, ROWS)


def test_a_fault_of_ours_fails_the_run_and_the_same_file_goes_on_from_there(
    running, admin, monkeypatch, client
):
    def fault():
        raise ZeroDivisionError("a mistake")

    with monkeypatch.context() as patch:
        after_first_batch(patch, fault)
        with pytest.raises(ZeroDivisionError):
            work_on_runs()
    running.refresh_from_db()
    assert (running.status, Opportunity.objects.count()) == ("failed", 500)
    page = client.get(f"/import/{running.pk}/").text
    assert "Something went wrong on our side" in page
    assert "a mistake" not in page
    again = start_run(by=admin, kind="opportunities", preset="maven", file_name="m", content=MANY.encode())
    work_on_runs()
    apply_run(run_id=again.pk, by=admin)
    work_on_runs()
    again.refresh_from_db()
    assert (again.status, again.made, again.unchanged) == ("done", ROWS - 500, 500)
