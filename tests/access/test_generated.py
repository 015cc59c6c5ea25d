"""Requests made up at random: who, through which door, which address and method, and whose row.

Each is held to the table: own rows as its lines say, rows of the other circle and rows that never were alike
absent, everything else anything but a fault. `ACCESS_TABLE=whole` makes up 10,000, the suite a few.
"""

from datetime import UTC, datetime
from random import Random

import pytest
from django.core.cache import cache
from django.test import Client

from tests.access.canaries import both_circles
from tests.access.house import OUTSIDE, PEOPLE, House, make_house
from tests.access.table import TABLE, Line
from tests.access.test_canaries import SOUTH
from tests.access.test_table import ABSENT, WHOLE, address, client_of, expected, outcome, send

pytestmark = pytest.mark.django_db
COUNT = 10_000 if WHOLE else 250
METHODS = ("get", "get", "get", "post", "post", "patch", "put", "delete", "head")
NORTH = ("ana", "nora", "pia", "lea", "max")


@pytest.fixture
def house(time_machine) -> House:
    time_machine.move_to(datetime(2026, 9, 15, 12, tzinfo=UTC), tick=False)
    house = make_house()
    both_circles(house)
    return house


def allowed(line: Line, method: str, who: str, whose: str) -> set[str]:
    """What may be answered; empty where anything but a fault may."""
    named = any(not word.startswith("=") for word in line.rows.values())
    if who in OUTSIDE:
        return {"sign in", "no method"}
    if method not in line.methods:
        return set()
    if whose == "own" or not named:
        return {expected(line, method, who)}
    if line.refused and who not in line.methods[method].split():
        return {expected(line, method, who)}
    if whose == "absent":
        return {"absent"}
    return {"absent"} if who in NORTH else set()


def keys_of(house: House, line: Line, whose: str) -> dict[str, int] | None:
    """The rows for an address; None where the other circle has no such row, or everybody sees it."""
    keys = house.keys()
    if whose == "absent":
        return dict.fromkeys(keys, ABSENT)
    if whose == "other":
        words = {word for word in line.rows.values() if not word.startswith("=")}
        if not words or not words <= set(SOUTH) or "pia" in line.sees:
            return None
        return {**keys, **{word: keys[other] for word, other in SOUTH.items()}}
    return keys


def test_requests_made_up_at_random(house):
    dice, made, wrong = Random(20260915), 0, []
    people, lines = [*PEOPLE, *OUTSIDE], list(TABLE.items())
    clients: dict[tuple[str, str], Client] = {}
    words = {word: key if word == "version" else str(key) for word, key in house.keys().items()}
    while made < COUNT:
        who, (name, line) = dice.choice(people), dice.choice(lines)
        method, whose = dice.choice(METHODS), dice.choice(("own", "other", "absent"))
        door = dice.choice(("session", "token")) if name.startswith("api:") else "session"
        keys = keys_of(house, line, whose)
        if keys is None:
            continue
        made += 1
        if made % 100 == 0:
            cache.clear()  # the clock stands still, and with it the rates
        client = clients.setdefault((who, door), client_of(house, who, "", door))
        path = address(name, line, keys)
        body = {field: words.get(value, value) for field, value in line.body.items()}
        response = send(client, method, name, path, body if method in ("get", "post") else {})
        may = allowed(line, method, who, whose)
        if response.status_code >= 500 or (may and outcome(response) not in may):
            wrong.append((who, door, method, path, whose, outcome(response), may))
    assert wrong == []
    assert made >= COUNT
