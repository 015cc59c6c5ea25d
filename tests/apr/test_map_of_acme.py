"""The deal that the guide draws: on Tuesday 15 September 2026 its map has the figures of the picture.

Acme renewal was opened on Monday 11 May. Ascension Day and Whit Monday are holidays, so 89 working days lie
before today: 11, 20, 26, 8, 11, 10 and 3 of them in its seven visits.
"""

import re
from datetime import UTC, date, datetime
from html import unescape

import pytest
import time_machine
from django.core.management import call_command
from django.urls import reverse

from accounts.models import User
from opportunities.models import Opportunity
from tests.apr.pages import cells, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client):
    with time_machine.travel(datetime(2026, 9, 15, 7, 42, tzinfo=UTC), tick=False):
        call_command(
            "demo", people=20, partners=12, deals=20, actions=300, today=date(2026, 9, 15), verbosity=0
        )
        client.force_login(User.objects.get(name="Nora Lindqvist"))
        deal = Opportunity.objects.get(name="Acme renewal")
        yield client.get(reverse("opportunities:detail", args=[deal.pk]))


def written(page, drawing: str) -> list[str]:
    """The words of a drawing, as they stand there."""
    part = (
        page.content.decode()
        .split(f'class="{drawing}', 1)[1]
        .split("map-scroll", 1)[-1]
        .split("</svg>", 1)[0]
    )
    return [
        unescape(re.sub("<[^>]*>", " ", text)).strip()
        for text in re.findall(r"<text[^>]*>(.*?)</text>", part)
    ]


def test_the_three_measures_above_the_map(page):
    said = words(page)
    assert "4 of 7 visits covered, 57%" in said
    assert "15 working days, longest silence, still running" in said
    assert "0 partner manager actions at the ink" in said
    assert "Closes in 9 days and has had no partner manager for 15 working days." in said


def test_seven_visits_with_their_days_and_who_was_there(page):
    found = next(rows for rows in tables(page) if rows[0][0] == "Qualify")
    assert [(row[0], row[3], row[4], row[5], row[7]) for row in found[:7]] == [
        ("Qualify", "11", "15", "2", "covered"),
        ("Discovery", "20", "20", "3", "covered"),
        ("Solution fit", "26 (6 over)", "20", "4", "covered"),
        ("Proposal", "8", "15", "0", "no PM"),
        ("Solution fit", "11", "20", "3", "covered"),
        ("Proposal", "10", "15", "0", "no PM"),
        ("Negotiation", "3", "10", "0", "none yet"),
    ]


def tables(page) -> list[list[list[str]]]:
    count = page.content.decode().count("<tbody>")
    return [cells(page, number) for number in range(count)]


def test_gaps_promises_and_obstacles(page):
    silences = next(rows for rows in tables(page) if rows[0][0].startswith("opened"))
    assert [int(row[2]) for row in silences if int(row[2]) > 10] == [11, 15]
    assert silences[-1] == ["24 Aug", "today, still running", "15"]
    promises = next(rows for rows in tables(page) if "reference list" in rows[0][0])
    assert [(row[1].split()[0], row[4]) for row in promises] == [
        ("Nora", "kept"),
        ("Ana", "kept"),
        ("Nora", "kept late"),
        ("Ana", "broken"),
        ("Nora", "kept"),
        ("Ana", "kept"),
        ("Ana", "open"),
        ("Nora", "open"),
    ]
    obstacles = next(rows for rows in tables(page) if rows[0][0] == "Champion on leave")
    assert [(row[0], row[3].split(",")[0]) for row in obstacles] == [
        ("Champion on leave", "6 Jul"),
        ("Data-residency clause", "24 Aug"),
        ("Second quote wanted", "open"),
    ]


def test_the_drawing_says_the_same(page):
    drawn = written(page, "map-wide at-1120")
    for said in ("11 of 15", "20 of 20", "26 of 20", "8 of 15", "11 of 20", "10 of 15", "3 of 10"):
        assert drawn.count(said) == 1, said
    assert [said for said in drawn if said.startswith("✓")] == [
        "✓ 2 actions",
        "✓ 3 actions",
        "✓ 4 actions",
        "✓ 3 actions",
    ]
    assert [said for said in drawn if said in ("no PM", "none yet")] == ["no PM", "no PM", "none yet"]
    for said in (
        "6 over",
        "11 days",
        "15 days",
        "silent, still running",
        "cleared late",
        "late",
        "broken",
        "Today",
    ):
        assert drawn.count(said) == 1, said
    assert "Ink 24 Sep" in drawn
    assert "the 14 days before the ink:  no partner manager yet" in drawn
