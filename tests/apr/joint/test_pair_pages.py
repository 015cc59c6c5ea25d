"""The joint scorecard through the doors of the two, their leaders and others, on Tuesday 15 September 2026.

Nora and Ana share three deals since Wednesday 1 July. Acme saw Nora on 6 July and Ana on 10 September, Orbis
nobody, Juniper was won on 20 August with both there in its last days. Nora kept her promise, Ana broke hers.
"""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.db import connection
from django.forms import model_to_dict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from apr.joint import Key
from apr.rollup.drain import drain
from opportunities.models import Assignment, Capacity, Opportunity, StageChange
from tests.apr.joint.world import act, at, deal, give, move, promise, stages
from tests.apr.pages import cells, words
from tests.factories import AdminFactory, AEFactory, LeaderFactory, PMFactory, TeamFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(datetime(2026, 9, 15, 12, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def cast():
    nora, ana = PMFactory(name="Nora Lindqvist"), AEFactory(name="Ana Kovač")
    people = {
        "the partner manager": nora,
        "the account executive": ana,
        "who leads the partner manager": LeaderFactory(name="Priya Menon"),
        "who leads the account executive": LeaderFactory(name="Lars Dekker"),
        "who leads another line": LeaderFactory(),
        "a colleague of the same team": PMFactory(name="Piotr Nowak"),
        "an administrator": AdminFactory(name="Elif Maes"),
    }
    TeamFactory(
        name="Alliances North",
        kind="partner",
        leaders=[people["who leads the partner manager"]],
        members=[nora, people["a colleague of the same team"]],
    )
    TeamFactory(name="Sales West", leaders=[people["who leads the account executive"]], members=[ana])
    TeamFactory(name="Sales East", leaders=[people["who leads another line"]], members=[AEFactory()])
    return people


@pytest.fixture
def pair(cast):
    """Nora and Ana with their quarter."""
    nora, ana = cast["the partner manager"], cast["the account executive"]
    stages(Qualify=100)
    acme = deal(nora, ana, at(7, 1), name="Acme renewal")
    act(nora, "partner_manager", at(7, 6), acme)
    act(ana, "account_executive", at(9, 10), acme)
    deal(nora, ana, at(7, 1), name="Orbis claims")
    juniper = deal(nora, ana, at(7, 1), name="Juniper desks")
    act(nora, "partner_manager", at(8, 14), juniper)
    act(ana, "account_executive", at(8, 19), juniper)
    move(juniper, "Won", at(8, 20))
    promise(nora, ana, date(2026, 8, 14), acme, "kept")
    promise(ana, nora, date(2026, 8, 14), acme, "broken")
    return nora, ana


@pytest.fixture
def read(client):
    def as_user(user, path, **query):
        client.force_login(user)
        return client.get(path, query)

    return as_user


def page_of(pair, name="apr:pair") -> str:
    return reverse(name, args=[one.pk for one in pair])


def test_the_two_their_leaders_and_administrators_may_open_it(read, client, cast, pair):
    may = {
        "the partner manager",
        "the account executive",
        "who leads the partner manager",
        "who leads the account executive",
        "an administrator",
    }
    for page in ("apr:pair", "apr:pair_rows"):
        statuses = {who: read(user, page_of(pair, page)).status_code for who, user in cast.items()}
        assert statuses == {who: 200 if who in may else 404 for who in cast}
        assert read(cast["an administrator"], page_of(pair[:1] * 2, page)).status_code == 404
        client.logout()
        assert client.get(page_of(pair, page)).url.startswith("/accounts/login/")


def test_both_sides_and_the_formula_with_its_numbers(read, pair):
    # Nora: 2 of 3 visits, 1 of 1 at the ink, 1 of 1 promises. Ana: 2 of 3 deals, 3 of 3 visits, 0 of 1.
    said = words(read(pair[0], page_of(pair)))
    assert "Nora and Ana stand at 70.3: Nora owes one thing now, Ana one." in said
    assert "√( 88.9 × 55.6 ) = 70.3" in said
    assert "Each keeps most of what the other needs." in said
    assert "covering one open visit takes Nora’s side from 88.9 to 100.0." in said
    assert "Involvement 66.7 2 of 3 visits covered Owed now cover the open visit of Orbis claims" in said
    assert "Documented 66.7 2 of 3 deals with an action in the last 14 days" in said
    assert "Owed now log something on Orbis claims" in said
    assert "Coaching – nothing to count Owed now: nothing" in said


def test_every_figure_opens_as_many_rows_as_it_says(read, pair):
    counts = {}
    for key in Key:
        page = read(pair[1], page_of(pair, "apr:pair_rows"), component=key, period="2026-Q3")
        rows = cells(page) if "<tbody>" in page.text else []
        states = [row[-1] for row in rows[:-1]]
        counts[key] = (states.count("done"), len(states))
        if states:
            assert rows[-1][-1].startswith(f"{states.count('done')} of {len(states)} ")
    assert {key: found for key, found in counts.items() if found != (0, 0)} == {
        Key.INVOLVEMENT: (2, 3),
        Key.AT_THE_INK: (1, 1),
        Key.PM_COMMITMENTS: (1, 1),
        Key.DOCUMENTED: (2, 3),
        Key.MOVING: (3, 3),
        Key.AE_COMMITMENTS: (0, 1),
    }
    page = read(pair[1], page_of(pair))
    for part in (part for row in page.context["sides"] for part in row):
        assert (part.measure.numerator, len(part.lines)) == counts[part.measure.key]


def test_a_cell_is_drawn_for_each_row_and_opens_it(read, pair):
    text = read(pair[0], page_of(pair)).text
    left = text.split('class="joint-side is-pm"', 1)[1].split('class="joint-side is-ae"', 1)[0]
    assert left.count('class="cell is-done"') == 2
    assert left.count('class="cell is-still"') == 1
    assert 'component=involvement#row-3" tabindex="-1" title="Orbis claims: Qualify' in left


def test_what_came_of_it_with_the_overlap_of_both_numbers(read, pair):
    said = words(read(pair[0], page_of(pair)))
    assert "Open pipeline €2,000 2 deals" in said
    assert "Won €1,000 1 deal" in said
    assert "Win rate together 1 of 1 Ana closed no deal without a PM" in said
    assert "€1k stands in both numbers and once in any total above." in said
    assert "The three deals" in said
    rows = cells(read(pair[0], page_of(pair)))
    assert [row[:3] for row in rows] == [
        ["Acme renewal", "Qualify", "€1,000"],
        ["Orbis claims", "Qualify", "€1,000"],
        ["Juniper desks", "won 20 Aug", "€1,000"],
    ]


def test_it_says_who_sees_it(read, cast, pair):
    own = words(read(pair[1], page_of(pair)))
    assert "seen by the two of you, Lars Dekker, Priya Menon, and Elif Maes." in own
    leader = words(read(cast["who leads the partner manager"], page_of(pair)))
    assert "seen by Nora, Ana, Lars Dekker, Priya Menon, and Elif Maes." in leader


def test_the_other_ones_number_opens_only_for_whom_its_scorecard_does(read, cast, pair):
    behind = [reverse("apr:deals", args=[one.pk]) for one in pair]
    links = {
        who: [url in read(cast[who], page_of(pair)).text for url in behind]
        for who in ("the partner manager", "who leads the account executive", "an administrator")
    }
    assert links == {
        "the partner manager": [True, False],
        "who leads the account executive": [False, True],
        "an administrator": [True, True],
    }


def test_a_period_that_is_over_owes_nothing_now_and_keeps_its_stages(read, pair):
    said = words(read(pair[0], page_of(pair), period="2026-07"))
    assert "in July 2026" in said
    assert "Owed now" not in said
    assert "won 20 Aug" not in said


def test_too_little_to_judge_is_a_dash_with_the_reason(read, cast):
    nora, ana = cast["the partner manager"], cast["the account executive"]
    stages(Qualify=100)
    deal(nora, ana, at(9, 1))
    said = words(read(nora, page_of((nora, ana))))
    assert "Nora and Ana: too little to judge in Q3 2026." in said
    assert "at least two of its five ratios count something; not yet of Nora." in said
    assert "√(" not in said


def test_without_a_shared_deal_it_says_how_one_comes(read, pair):
    page = read(pair[0], page_of(pair), period="2025-Q3")
    assert "Nora and Ana share no deal in Q3 2025." in words(page)
    assert (
        "One stands here as soon as Ana drives it and Nora is its partner manager. Open the deals"
        in words(page)
    )


def test_what_is_no_period_is_said_and_what_is_no_component_is_not_there(read, pair):
    assert "is not a period" in words(read(pair[0], page_of(pair), period="soon"))
    assert read(pair[0], page_of(pair, "apr:pair_rows"), component="love").status_code == 404


# --- the list -------------------------------------------------------------------------------------


def listed(page) -> list[tuple[str, str, str]]:
    names = ("PM Partner manager ", "AE Account executive ")
    return [
        (row[0].split(" and ")[0].removeprefix(names[0]), row[1].removeprefix(names[1]), row[-1])
        for row in cells(page)
    ]


def test_everybody_finds_the_pairs_that_concern_them_from_a_to_z(read, cast, pair):
    _nora, ana = pair
    aisha, ben = PMFactory(name="Aisha Rahman"), AEFactory(name="Ben Achterberg")
    deal(aisha, ana, at(7, 1))
    deal(aisha, ben, at(7, 1))
    reading = [who for who in cast if "colleague" not in who and "another" not in who]
    found = {who: listed(read(cast[who], "/apr/pairs/")) for who in reading}
    with_aisha = ("Aisha Rahman", "Ana Kovač", "too little to judge")
    theirs = ("Nora Lindqvist", "Ana Kovač", "70.3")
    others = ("Aisha Rahman", "Ben Achterberg", "too little to judge")
    assert found == {
        "the partner manager": [theirs],
        "the account executive": [with_aisha, theirs],
        "who leads the partner manager": [theirs],
        "who leads the account executive": [with_aisha, theirs],
        "an administrator": [with_aisha, others, theirs],
    }


def test_the_list_is_narrowed_to_a_team_of_either_line(read, cast, pair):
    admin = cast["an administrator"]
    deal(PMFactory(name="Aisha Rahman"), pair[1], at(7, 1))
    teams = {
        name: cast[who].led_teams.get().pk
        for name, who in (
            ("north", "who leads the partner manager"),
            ("west", "who leads the account executive"),
            ("east", "who leads another line"),
        )
    }
    assert len(listed(read(admin, "/apr/pairs/", team=teams["north"]))) == 1
    assert len(listed(read(admin, "/apr/pairs/", team=teams["west"]))) == 2
    assert "No pairs in Q3 2026." in words(read(admin, "/apr/pairs/", team=teams["east"]))
    leader = cast["who leads the partner manager"]
    assert read(leader, "/apr/pairs/", team=teams["west"]).status_code == 404
    assert read(leader, "/apr/pairs/", team="x").status_code == 404


def test_without_pairs_it_says_how_they_come(read, cast):
    said = words(read(cast["a colleague of the same team"], "/apr/pairs/"))
    assert "No pairs in Q3 2026." in said
    assert "A pair appears as soon as a partner manager and an account executive are on one deal." in said


def five_hundred_pairs() -> None:
    """Twenty partner managers, each with 25 account executives on a deal that is open since July."""
    managers = User.objects.bulk_create(User(email=f"m{n}@x.org", name=f"Manager {n:02}") for n in range(20))
    drivers = User.objects.bulk_create(User(email=f"d{n}@x.org", name=f"Driver {n:02}") for n in range(25))
    first = deal(managers[0], drivers[0], at(7, 1))
    opening = model_to_dict(first.stage_changes.get(), exclude=["id", "opportunity"])
    same = {"stage": first.stage, "funnel": first.funnel, "customer": first.customer, "currency": "EUR"}
    dates = {"stage_entered_at": first.stage_entered_at, "opened_on": first.opened_on}
    pairs = [(manager, driver) for manager in managers for driver in drivers][1:]
    deals = Opportunity.objects.bulk_create(
        Opportunity(name=f"Deal {n}", owner=driver, partner_manager=manager, **same, **dates)
        for n, (manager, driver) in enumerate(pairs)
    )
    steps = {
        "from_stage": None,
        "to_stage": first.stage,
        **{key: opening[key] for key in ("to_stage_name", "to_kind", "probability", "expected_days")},
        **{key: opening[key] for key in ("currency", "effective_at", "effective_on")},
    }
    StageChange.objects.bulk_create(StageChange(opportunity=one, **steps) for one in deals)
    Assignment.objects.bulk_create(
        Assignment(opportunity=one, user=user, capacity=capacity, starts_at=at(7, 1))
        for one, pair in zip(deals, pairs, strict=True)
        for user, capacity in zip(pair, (Capacity.PARTNER_MANAGER, Capacity.ACCOUNT_EXECUTIVE), strict=True)
    )


def test_the_page_of_five_hundred_pairs_takes_as_many_queries_as_that_of_one(client, cast, pair):
    client.force_login(cast["an administrator"])

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/apr/pairs/").status_code == 200
        return len(captured)

    drain()
    queries()
    one = queries()
    five_hundred_pairs()
    drain()
    assert queries() == one < 15  # session, reader and the page's frame among them
    page = client.get("/apr/pairs/")
    assert "501 pairs" in words(page)
    assert "1 to 100 of 501" in words(page)
    last = client.get("/apr/pairs/", {"page": 6})
    assert listed(last) == [("Nora Lindqvist", "Ana Kovač", listed(last)[0][2])]
    found = client.get("/apr/pairs/", {"name": "driver 07"})
    assert [(pm, ae) for pm, ae, _score in listed(found)] == [
        (f"Manager {n:02}", "Driver 07") for n in range(20)
    ]
    assert "Nobody here is called “zz”." in words(client.get("/apr/pairs/", {"name": "zz"}))


def test_the_page_of_a_pair_takes_as_many_queries_for_many_deals_as_for_few(client, pair):
    nora, ana = pair
    client.force_login(nora)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(page_of(pair)).status_code == 200
        return len(captured)

    drain()
    queries()
    few = queries()
    for n in range(8):
        one = deal(nora, ana, at(7, 1 + n))
        act(nora, "partner_manager", at(8, 3), one)
        promise(nora, ana, date(2026, 8, 14), one, "kept")
        deal(nora, AEFactory(), at(7, 1 + n))
    drain()
    assert queries() == few <= 36


# --- the ways to it -------------------------------------------------------------------------------


def test_the_page_of_a_deal_leads_to_its_pair_for_whom_it_opens(read, cast, pair):
    acme = pair[0].assignments.get(opportunity__name="Acme renewal").opportunity
    path, link = reverse("opportunities:detail", args=[acme.pk]), f'href="{page_of(pair)}"'
    for who in ("the partner manager", "who leads the account executive", "an administrator"):
        assert link in read(cast[who], path).text, who
    former = AEFactory(name="Former owner")
    give(acme, Capacity.ACCOUNT_EXECUTIVE, former, at(9, 1))
    give(acme, Capacity.ACCOUNT_EXECUTIVE, pair[1], at(9, 2))
    page = read(former, path)
    assert page.status_code == 200
    assert link not in page.text


def test_who_owes_something_on_the_page_of_the_day_leads_to_the_pair(read, pair):
    acme = pair[0].assignments.get(opportunity__name="Acme renewal").opportunity
    promise(pair[1], pair[0], date(2026, 9, 17), acme)
    assert f'href="{page_of(pair)}">Ana</a>' in read(pair[0], "/").text
