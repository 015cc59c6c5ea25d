"""Obstacles that wait for somebody: by partner, cleared together with one action, counted in working days.

2026-09-15 is a Tuesday. Nora is the partner manager of three deals with Norrvik and one with Brightpath.
"""

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Holiday, Organisation, TeamKind
from apr.models import Action, ActionType, PointRule
from foundation.money import Money
from opportunities.models import Obstacle, ObstacleKind
from opportunities.services.stages import move_stage
from tests.apr.pages import words
from tests.factories import (
    AEFactory,
    LeaderFactory,
    ObstacleFactory,
    OpportunityFactory,
    PartnerFactory,
    PMFactory,
    TeamFactory,
    stage,
)

pytestmark = pytest.mark.django_db
TODAY = date(2026, 9, 15)
PAGE = "/opportunities/obstacles/"


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr(Organisation, "today", lambda self: TODAY)
    monkeypatch.setattr("accounts.models.User.today", lambda self: TODAY)


@pytest.fixture
def nora():
    return PMFactory(name="Nora Lindqvist")


@pytest.fixture
def ana():
    return AEFactory(name="Ana Kovač")


@pytest.fixture
def norrvik(nora):
    return PartnerFactory(name="Norrvik Systems", managers=[nora])


def deal(name, nora, ana, partner, euros=100_000):
    return OpportunityFactory(
        name=name,
        owner=ana,
        partner_manager=nora,
        amount=Money(euros * 100, "EUR"),
        partners=[(partner, "sourced")],
    )


@pytest.fixture
def waiting(nora, ana, norrvik):
    """Three obstacles on three deals wait for Norrvik, one for Brightpath, one for nobody else."""
    brightpath = PartnerFactory(name="Brightpath", managers=[nora])
    deals = [deal(f"Deal {name}", nora, ana, norrvik) for name in ("one", "two", "three")]
    for one in deals:
        ObstacleFactory(
            opportunity=one, description=f"Papers for {one}", raised_by=ana, needs_partner=True,
            raised_at=datetime(2026, 9, 3, 9, tzinfo=UTC), due_on=date(2026, 9, 11),
        )  # fmt: skip
    other = deal("Deal four", nora, ana, brightpath)
    ObstacleFactory(opportunity=other, description="Access", raised_by=ana, needs_partner=True)
    ObstacleFactory(opportunity=other, description="Budget", raised_by=nora, assigned_to=nora)
    return Obstacle.objects.order_by("pk")[:3]


def signed_in(person):
    client = Client()
    client.force_login(person)
    return client


def group(client, partner):
    found = [one for one in client.get(PAGE).context["groups"] if one.partner == partner]
    return found[0]


def clear(client, norrvik, rows, **fields):
    key = fields.pop("request_key", None) or group(client, norrvik).form["request_key"].value()
    body = {
        "partner": norrvik.pk,
        "obstacle": [row.pk for row in rows],
        "resolution": "They signed all of it on one call",
        "request_key": key,
        **fields,
    }
    return client.post(PAGE, body)


def test_what_waits_stands_by_partner_the_most_first(nora, waiting):
    Holiday.objects.create(date=date(2026, 9, 7), name="Founders' day")
    client = signed_in(nora)
    groups = client.get(PAGE).context["groups"]
    assert [(str(one.partner), len(one.lines)) for one in groups] == [
        ("Norrvik Systems", 3),
        ("Brightpath", 1),
        ("None", 1),
    ]
    assert groups[0].amount == Money(30_000_000, "EUR")
    said = words(client.get(PAGE))
    assert "Five obstacles wait for you. One call to Norrvik Systems can clear 3 of them." in said
    # from Thu 3 Sep: the 3rd and 4th, 8th to 11th (the 7th is free) and the 14th
    assert "open 7 working days" in said
    assert "was due Fri 11 Sep" in said
    assert "Obstacle cleared with partner , with Norrvik Systems: +3 points" in said


