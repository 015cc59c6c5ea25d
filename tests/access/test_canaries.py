"""Nobody reads a word that is not for them: on no page, fragment, answer, file, letter, find or refusal.

Readers open the addresses of the table for both circles of `canaries.py`, ask about each other's rows, send
forms empty, take lists out, get letters, and find by the beginnings of words. In the suite each address is
met by one or two of the ten readers; `ACCESS_TABLE=whole` is all of it, and follows the links they are shown.
"""

import logging
import os
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from io import BytesIO
from urllib.parse import parse_qsl, urljoin, urlsplit
from zipfile import ZipFile, is_zipfile

import pytest
import time_machine
from django.contrib import admin
from django.db import transaction
from django.test import Client
from django.urls import Resolver404, resolve, reverse

from accounts.mail import OutgoingMail
from apr.models import Notification
from tests.access.canaries import ALL, READERS, Canary, place_of, plant, text_fields
from tests.access.house import House, make_house
from tests.access.table import TABLE, Line

pytestmark = pytest.mark.django_db
WHOLE = os.environ.get("ACCESS_TABLE") == "whole"
PART, LINKS_OF_A_KIND = (1, 3) if WHOLE else (6, 0)
WORD = re.compile(r"zq[a-z]{4}", re.IGNORECASE)
LINK = re.compile(r'(?:href|action|hx-get|data-url)="([^"#]+)')
NOT_FOLLOWED = ("/static/", "/accounts/logout", "/api/schema", "/api/docs", "/.well-known")
KINDS = ("opportunity", "partner", "counterpart")
SOUTH = {"deal": "south_deal", "partner": "south_partner", "coaching": "south_coaching", "ana": "sam"}


class Reading:
    """Somebody who reads all they can, and what they must not have read."""

    def __init__(self, house: House, words: dict[str, Canary], who: str) -> None:
        self.house, self.words, self.who = house, words, who
        self.client = Client(raise_request_exception=False)
        if who in house.people and house.people[who].is_active:
            self.client.force_login(house.people[who])
        self.leaks: set[tuple[str, str]] = set()  # the place of a word, and where it was read
        self.kinds: Counter[tuple[str, tuple[str, ...]]] = Counter()
        self.read: set[str] = set()
        self.seen: set[str] = set()
        self.requests = 0

    def look(self, where: str, text: str) -> None:
        """Notes the words in a text, and those among them that the reader may not know."""
        for word in {found.lower() for found in WORD.findall(text)}:
            self.seen.add(word)
            if word in self.words and self.who not in self.words[word].readers:
                self.leaks.add((self.words[word].place, where))

    def open(self, path: str) -> None:
        """Reads a page and, of each kind a few, those to which it leads."""
        waiting = [path]
        while waiting:
            path = waiting.pop()
            if path in self.read:
                continue
            self.read.add(path)
            self.requests += 1
            response = self.client.get(path)
            text = text_of(response)
            assert response.status_code < 500, path
            self.look(f"{path} ({response.status_code})", text)
            waiting += [link for link in links(path, text) if self.is_new(link)]
            if response.status_code == 302:
                waiting += [link for link in [urljoin(path, response["Location"])] if self.is_new(link)]

    def is_new(self, path: str) -> bool:
        """Whether not enough of its kind have been read: the same route with the same questions."""
        parts = urlsplit(path)
        if parts.netloc or not parts.path.startswith("/") or parts.path.startswith(NOT_FOLLOWED):
            return False
        try:
            route = resolve(parts.path).route
        except Resolver404:
            return False
        asked = sorted({name for name, _value in parse_qsl(parts.query)})
        kind = (route, tuple(asked if len(asked) < 2 else ["many"]))
        self.kinds[kind] += 1
        return self.kinds[kind] <= LINKS_OF_A_KIND

    def send(self, path: str, body: dict[str, str], **kwargs: str) -> None:
        """Sends a form; what it wrote is taken back."""
        self.requests += 1
        with transaction.atomic():
            response = self.client.post(path, body, **kwargs)
            transaction.set_rollback(True)
        self.client.cookies.pop("messages", None)
        assert response.status_code < 500, path
        self.look(f"POST {path} {body} ({response.status_code})", text_of(response))


