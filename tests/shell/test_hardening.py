"""What stands between the site and harm, with the settings of production: headers, cookies, limits, log."""

import json
import logging
import os
import re
import subprocess
import sys

import pytest
from django.conf import settings as running
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest
from django.test import Client
from django.urls import reverse

from accounts.mail import OutgoingMail
from accounts.services.invitations import make_invitation
from exchange.models import ImportRun
from foundation.api.throttling import ImportRate, LetterRate
from foundation.spreadsheets import cell
from partnerhub.logs import NoSecrets
from tests.access.house import make_house
from tests.access.table import API, TABLE
from tests.access.test_table import WHOLE, address
from tests.factories import PASSWORD, AdminFactory, UserFactory
from tests.shell.test_settings import PRODUCTION, ROOT

pytestmark = pytest.mark.django_db
SAFETY = re.compile("(SECURE|SESSION_COOKIE|CSRF_COOKIE|X_FRAME|DATA_UPLOAD|CSRF_TRUSTED)")
INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>|\son[a-z]+=\"|\sstyle=\"|javascript:"
)
READ = """
import json
import django
from django.conf import settings
django.setup()
names = [name for name in dir(settings) if name.isupper()]
print(json.dumps({name: getattr(settings, name) for name in names}, default=str))
"""


@pytest.fixture(scope="module")
def production() -> dict[str, object]:
    """The settings of a production that was told only what it must be told."""
    env = {**os.environ, **PRODUCTION, "DJANGO_SETTINGS_MODULE": "partnerhub.settings"}
    env.pop("SITE_URL", None)
    done = subprocess.run(
        [sys.executable, "-c", READ],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return json.loads(done.stdout)


@pytest.fixture
def live(settings, production) -> None:
    """This process with them, as far as they are about safety."""
    for name, value in production.items():
        if SAFETY.match(name):
            setattr(settings, name, value)
    settings.ALLOWED_HOSTS = ["hub.example.com"]


@pytest.fixture
def visitor(live) -> Client:
    return Client(headers={"host": "hub.example.com"}, raise_request_exception=False)


def secure(client: Client, path: str, **kwargs):
    return client.get(path, secure=True, **kwargs)


def test_every_page_forbids_what_it_does_not_need_and_holds_no_script_of_its_own(visitor):
    house = make_house()
    visitor.force_login(house.people["ada"])
    keys, wrong = house.keys(), []
    pages = [address(name, line, keys) for name, line in TABLE.items() if line.get and name not in API]
    more = ["/settings/", "/settings/people/", "/settings/funnels/1/", "/settings/audit/", "/admin/"]
    more += ["/api/docs/", "/accounts/login/", "/nothing/here/"]
    for path in [*(pages if WHOLE else pages[::2]), *more]:
        answer = secure(visitor, path)
        policy = answer["Content-Security-Policy"]
        wrong += [(path, "policy")] if "unsafe" in policy or "default-src 'none'" not in policy else []
        wrong += [(path, name) for name, value in HEADERS.items() if answer.headers.get(name) != value]
        if answer["Content-Type"].startswith("text/html"):
            wrong += [(path, found) for found in INLINE.findall(answer.content.decode())]
    assert wrong == []


HEADERS = {
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains; preload",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def test_plain_http_is_sent_to_https_but_for_probes(visitor):
    answer = visitor.get("/accounts/login/")
    assert (answer.status_code, answer["Location"]) == (301, "https://hub.example.com/accounts/login/")
    assert visitor.get("/ready/").status_code == 200


def test_cookies_stay_with_the_browser_on_https(visitor):
    person = UserFactory()
    secure(visitor, "/accounts/login/")
    body = {"login": person.email, "password": PASSWORD}
    visitor.post("/accounts/login/", body, secure=True, headers={"referer": "https://hub.example.com/"})
    session, csrf = visitor.cookies["sessionid"], visitor.cookies["csrftoken"]
    assert (session["secure"], session["httponly"], session["samesite"]) == (True, True, "Lax")
    assert (csrf["secure"], csrf["samesite"]) == (True, "Lax")


def test_nobody_is_sent_elsewhere_by_any_form(client):
    house = make_house()
    client.force_login(house.people["ana"])
    keys = house.keys()
    asked = dict.fromkeys(("next", "from", "back"), "https://evil.example/")
    forms = [(name, line) for name, line in TABLE.items() if line.post and name not in API]
    for name, line in forms if WHOLE else forms[::3]:
        answer = client.post(address(name, line, keys), asked)
        assert "evil" not in answer.headers.get("Location", ""), name


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "https:evil.example",
        "javascript:x()",
    ],
)
def test_nobody_is_sent_elsewhere_however_it_is_written(client, elsewhere):
    person = UserFactory()
    answer = client.post("/appearance/", {"next": elsewhere, "theme": "dark"})
    assert answer["Location"] == "/"
    body = {"login": person.email, "password": PASSWORD, "next": elsewhere}
    assert client.post("/accounts/login/", body)["Location"] == "/"


