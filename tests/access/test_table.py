"""Every route × method × person × door (page, session, token), against the table; and what no GET may do.

The suite tries a third of the table with each person, another third with the next: every route is met.
`ACCESS_TABLE=whole` tries all of it.
"""

import os
import re
from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.access.house import OUTSIDE, PEOPLE, House, make_house
from tests.access.table import API, ELSEWHERE, PUBLIC, TABLE, Line

pytestmark = pytest.mark.django_db
WHOLE = os.environ.get("ACCESS_TABLE") == "whole"
ABSENT = 999_999_999
# Reading writes here and nowhere else: who opened whose figures; sessions and tokens note their last use.
WRITTEN_BY_READING = ("audit_opening", "django_session", "usersessions_usersession", "exchange_apitoken")


def names(patterns: list[URLPattern | URLResolver], space: str = "") -> Iterator[str]:
    """The names of all routes but those of Django's admin and of the sign-in, which are not ours."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            if str(pattern.pattern) not in ("admin/", "accounts/", "settings/"):
                inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
                yield from names(pattern.url_patterns, inner)
        else:
            yield space + (pattern.name or "-")


def test_every_route_has_a_line():
    ours = {name for name in names(get_resolver().url_patterns) if name != "-"}
    assert ours - PUBLIC == set(TABLE) | set(ELSEWHERE)


@pytest.fixture
def house() -> House:
    return make_house()


def address(name: str, line: Line, keys: dict[str, int], absent: bool = False) -> str:
    """The route with its rows filled in; `=word` stands for itself."""
    values = {place: word[1:] if word.startswith("=") else keys[word] for place, word in line.rows.items()}
    if absent:
        values = {place: ABSENT if isinstance(key, int) else key for place, key in values.items()}
    return reverse(name, kwargs=values)


def outcome(response) -> str:
    """`in`, `sign in`, `refused`, `absent` or `no method`."""
    if response.status_code == 302 and response["Location"].startswith(reverse("account_login")):
        return "sign in"
    words = {401: "sign in", 403: "refused", 404: "absent", 405: "no method"}
    return words.get(response.status_code, "in" if response.status_code < 500 else str(response.status_code))


def expected(line: Line, method: str, who: str) -> str:
    if who in OUTSIDE:
        return "sign in"
    if who in line.methods[method].split():
        return "in"
    if line.refused:
        return {403: "refused", 404: "absent"}[line.refused]
    return "refused" if not line.rows or who in line.sees.split() else "absent"


def client_of(house: House, who: str, name: str, door: str) -> Client:
    client = Client(raise_request_exception=False)
    if who == "nobody":
        return client
    if door == "token":
        client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {house.tokens[who]}"
    else:
        client.force_login(house.people[who])
    return client


def send(client: Client, method: str, name: str, path: str, body: dict[str, object]):
    """What one request answers; whatever it wrote is taken back."""
    kwargs = {"content_type": "application/json"} if name.startswith("api:") and method == "post" else {}
    with transaction.atomic():
        response = getattr(client, method)(path, body, **kwargs)
        transaction.set_rollback(True)
    client.cookies.pop("messages", None)  # what one answer tells is not for the next page
    return response


def sample(who: str) -> list[tuple[str, Line]]:
    """The part of the table that this person tries."""
    people = [*PEOPLE, *OUTSIDE]
    lines = list(TABLE.items())
    return lines if WHOLE else [line for at, line in enumerate(lines) if (at + people.index(who)) % 3 == 0]


def same_words(response, path: str) -> str:
    """The body without what differs by chance: its own address, numbers of errors, nonces, tokens."""
    text = response.content.decode().replace(path, "")
    return re.sub(
        r"[0-9a-f]{16}|nonce=\"[^\"]*\"|[A-Za-z0-9]{64}|[A-Za-z0-9+/=_-]{22,24}(?=\")|\d+", "", text
    )


@pytest.mark.parametrize("door", ["session", "token"])
@pytest.mark.parametrize("who", [*PEOPLE, *OUTSIDE])
def test_the_table_holds(house, who, door):
    keys, wrong = house.keys(), []
    words = {word: key if word == "version" else str(key) for word, key in keys.items()}
    client = client_of(house, who, "", door)
    for name, line in sample(who):
        if door == "token" and not name.startswith("api:"):
            continue
        body = {field: words.get(value, value) for field, value in line.body.items()}
        for method in line.methods:
            path = address(name, line, keys)
            response = send(client, method, name, path, body)
            if outcome(response) != expected(line, method, who):
                wrong.append((name, method, outcome(response), "expected", expected(line, method, who)))
            if outcome(response) == "absent" and line.rows:
                other = address(name, line, keys, absent=True)
                never = send(client, method, name, other, body)
                if same_words(never, other) != same_words(response, path):
                    wrong.append((name, method, "a foreign row answers otherwise than an absent one"))
    assert wrong == []


@pytest.mark.parametrize("who", ["ana", "lea", "ada"])
def test_reading_changes_nothing(house, who):
    keys, wrote = house.keys(), []
    client = client_of(house, who, "", "session")
    for name, line in sample(who):
        if not line.get:
            continue
        with CaptureQueriesContext(connection) as queries:
            client.get(address(name, line, keys))
        changes = [
            one["sql"] for one in queries if re.match(r"\s*(INSERT|UPDATE|DELETE)", one["sql"], re.IGNORECASE)
        ]
        wrote += [(name, sql[:90]) for sql in changes if not any(t in sql[:60] for t in WRITTEN_BY_READING)]
    assert wrote == []


def test_acts_are_not_done_by_reading(house):
    keys = house.keys()
    client = client_of(house, "ada", "", "session")
    acts = [(name, line) for name, line in TABLE.items() if line.post and not line.get]
    assert len(acts) > 20
    answers = {name: client.get(address(name, line, keys)).status_code for name, line in acts}
    assert {name: status for name, status in answers.items() if status != 405} == {}


def test_nothing_is_written_without_the_token_of_a_form(house):
    keys = house.keys()
    client = Client(enforce_csrf_checks=True)
    client.force_login(house.people["ada"])
    sent = {}
    for name, line in TABLE.items():
        if line.post:
            kind = {"content_type": "application/json"} if name in API else {}
            sent[name] = client.post(address(name, line, keys), **kind)
    assert {name: one.status_code for name, one in sent.items() if one.status_code != 403} == {}
    assert len(sent) > 50