def test_several_are_cleared_with_one_resolution_and_one_action(nora, norrvik, waiting):
    client = signed_in(nora)
    answer = clear(client, norrvik, waiting)
    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    rows = list(Obstacle.objects.filter(pk__in=[row.pk for row in waiting]))
    assert {(row.cleared_by, row.cleared_with, row.resolution) for row in rows} == {
        (nora, norrvik, "They signed all of it on one call")
    }
    action = Action.objects.get()
    assert (action.actor, action.action_type.key) == (nora, "obstacle_cleared")
    assert (action.partner, action.opportunity, action.capacity) == (norrvik, None, "partner_manager")
    assert "Deal two: Papers for Deal two" in action.notes
    told = words(client.get(PAGE))
    assert "Two obstacles wait for you." in told


def test_what_clears_on_one_deal_is_logged_on_that_deal(nora, norrvik, waiting):
    first = waiting[0]
    clear(signed_in(nora), norrvik, [first])
    assert Action.objects.get().opportunity == first.opportunity
    assert Obstacle.objects.open().count() == 4
    page = words(signed_in(nora).get(f"/opportunities/{first.opportunity_id}/"))
    assert "Obstacle cleared Papers for Deal one Nora Lindqvist · with Norrvik Systems · They signed" in page


def test_the_same_press_twice_logs_once(nora, norrvik, waiting):
    client = signed_in(nora)
    key = group(client, norrvik).form["request_key"].value()
    for _time in range(2):
        clear(client, norrvik, waiting, request_key=key)
    assert Action.objects.count() == 1
    assert Obstacle.objects.open().count() == 2


def test_a_cap_that_is_reached_is_said_before_pressing(nora, norrvik, waiting):
    kind = ActionType.objects.get(key="obstacle_cleared")
    PointRule.objects.filter(action_type=kind).update(daily_cap=3)
    monday = datetime(2026, 9, 15, 8, tzinfo=UTC)
    Action.objects.create(
        action_type=kind, actor=nora, capacity="partner_manager", occurred_at=monday, occurred_on=TODAY,
        partner=norrvik,
    )  # fmt: skip
    assert "+0 points" in words(signed_in(nora).get(PAGE))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"resolution": " "}, "This field is required."),
        ({"obstacle": []}, "Choose the obstacles that are out of the way."),
        ({"obstacle": ["999"]}, "One of them is cleared already, or waits for somebody else."),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_cleared(nora, norrvik, waiting, fields, said):
    answer = clear(signed_in(nora), norrvik, waiting, **fields)
    assert answer.status_code == 422
    assert said in answer.text
    if "resolution" not in fields:
        assert "They signed all of it on one call" in answer.text
    assert Obstacle.objects.open().count() == 5
    assert not Action.objects.exists()


def test_only_those_chosen_stay_chosen_after_a_refusal(nora, norrvik, waiting):
    answer = clear(signed_in(nora), norrvik, waiting[:2], resolution="")
    first = answer.context["groups"][0]
    assert [line.is_chosen for line in first.lines] == [True, True, False]
    assert [line.is_chosen for line in answer.context["groups"][1].lines] == [True]


def test_nobody_clears_what_waits_for_others(nora, ana, norrvik, waiting):
    stella = PMFactory(name="Stella")
    refused = signed_in(stella).post(
        PAGE, {"partner": norrvik.pk, "obstacle": [waiting[0].pk], "resolution": "x", "request_key": "k"}
    )
    assert refused.status_code == 404  # the partner is not hers to see
    mine = signed_in(ana).post(
        PAGE, {"partner": norrvik.pk, "obstacle": [waiting[0].pk], "resolution": "x", "request_key": "k"}
    )
    assert mine.status_code == 422  # they wait for Nora
    assert Obstacle.objects.open().count() == 5
    assert "No obstacle waits for you." in words(signed_in(stella).get(PAGE))