def text_of(response) -> str:
    """What was sent, files unpacked."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    if is_zipfile(BytesIO(content)):
        with ZipFile(BytesIO(content)) as pack:
            content = b"\n".join(pack.read(name) for name in pack.namelist())
    return content.decode(errors="replace") + str(dict(response.headers))


def links(path: str, text: str) -> Iterator[str]:
    for link in LINK.findall(text):
        yield urljoin(path, unescape(link))


def addresses(house: House, method: str) -> Iterator[tuple[str, str]]:
    """Every address of the table that knows the method, of the first circle and of the second."""
    keys = house.keys()
    for circle in (keys, {**keys, **{word: keys[other] for word, other in SOUTH.items()}}):
        for name, line in TABLE.items():
            if method in line.methods and (circle is keys or set(line.rows.values()) & set(SOUTH)):
                yield name, _address(name, line, circle)


def _address(name: str, line: Line, keys: dict[str, int]) -> str:
    return reverse(
        name, kwargs={k: word[1:] if word.startswith("=") else keys[word] for k, word in line.rows.items()}
    )


def asked(house: House) -> Iterator[str]:
    """Addresses with questions about the rows of both circles, and about every beginning of a word."""
    people = [house.people[name].pk for name in ("ana", "nora", "sam")]
    for person in people:
        for path in ("/actions/", "/opportunities/promises/", "/opportunities/obstacles/"):
            yield f"{path}?person={person}"
        yield f"/opportunities/promises/?with={person}&side=received"
        for path in ("scores/", "scores/rows/", "results/"):
            yield f"/api/v1/{path}?subject=user:{person}&period=2026-Q3"
    for word in ("deal", "south_deal"):
        deal = house.rows[word]
        partner, ae, pm = deal.involvements.get().partner_id, deal.owner_id, deal.partner_manager_id
        yield f"/log/?opportunity={deal.pk}&partner={partner}&customer={deal.customer_id}&counterpart={ae}"
        yield f"/opportunities/?owner={ae}&partner={partner}"
        yield f"/opportunities/obstacles/?partner={partner}"
        yield f"/api/v1/joint-scorecards/?partner_manager={pm}&account_executive={ae}&period=2026-Q3"
    for row in (house.rows["team"], *house.people["otto"].led_teams.all()):
        for path in ("/apr/evidence/", "/apr/pairs/", "/apr/evidence/forecast/"):
            yield f"{path}?team={row.pk}"
        yield f"/api/v1/scores/?subject=team:{row.pk}&period=2026-Q3"


def beginnings(words: dict[str, Canary]) -> Iterator[str]:
    """Finding by all letters but the last of what things are called."""
    named = ("Opportunity.name", "Partner.name", "Team.name", "Customer.name")
    for part in sorted(
        {word[:5] for word, one in words.items() if one.place.partition(" ")[0].endswith(named)}
    ):
        yield f"/find/?q={part}"
        yield f"/opportunities/?q={part}"
        yield f"/partners/?q={part}"
        for kind in KINDS:
            yield f"/log/find/{kind}/?{kind}_text={part}"


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def words(settings, house) -> dict[str, Canary]:
    settings.EMAIL_BACKEND = "accounts.mail.OutboxBackend"
    return plant(house)


@pytest.fixture(autouse=True)
def _noon():
    logging.disable(logging.CRITICAL)  # what is refused here is refused on purpose
    with time_machine.travel(datetime(2026, 9, 15, 12, tzinfo=UTC), tick=False):
        yield
    logging.disable(logging.NOTSET)


def read_all(reading: Reading, at: int) -> None:
    """One reader's part of all there is to read."""
    opened = [*(path for _name, path in addresses(reading.house, "get")), *asked(reading.house)]
    for path in [*opened[at % PART :: PART], *beginnings(reading.words)]:
        reading.open(path)
    for name, path in list(addresses(reading.house, "post"))[at % PART :: PART]:
        reading.send(path, {}, **({"content_type": "application/json"} if name.startswith("api:") else {}))
    for kind, form in (
        ("opportunities", "csv"),
        ("actions", "xlsx"),
        ("partners", "csv"),
        ("actions", "csv"),
    ):
        reading.send(reverse("exchange:export", args=[kind]), {"format": form})
    person = reading.house.people.get(reading.who)
    for letter in OutgoingMail.objects.order_by("pk"):
        if person is not None and person.email in letter.recipients:
            reading.look(f"letter {letter.pk}", letter.subject + letter.text + letter.html)


def test_nobody_reads_what_is_not_for_them(house, words):
    leaks, seen, requests = {}, set(), 0
    for person in house.people.values():
        person.refresh_from_db()
    for at, who in enumerate([*sorted(ALL), "gus", "nobody"]):
        reading = Reading(house, words, who)
        read_all(reading, at)
        requests += reading.requests
        seen |= reading.seen
        if reading.leaks:
            leaks[who] = sorted(reading.leaks)
    assert leaks == {}, f"in {requests} requests"
    assert len(seen) > 200
    assert requests > (3_000 if WHOLE else 600)


@pytest.mark.parametrize("who", ["ana", "ada"])
def test_the_admin_shows_nothing_that_is_private_to_two(house, words, who):
    """Django's admin, where administrators read tables: every row that holds a word for others."""
    reading = Reading(house, words, who)
    for model in {model for model, _field in text_fields()} & set(admin.site._registry):
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        reading.open(reverse(f"admin:{name}_changelist"))
        for pk in model._base_manager.order_by("pk").values_list("pk", flat=True)[: 99 if WHOLE else 4]:
            reading.open(reverse(f"admin:{name}_change", args=[pk]))
    assert sorted(reading.leaks) == []
    assert (len(reading.seen) > 100) is (who == "ada")


def test_every_text_of_every_model_has_a_word(words):
    planted = {canary.place.partition(" of ")[0] for canary in words.values()}
    assert {place_of(model, one) for model, one in text_fields()} == planted


def test_the_statement_names_nothing_that_is_not_there():
    models = {model._meta.label for model, _field in text_fields()}
    fields = {place_of(model, one) for model, one in text_fields()}
    assert set(READERS) <= models | fields


def test_people_were_told_and_written_to(words):
    """What the others search is not empty."""
    assert Notification.objects.count() > 3
    assert len(words) > 300
