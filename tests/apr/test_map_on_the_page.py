"""The involvement map on the page of a deal: what it reads, what it shows, and a walk over it by keyboard."""

from datetime import UTC, date, datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe

from accounts.models import Holiday, Organisation
from apr.map.load import load
from apr.map.story import Lane
from apr.services.actions import void_action
from opportunities.measures import Measures
from opportunities.models import InvolvementKind
from opportunities.services.people import assign
from tests.factories import (
    ActionFactory,
    AdminFactory,
    AEFactory,
    CommitmentFactory,
    ObstacleFactory,
    OpportunityFactory,
    PartnerFactory,
    PMFactory,
    action_type,
)

TODAY = date(2026, 9, 15)


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr(Organisation, "today", lambda self: TODAY)
    monkeypatch.setattr("accounts.models.User.today", lambda self: TODAY)


@pytest.fixture
def people(db):
    Holiday.objects.all().delete()
    return PMFactory(name="Nora Lindqvist"), AEFactory(name="Ana Kovač"), PartnerFactory(name="Norrvik")


@pytest.fixture
def deal(people):
    nora, ana, norrvik = people
    return OpportunityFactory(
        name="Acme renewal",
        owner=ana,
        partner_manager=nora,
        partners=[(norrvik, InvolvementKind.SOURCED)],
        expected_close_on=date(2026, 9, 24),
    )


def acted(actor, deal, month, day, capacity="partner_manager", **fields):
    at = datetime(2026, month, day, 12, tzinfo=UTC)
    return ActionFactory(actor=actor, opportunity=deal, capacity=capacity, occurred_at=at, **fields)


@pytest.mark.django_db
def test_voided_is_not_drawn_disputed_is_and_lanes_follow_who_acted(people, deal):
    nora, ana, norrvik = people
    void_action(action_id=acted(nora, deal, 6, 2).pk, reason="Logged twice", by=nora)
    acted(
        nora,
        deal,
        6,
        3,
        counterpart=ana,
        confirmation="disputed",
        confirmed_at=datetime(2026, 6, 4, tzinfo=UTC),
    )
    acted(ana, deal, 6, 4, "account_executive", partner=norrvik)
    acted(ana, deal, 6, 5, "account_executive")
    acts = load(deal, nora, Measures.now()).acts
    assert [(act.day.day, act.lane, act.is_disputed, act.points) for act in acts] == [
        (3, Lane.PM, True, 1),
        (4, Lane.PARTNER, False, 1),
        (5, Lane.AE, False, 1),
    ]
    assert acts[0].ties == (Lane.AE,)


@pytest.mark.django_db
def test_whoever_was_partner_manager_keeps_what_they_did(people, deal):
    nora, ana, _norrvik = people
    maya = PMFactory(name="Maya Rossi")
    acted(nora, deal, 6, 10, "coach", counterpart=ana, action_type=action_type("coaching_session"))
    assign(
        opportunity_id=deal.pk,
        capacity="partner_manager",
        person=maya,
        by=nora,
        starts_at=datetime(2026, 7, 1, tzinfo=UTC),
    )
    deal.refresh_from_db()
    acted(maya, deal, 7, 10, "coach", counterpart=ana, action_type=action_type("coaching_session"))
    acted(AdminFactory(), deal, 7, 13, "coach", counterpart=ana, action_type=action_type("coaching_session"))
    told = load(deal, ana, Measures.now())
    assert [(act.lane, act.is_pm) for act in told.acts] == [
        (Lane.PM, True),
        (Lane.PM, True),
        (Lane.AE, False),
    ]
    assert told.names.pm == "Maya Rossi"
    # 1 to 9 June are 7 working days, 11 June to 9 July 21, 13 July to 14 September 46
    assert [silent.days for silent in told.involvement.silences] == [7, 21, 46]


