"""A deal that was closed and re-opened is silent from the re-opening on, wherever that is said.

Nora worked on Acme on 2 July; it was lost on the 20th and taken up again on Monday 17 August. From then on
there are 11 working days in August and 10 in September before Tuesday the 15th, so 21.
"""

from datetime import UTC, datetime

import pytest
import time_machine
from django.urls import reverse

from tests.apr.joint.world import act, at, deal, move
from tests.apr.pages import words
from tests.factories import AEFactory, LeaderFactory, PMFactory, TeamFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(datetime(2026, 9, 15, 12, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def nora():
    return PMFactory(name="Nora Lindqvist")


def reopened(nora, name: str, when: datetime):
    one = deal(nora, AEFactory(), at(7, 1), name=name)
    act(nora, "partner_manager", at(7, 2), one)
    move(one, "Lost", at(7, 20))
    move(one, "Qualify", when)
    return one


def test_list_map_team_and_day_count_from_the_reopening(client, nora):
    acme = reopened(nora, "Acme renewal", at(8, 17))
    boss = LeaderFactory()
    north = TeamFactory(leaders=[boss], members=[nora])
    client.force_login(nora)
    assert "no PM 21 d" in words(client.get(reverse("opportunities:list")))
    assert "no PM 21 d" in words(client.get(reverse("opportunities:board")))
    assert "21 working days" in words(client.get(reverse("opportunities:detail", args=[acme.pk])))
    assert "no partner manager for 4 weeks" in words(client.get("/"))
    client.force_login(boss)
    assert "1 of 1 silent, up to 21 d" in words(client.get(reverse("apr:team", args=[north.pk])))


def test_one_taken_up_again_last_week_is_not_silent_yet(client, nora):
    reopened(nora, "Acme renewal", at(8, 17))
    reopened(nora, "Orbis claims", at(9, 10))
    client.force_login(nora)
    every = words(client.get(reverse("opportunities:list")))
    assert "Acme renewal" in every
    assert "Orbis claims" in every
    quiet = words(client.get(reverse("opportunities:list"), {"quiet": "true"}))
    assert "Acme renewal" in quiet
    assert "Orbis claims" not in quiet
