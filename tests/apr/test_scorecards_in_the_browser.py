"""Scorecards as a browser, a screen reader and a keyboard meet them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apr.models import Action
from tests.factories import (
    ActionFactory,
    AdminFactory,
    AEFactory,
    LeaderFactory,
    OpportunityFactory,
    PMFactory,
    TargetFactory,
    TeamFactory,
    action_type,
)
from tests.look.test_pages_in_the_browser import WIDTHS, barriers

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def team():
    """A partner team with work of the last days, one target, and a deal nobody has spoken about."""
    nora, aisha = PMFactory(name="Nora Lindqvist"), PMFactory(name="Aisha Rahman")
    north = TeamFactory(
        name="Alliances North",
        kind="partner",
        leaders=[LeaderFactory(name="Priya Menon")],
        members=[nora, aisha],
    )
    TargetFactory(role="partner_manager")
    ana = AEFactory(name="Ana Kovač")
    OpportunityFactory(name="Orbis claims", partner_manager=nora, owner=ana)
    for days in range(4):
        did(nora, "face_to_face", days)
        did(aisha, "coaching_session", days, counterpart=ana)
    return north


def did(actor, key: str, days_ago: int, **fields: object) -> Action:
    when = timezone.now() - timedelta(days=days_ago, minutes=1)
    return ActionFactory(
        actor=actor, action_type=action_type(key), occurred_at=when, capacity="partner_manager", **fields
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_no_barriers_on_any_scorecard(page, sign_in, team, width, theme):
    nora = team.memberships.get(user__name="Nora Lindqvist").user
    sign_in(page.context, AdminFactory())
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.set_viewport_size(WIDTHS[width])
    year = f"?period={datetime.now(UTC).year}"
    for path in (
        reverse("apr:me"),
        reverse("apr:person", args=[nora.pk]) + year,
        reverse("apr:rows", args=[nora.pk]) + year,
        reverse("apr:deals", args=[nora.pk]) + year,
        reverse("apr:teams"),
        reverse("apr:team", args=[team.pk]) + f"?open={nora.pk}",
        reverse("apr:team_rows", args=[team.pk]) + year,
    ):
        page.goto(path)
        assert barriers(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} scrolls sideways"


def test_a_leader_opens_a_line_and_then_the_rows_of_a_figure_by_keyboard(page, sign_in, team):
    sign_in(page.context, team.leaders.get())
    page.goto(reverse("apr:team", args=[team.pk]))
    page.get_by_role("link", name="More about Nora Lindqvist").press("Enter")
    page.wait_for_url("**open=*")
    assert page.get_by_text("Orbis claims").is_visible()
    figure = page.locator("tr", has_text="Nora Lindqvist").locator("a.figure").first
    points = figure.inner_text()
    figure.press("Enter")
    page.wait_for_url("**/rows/**")
    assert page.locator("tr.is-total td").nth(1).inner_text() == points