def test_only_so_many_files_and_letters_in_an_hour(client, monkeypatch, settings):
    settings.EMAIL_BACKEND = "accounts.mail.OutboxBackend"
    monkeypatch.setattr(ImportRate, "rate", "2/hour", raising=False)
    monkeypatch.setattr(LetterRate, "rate", "2/hour", raising=False)
    client.force_login(AdminFactory())
    for number in range(3):
        file = SimpleUploadedFile(f"{number}.csv", b"name\nAna\n")
        answer = client.post("/import/", {"kind": "people", "preset": "partnerhub", "file": file})
    assert (answer.status_code, ImportRun.objects.count()) == (422, 2)
    assert "too many files" in answer.content.decode()
    for number in range(3):
        person = UserFactory(email=None)
        person.set_unusable_password()
        person.save()
        path = reverse("settings:person_invite", args=[person.pk])
        answer = client.post(path, {"email": f"new{number}@fieldstone.example"})
    assert (answer.status_code, OutgoingMail.objects.count()) == (422, 2)
    assert "too many letters" in answer.content.decode()


def test_only_files_of_rows_are_taken_and_no_large_ones(client, settings):
    settings.UPLOAD_MAX_BYTES = 10
    client.force_login(AdminFactory())
    for file, words in (
        (SimpleUploadedFile("pipeline.exe", b"MZ"), "no CSV file"),
        (SimpleUploadedFile("pipeline.csv", b"12345678901"), "larger than"),
    ):
        answer = client.post("/import/", {"kind": "people", "preset": "partnerhub", "file": file})
        assert (answer.status_code, ImportRun.objects.count()) == (422, 0)
        assert words in answer.content.decode()


def test_a_form_that_is_too_large_is_refused(client):
    client.force_login(UserFactory())
    too_much = {"line": "x" * (running.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)}
    client.raise_request_exception = False
    assert client.post("/log/reading/", too_much).status_code in (400, 413)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_no_cell_runs(text):
    assert cell(text) == f"'{text}"


def test_no_log_line_holds_the_secret_of_an_address(client, caplog):
    """Django's own lines, too: an invitation that is sent with a weak password answers 422."""
    secret = make_invitation(person=_invited(), by=None)
    no_secrets, body = NoSecrets(), {"name": "Ana", "password": "short", "time_zone": "UTC"}
    caplog.handler.addFilter(no_secrets)
    with caplog.at_level(logging.DEBUG):
        answer = client.post(f"/invitation/{secret}/", body)
    caplog.handler.removeFilter(no_secrets)
    assert answer.status_code == 422
    assert "Unprocessable" in caplog.text
    assert secret not in caplog.text
    assert "/invitation/<str:token>/" in caplog.text


def _invited():
    person = UserFactory()
    person.set_unusable_password()
    person.save()
    return person


def test_the_filter_stands_before_every_handler(production):
    log = production["LOGGING"]
    assert all("no_secrets" in handler["filters"] for handler in log["handlers"].values())
    assert NoSecrets().filter(logging.makeLogRecord({"msg": "x", "request": HttpRequest()}))
