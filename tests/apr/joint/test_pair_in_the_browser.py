"""The joint scorecard as a browser, a screen reader and a keyboard meet it."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import Organisation, User
from tests.apr.joint.world import TODAY, act, at, coach, deal, obstacle, promise
from tests.factories import AdminFactory, AEFactory, PMFactory
from tests.look.test_pages_in_the_browser import WIDTHS, barriers

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def today(monkeypatch):
    """In the midst of a quarter: at its beginning there is nothing to see yet."""
    monkeypatch.setattr(Organisation, "today", lambda self: TODAY)
    monkeypatch.setattr(User, "today", lambda self: TODAY)


@pytest.fixture
def pair():
    nora, ana = PMFactory(name="Nora Lindqvist"), AEFactory(name="Ana Kovač")
    now = at(9, 15)
    for number in range(3):
        one = deal(nora, ana, now - timedelta(days=40 + number), name=f"Deal {number}")
        obstacle(one, now - timedelta(days=9), TODAY + timedelta(days=3), by=ana)
    for days in (2, 20):
        act(nora, "partner_manager", now - timedelta(days=days), one)
        act(ana, "account_executive", now - timedelta(days=days + 1), one)
        coach(nora, ana, now - timedelta(days=days))
    promise(nora, ana, TODAY + timedelta(days=2), one)
    promise(ana, nora, TODAY - timedelta(days=2), one, "kept")
    return nora, ana


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_no_barriers_on_the_pages_of_pairs(page, sign_in, pair, width, theme):
    sign_in(page.context, AdminFactory())
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.set_viewport_size(WIDTHS[width])
    numbers = [one.pk for one in pair]
    for path in (
        reverse("apr:pair", args=numbers),
        reverse("apr:pair", args=numbers) + "?period=2019",
        reverse("apr:pair_rows", args=numbers),
        reverse("apr:pairs"),
        reverse("apr:pairs") + "?period=2019",
    ):
        page.goto(path)
        assert barriers(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} scrolls sideways"


def test_from_the_list_to_a_pair_to_the_rows_of_a_figure_by_keyboard(page, sign_in, pair):
    sign_in(page.context, pair[0])
    page.goto("/")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Pairs").press("Enter")
    page.wait_for_url("**/apr/pairs/")
    page.get_by_role("link", name="Nora Lindqvist and Ana Kovač").press("Enter")
    page.wait_for_url("**/apr/pairs/*/*/**")
    figure = page.locator(".joint-figure a.figure").first
    shown = figure.inner_text()
    figure.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")  # cells are no tab stops: the figure opens the same rows
    assert page.evaluate("document.activeElement.className").strip() == "figure"
    page.keyboard.press("Enter")
    page.wait_for_url("**/rows/?**component=involvement**")
    assert page.locator("tr.is-total td").first.inner_text().startswith(shown)
    page.get_by_role("link", name="Nora Lindqvist and Ana Kovač").press("Enter")
    page.wait_for_url("**/apr/pairs/*/*/?period=*")


def test_done_cells_of_both_grow_from_the_spine(page, sign_in, pair):
    sign_in(page.context, pair[0])
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(reverse("apr:pair", args=[one.pk for one in pair]))

    def places(whose: str, look: str) -> list[float]:
        cells = page.locator(f".joint-side.is-{whose} .cells").first.locator(f".cell.is-{look}")
        return [cells.nth(number).bounding_box()["x"] for number in range(cells.count())]

    assert max(places("pm", "still")) < min(places("pm", "done"))
    assert max(places("ae", "done")) < min(places("ae", "still"))
