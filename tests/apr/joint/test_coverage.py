"""Involvement of people and teams is that of their pairs, added up. Tuesday 15 September 2026.

Nora and Mei are partner managers, Ana and Bob account executives. Visits in the third quarter:

    Acme    Nora, Ana   Qualify 1 Jun to 3 Aug: Nora on 20 July. Discovery since: nobody.
    Orbis   Nora, Bob   Qualify 1 July to 20 Aug, won: Nora on 2 July.
    Halden  Mei, Ana    Qualify 1 July to 10 Aug: nobody. Discovery since: Mei on 11 September.
    Alone   Nora        Qualify since 1 July: shared with nobody, so no visit of any pair.
"""

from datetime import UTC, datetime

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Membership
from apr.joint import Key, coverage_of, joint_scorecard, visits_behind
from apr.rollup.drain import drain
from tests.apr.joint.world import Q3, act, at, deal, move
from tests.apr.pages import cells, words
from tests.factories import AEFactory, LeaderFactory, PMFactory, TeamFactory

pytestmark = pytest.mark.django_db
PM = "partner_manager"


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(datetime(2026, 9, 15, 12, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def cast():
    nora, mei = PMFactory(name="Nora Lindqvist"), PMFactory(name="Mei Tanaka")
    ana, bob = AEFactory(name="Ana Kovač"), AEFactory(name="Bob Ross")
    acme = deal(nora, ana, at(6, 1), name="Acme")
    act(nora, PM, at(7, 20), acme)
    move(acme, "Discovery", at(8, 3))
    orbis = deal(nora, bob, at(7, 1), name="Orbis")
    act(nora, PM, at(7, 2), orbis)
    move(orbis, "Won", at(8, 20))
    halden = deal(mei, ana, at(7, 1), name="Halden")
    move(halden, "Discovery", at(8, 10))
    act(mei, PM, at(9, 11), halden)
    deal(nora, None, at(7, 1), name="Alone")
    return nora, mei, ana, bob


@pytest.fixture
def boss():
    return LeaderFactory(name="Priya Menon")


def test_the_visits_of_people_are_those_of_their_pairs(cast):
    nora, _mei, ana, bob = cast
    people = {one.pk for one in cast}
    for _stored in (False, True):
        found = coverage_of(people, Q3)
        assert [found.by_person[one.pk] for one in cast] == [(2, 3), (1, 2), (2, 4), (1, 1)]
        assert found.together == (3, 5)
        drain()
    pairs = [(nora, ana), (nora, bob)]
    measures = [joint_scorecard(*pair, Q3).standing.measure(Key.INVOLVEMENT) for pair in pairs]
    assert sum(one.numerator for one in measures) == 2
    assert sum(len(one.rows) for one in measures) == 3
    assert [(line.deal.name, line.row.state) for line in visits_behind({nora.pk}, Q3)] == [
        ("Acme", "done"),
        ("Acme", "open"),
        ("Orbis", "done"),
    ]


def test_the_page_of_a_team_says_them_and_opens_exactly_them(client, cast, boss):
    nora, mei, _ana, _bob = cast
    north = TeamFactory(leaders=[boss], members=[nora, mei])
    client.force_login(boss)
    page_of_team = reverse("apr:team", args=[north.pk])
    page = client.get(page_of_team, {"period": "2026-09"})
    assert [row[-1][:5] for row in cells(page)] == ["1 / 2", "2 / 3", "3 / 5"]
    said = words(client.get(page_of_team, {"period": "2026-09", "open": nora.pk}))
    assert "1 of 3 visits in Q3 2026 without a partner manager: 0 over, 1 still open" in said
    assert "Open all 3 visits" in said
    assert "Visits add to" not in said

    for path, total in ((reverse("apr:visits", args=[nora.pk]), 3), (f"/apr/teams/{north.pk}/visits/", 5)):
        assert f'href="{path}?period=2026-Q3"' in page.text
        rows = cells(client.get(path, {"period": "2026-Q3"}))
        assert len(rows) == total + 1
    # what can still be done stands first; the last row is the sum
    assert [(row[0], row[-1]) for row in rows] == [
        ("Acme", "can still be covered"),
        ("Halden", "no partner manager"),
        ("Acme", "covered"),
        ("Halden", "covered"),
        ("Orbis", "covered"),
        ("Covered of all that count", "3 of 5"),
    ]


def test_a_visit_of_two_people_of_a_team_counts_once_for_it(client, cast, boss):
    nora, _mei, ana, _bob = cast
    north = TeamFactory(leaders=[boss], members=[nora, ana])
    client.force_login(boss)
    page = client.get(reverse("apr:team", args=[north.pk]), {"period": "2026-Q3"})
    assert [row[-1][:5] for row in cells(page)] == ["2 / 4", "2 / 3", "3 / 5"]
    assert "Visits add to 4 of 7 by person." in words(page)


def test_only_leaders_of_that_time_open_the_visits_of_a_person(client, cast, boss):
    nora = cast[0]
    TeamFactory(leaders=[boss], members=[nora])
    Membership.objects.filter(user=nora).update(starts_on=at(9, 1).date())
    path = reverse("apr:visits", args=[nora.pk])
    client.force_login(boss)
    assert client.get(path, {"period": "2026-Q3"}).status_code == 200
    assert client.get(path, {"period": "2026-Q2"}).status_code == 404
    client.force_login(nora)
    assert client.get(path, {"period": "2026-Q2"}).status_code == 200
    client.force_login(cast[1])
    assert client.get(path, {"period": "2026-Q3"}).status_code == 404


def test_the_visits_of_many_people_take_as_many_queries_as_those_of_one(cast, boss):
    people = {one.pk for one in cast}
    drain()

    def queries(read) -> int:
        with CaptureQueriesContext(connection) as captured:
            read(people, Q3)
        return len(captured)

    stored, live = queries(coverage_of), queries(visits_behind)
    for n in range(12):
        pm, ae = PMFactory(), AEFactory()
        deal(pm, ae, at(7, 1 + n))
        people |= {pm.pk, ae.pk}
    drain()
    assert queries(coverage_of) == stored <= 4
    assert queries(visits_behind) == live <= 8
