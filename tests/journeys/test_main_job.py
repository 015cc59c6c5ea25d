"""The main job, whole, in the browser: log, read, take back, move a deal, and see what the history says.

Expected points are worked out by hand: a coaching session is worth 2.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from accounts.models import Organisation, TeamKind, User
from apr.models import PointRule
from apr.periods import PeriodKind, period_containing
from apr.rollup.drain import drain
from foundation.money import Money
from tests.factories import (
    AdminFactory,
    AEFactory,
    LeaderFactory,
    OpportunityFactory,
    PMFactory,
    TeamFactory,
    stage,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LINE = "coached Ana on Acme renewal 30m"
BOARD = "/opportunities/board/"


@pytest.fixture
def cast() -> SimpleNamespace:
    """Nora stands beside Ana's deal, Priya leads Nora, Elif sets the rules."""
    ana, nora = AEFactory(name="Ana Kovač"), PMFactory(name="Nora Lindqvist")
    priya = LeaderFactory(name="Priya Menon")
    team = TeamFactory(name="Alliances North", kind=TeamKind.PARTNER, leaders=[priya], members=[nora])
    deal = OpportunityFactory(
        name="Acme renewal",
        owner=ana,
        partner_manager=nora,
        stage=stage("Discovery"),
        amount=Money(14_800_000, "EUR"),
    )
    drain()
    return SimpleNamespace(ana=ana, nora=nora, priya=priya, elif_=AdminFactory(), team=team, deal=deal)


@pytest.fixture
def enter(
    new_context: Callable[..., BrowserContext],
    sign_in: Callable[[BrowserContext, User], None],
    console_errors: list[str],
) -> Iterator[Callable[[User], Page]]:
    """`enter(person)`: a browser of their own; the test fails when its console shows an error."""

    def open_browser(person: User) -> Page:
        context = new_context(viewport={"width": 1440, "height": 1030})
        sign_in(context, person)
        page = context.new_page()
        page.on("console", lambda said: said.type == "error" and console_errors.append(said.text))
        page.on("pageerror", lambda error: console_errors.append(str(error)))
        return page

    yield open_browser
    assert console_errors == []


def today() -> date:
    return Organisation.current().today()


def log(page: Page, line: str, day: date | None = None) -> None:
    """Logs a line from the page one stands on, with the key, as of a day if one is given."""
    page.keyboard.press("l")
    panel = page.locator("dialog[open]")
    panel.get_by_label("What you did").fill(line)
    panel.locator(".log-source", has_text="“coached”").wait_for()
    if day:
        panel.get_by_label("When").fill(day.isoformat())
        panel.locator(".log-source", has_text="as you set it").wait_for()
    panel.get_by_role("button", name="Save").last.click()
    page.locator(".toast").first.wait_for()


def take_back(page: Page) -> None:
    """Voids the latest action of one's own log, with a reason."""
    page.goto("/actions/")
    page.locator("tbody summary").first.click()
    page.get_by_role("link", name="Take back…").click()
    panel = page.locator("dialog[open]")
    panel.get_by_label("Why").fill("Entered twice")
    panel.get_by_role("button", name="Take it back").click()
    page.locator(".toast", has_text="Taken back.").wait_for()


def own_points(page: Page, kind: str, day: date) -> int:
    """The counted points on the page of one's own, in the period around a day."""
    page.goto(f"/apr/?period={period_containing(day, PeriodKind(kind)).key}")
    if page.get_by_text("Nothing was logged in this period.").count():
        return 0
    return int(page.locator(".figures > div", has_text="counted").locator(".figure").inner_text())


def team_points(page: Page, cast: SimpleNamespace) -> list[str]:
    """Nora's points and her team's in this month, as her leader reads them."""
    page.goto(f"/apr/teams/{cast.team.pk}/?period={period_containing(today(), PeriodKind.MONTH).key}")
    rows = (page.locator(f"#person-{cast.nora.pk}"), page.locator("tr.is-total"))
    return [row.locator(".scorecard-figure").first.inner_text().strip() for row in rows]