def test_who_leads_may_clear_in_the_name_of_their_people(nora, norrvik, waiting):
    priya = LeaderFactory(name="Priya Menon")
    TeamFactory(kind=TeamKind.PARTNER, leaders=[priya], members=[nora])
    client = signed_in(priya)
    page = client.get(PAGE, {"person": nora.pk})
    assert "Five obstacles wait for Nora." in words(page)
    form = page.context["groups"][0].form
    client.post(
        PAGE,
        {
            "person": nora.pk,
            "partner": norrvik.pk,
            "obstacle": [row.pk for row in waiting],
            "resolution": "Nora is away",
            "request_key": form["request_key"].value(),
        },
    )
    action = Action.objects.get()
    assert (action.actor, action.logged_by) == (nora, priya)
    assert set(Obstacle.objects.filter(cleared_at__isnull=False).values_list("cleared_by", flat=True)) == {
        priya.pk
    }


def test_what_waits_is_named_by_the_partner_that_is_asked(nora, ana, norrvik):
    other = PartnerFactory(name="Brightpath", managers=[nora])
    mixed = OpportunityFactory(
        owner=ana, partner_manager=nora, partners=[(other, "co_sell"), (norrvik, "sourced")]
    )
    bare = OpportunityFactory(owner=ana, partner_manager=nora)
    ObstacleFactory(opportunity=mixed, needs_partner=True)  # nobody is named: who sourced it
    ObstacleFactory(opportunity=mixed, needs_partner=True, partner=other)
    ObstacleFactory(opportunity=bare, needs_partner=True)
    found = signed_in(nora).get(PAGE).context["groups"]
    assert [one.key for one in found] == [
        f"partner-{other.pk}", f"partner-{norrvik.pk}", "partner-unknown",
    ]  # fmt: skip
    for partner in (norrvik, other):
        assert "One obstacle waits for you" in words(signed_in(nora).get(f"/partners/{partner.pk}/"))


def test_closed_deals_ask_for_nothing(nora, ana, norrvik, waiting):
    move_stage(opportunity_id=waiting[0].opportunity_id, to_stage=stage("Won"), by=ana)
    assert len(group(signed_in(nora), norrvik).lines) == 2


def test_clearing_on_the_page_of_the_deal_logs_it_too(nora, norrvik, waiting):
    client = signed_in(nora)
    path = f"/opportunities/obstacles/{waiting[0].pk}/clear/"
    form = client.get(path).context["form"]
    assert form["cleared_with"].value() == norrvik.pk
    assert form["logged"].label == "Log it: Obstacle cleared with partner, +3"
    client.post(path, {"resolution": "Done", "cleared_with": norrvik.pk, "logged": "on", "request_key": "a"})
    action = Action.objects.get()
    assert (action.opportunity, action.partner) == (waiting[0].opportunity, norrvik)
    without = f"/opportunities/obstacles/{waiting[1].pk}/clear/"
    client.post(without, {"resolution": "It vanished", "request_key": "b"})
    row = Obstacle.objects.get(pk=waiting[1].pk)
    assert (row.cleared_by, row.cleared_with, Action.objects.count()) == (nora, None, 1)


def test_one_press_on_the_day_names_the_partner(nora, norrvik, waiting):
    signed_in(nora).post(f"/today/obstacles/{waiting[0].pk}/cleared/")
    assert Obstacle.objects.get(pk=waiting[0].pk).cleared_with == norrvik
    assert Action.objects.get().partner == norrvik


def test_an_open_obstacle_has_no_partner_that_cleared_it(norrvik, waiting):
    with pytest.raises(IntegrityError), transaction.atomic():
        Obstacle.objects.filter(pk=waiting[0].pk).update(cleared_with=norrvik)


def test_kinds_come_from_the_administrators_list(nora, waiting):
    kind = ObstacleKind.objects.create(name="Export papers")
    Obstacle.objects.update(kind=kind)
    assert "Export papers" in words(signed_in(nora).get(PAGE))


def test_many_obstacles_cost_no_more_queries_than_few(nora, ana, norrvik, waiting):
    client = signed_in(nora)

    def cost():
        client.get(PAGE)
        with CaptureQueriesContext(connection) as found:
            assert client.get(PAGE).status_code == 200
        return len(found)

    few = cost()
    for number in range(5):
        partner = PartnerFactory(managers=[nora])
        ObstacleFactory(opportunity=deal(f"More {number}", nora, ana, partner), needs_partner=True)
    assert cost() == few <= 22