@pytest.mark.django_db
def test_as_many_queries_for_a_full_deal_as_for_a_lean_one(people, deal, django_assert_num_queries):
    nora, ana, norrvik = people
    measures = Measures.now()

    def fill(day):
        acted(nora, deal, 7, day, partner=norrvik, counterpart=ana)
        CommitmentFactory(opportunity=deal, made_by=ana, made_to=nora)
        ObstacleFactory(opportunity=deal, raised_by=ana)

    fill(1)
    load(deal, nora, measures)
    with django_assert_num_queries(12):
        load(deal, nora, measures)
    for day in range(2, 22):
        fill(day)
    with django_assert_num_queries(12):
        load(deal, nora, measures)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_walk_over_the_map_by_keyboard(page, sign_in, people, deal):
    nora, ana, norrvik = people
    for day in (3, 12, 20):
        acted(nora, deal, 8, day, partner=norrvik, counterpart=ana)
    for day in (4, 13):
        acted(ana, deal, 8, day, "account_executive")
    CommitmentFactory(opportunity=deal, made_by=ana, due_on=TODAY + timedelta(days=2), text="Send the quote")
    sign_in(page.context, ana)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"/opportunities/{deal.pk}/")
    says, place = page.locator("[data-map-says]"), page.locator("[data-map-place]")
    assert "Thu 20 Aug · Nora with Norrvik and Ana Kovač · 1 point" in says.inner_text()
    assert page.locator(".map-wide:visible .map-mark[tabindex='0']").count() == 1
    page.locator(".map-wide:visible .map-mark[tabindex='0']").focus()
    page.keyboard.press("Home")
    assert "Mon 3 Aug" in says.inner_text()
    assert place.inner_text() == "1 of 3"
    page.keyboard.press("ArrowRight")
    assert "Wed 12 Aug" in says.inner_text()
    page.keyboard.press("ArrowDown")
    assert "Thu 13 Aug · Ana Kovač" in says.inner_text()
    page.keyboard.press("ArrowDown")
    assert "Send the quote, Ana Kovač · due Thu 17 Sep · open" in says.inner_text()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("End")
    assert place.inner_text() == "2 of 2"
    table = page.locator("#involvement-table")
    assert not table.is_visible()
    page.keyboard.press("t")
    assert table.is_visible()
    assert Axe().run(page, context="#involvement").response["violations"] == []
    page.keyboard.press("t")
    assert not table.is_visible()
    page.keyboard.press("Enter")
    page.wait_for_url("**/*show=actions*#action-*")
    assert page.locator(".timeline .entry:target").count() == 1


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("width", "drawing"),
    [(width, ".map-wide:visible .map-drawing") for width in (1440, 1280, 1000, 800, 720)]
    + [(390, ".map-tall .map-drawing")],
)
def test_words_do_not_touch_in_the_browser(page, sign_in, people, deal, width, drawing):
    nora, ana, _norrvik = people
    acted(nora, deal, 6, 3)
    ObstacleFactory(opportunity=deal, raised_by=ana, raised_at=datetime(2026, 7, 1, tzinfo=UTC))
    sign_in(page.context, ana)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"/opportunities/{deal.pk}/")
    touching = page.locator(drawing).evaluate(
        """svg => {
          const boxes = [...svg.querySelectorAll("text")].map(text => [text.textContent, text.getBBox()]);
          const meet = (a, b) => a.x < b.x + b.width && b.x < a.x + a.width
            && a.y + 3 < b.y + b.height - 3 && b.y + 3 < a.y + a.height - 3;
          return boxes.flatMap(([one, a], at) =>
            boxes.slice(at + 1).filter(([, b]) => meet(a, b)).map(([two]) => [one, two]));
        }"""
    )
    assert touching == []


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_wide_map_scrolls_only_where_a_day_would_have_less_than_five_pixels(page, sign_in, people, deal):
    nora, ana, _norrvik = people
    acted(nora, deal, 6, 3)  # opened on 1 June, ink on 24 September: 117 days, 781 with labels and margin
    sign_in(page.context, ana)
    scrolls = {}
    for width in (1440, 1366, 1280, 1024, 960, 800, 720):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"/opportunities/{deal.pk}/")
        box = page.locator(".map-scroll:visible")
        assert box.count() == 1, width
        page.locator(".map-scroll[data-looked]:visible").wait_for()  # today is looked for once it is drawn
        scrolls[width] = box.evaluate("one => one.scrollWidth > one.clientWidth")
        seen = box.evaluate("one => [one.scrollLeft, one.scrollLeft + one.clientWidth]")
        today = float(box.locator("svg").get_attribute("data-today"))
        assert seen[0] < today < seen[1], width
    room = {1440: 1120, 1366: 1046, 1280: 960, 1024: 704, 960: 784, 800: 624, 720: 544}
    assert scrolls == {width: space < 781 for width, space in room.items()}