def test_coaching_raises_the_score_at_once_and_taking_it_back_lowers_it(enter, cast):
    nora, priya = enter(cast.nora), enter(cast.priya)
    assert own_points(nora, "month", today()) == 0
    nora.goto(f"/opportunities/{cast.deal.pk}/")
    log(nora, LINE)
    assert own_points(nora, "month", today()) == 2
    # No worker has run yet: the figures are right all the same, and say what is pending.
    assert team_points(priya, cast) == ["2", "2"]
    expect(priya.get_by_text("being counted")).to_be_visible()
    drain()
    assert team_points(priya, cast) == ["2", "2"]
    expect(priya.get_by_text("no changes pending")).to_be_visible()

    take_back(nora)
    assert own_points(nora, "month", today()) == 0
    assert team_points(priya, cast) == ["0", "0"]
    drain()
    assert team_points(priya, cast) == ["0", "0"]


def test_what_happened_last_quarter_counts_there_only(enter, cast):
    nora = enter(cast.nora)
    last_quarter = period_containing(today(), PeriodKind.QUARTER).start - timedelta(days=20)
    nora.goto("/")
    log(nora, LINE, last_quarter)
    for _ in ("pending", "rolled up"):
        assert own_points(nora, "quarter", last_quarter) == 2
        assert own_points(nora, "quarter", today()) == 0
        assert own_points(nora, "month", last_quarter) == 2
        drain()


def test_a_rule_from_tomorrow_leaves_today_and_the_past_as_they_are(enter, cast):
    nora, elif_ = enter(cast.nora), enter(cast.elif_)
    nora.goto("/")
    log(nora, LINE)
    drain()
    elif_.goto("/settings/point-rules/new/")
    elif_.get_by_label("Action type").select_option(label="Coaching session")
    elif_.get_by_label("Points", exact=True).fill("7")
    elif_.get_by_label("In force from").fill((today() + timedelta(days=1)).isoformat())
    elif_.get_by_role("button", name="Add rule").click()
    elif_.get_by_text("One change is waiting: Coaching session").wait_for()
    assert PointRule.objects.filter(points=7, effective_from=today() + timedelta(days=1)).count() == 1
    drain()
    assert own_points(nora, "year", today()) == 2
    log(nora, LINE)
    assert own_points(nora, "year", today()) == 4


def column(page: Page, name: str) -> Locator:
    return page.locator(f"[data-column][data-name='{name}']")


def drag_deal(page: Page, name: str) -> None:
    """Takes the only card of the board to another column, as a hand does it."""
    card, place = page.locator(".deal").bounding_box(), column(page, name).bounding_box()
    assert card
    assert place
    page.mouse.move(card["x"] + 60, card["y"] + 90)
    page.mouse.down()
    page.mouse.move(card["x"] + 70, card["y"] + 95, steps=3)
    page.locator("#results.is-moving").wait_for()
    page.mouse.move(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2, steps=12)
    column(page, name).locator(".sortable-ghost").wait_for()
    page.mouse.up()


def open_board(page: Page) -> None:
    page.goto(BOARD)
    page.locator("[data-drops]:not([hidden])").wait_for()


def test_a_dragged_deal_stands_in_the_history_and_a_second_browser_meets_a_conflict(
    enter, cast, console_errors
):
    first, second = enter(cast.ana), enter(cast.ana)
    open_board(first)
    open_board(second)
    drag_deal(first, "Qualify")
    column(first, "Qualify").locator(".deal").wait_for()

    drag_deal(second, "Solution fit")  # still holds the version before
    told = second.locator("dialog[open]")
    told.get_by_role("checkbox").first.wait_for()
    for criterion in told.get_by_role("checkbox").all():
        criterion.check()
    told.get_by_role("button", name="Move to Solution fit").click()
    told.get_by_role("heading", name="Somebody changed this deal").wait_for()
    assert told.get_by_role("row", name="Stage").get_by_role("cell").all_text_contents() == [
        "Qualify",
        "Solution fit",
    ]
    console_errors.clear()  # the browser reports the 409
    cast.deal.refresh_from_db()
    assert cast.deal.stage.name == "Qualify"
    assert cast.deal.stage_changes.count() == 2  # opened and moved once: nothing lost, nothing doubled

    first.goto(f"/opportunities/{cast.deal.pk}/")
    moved = first.locator("#timeline li", has_text=re.compile("Discovery.*Qualify"))
    expect(moved.first).to_be_visible()
    change = cast.deal.stage_changes.last()
    assert (change.changed_by, change.effective_at.date()) == (cast.ana, today())
