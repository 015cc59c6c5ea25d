"""A deal goes from a partner manager to an account executive, and one call clears three obstacles: two
people, one browser, and what a screen reader would meet on the way."""

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone

from apr.models import Action
from opportunities.models import HandOver, Obstacle, Opportunity
from tests.factories import (
    ActionFactory,
    AEFactory,
    CommitmentFactory,
    ObstacleFactory,
    OpportunityFactory,
    PartnerFactory,
    PMFactory,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDTHS = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}


@pytest.fixture
def nora():
    return PMFactory(name="Nora Lindqvist")


@pytest.fixture
def ana():
    return AEFactory(name="Ana Kovač")


@pytest.fixture
def norrvik(nora):
    return PartnerFactory(name="Norrvik Systems", managers=[nora])


def barriers(page):
    """Accessibility rules broken at the level moderate or above, with the elements that break them."""
    found = Axe().run(page).response["violations"]
    return [
        (rule["id"], [node["html"][:160] for node in rule["nodes"]])
        for rule in found
        if rule["impact"] in ("moderate", "serious", "critical")
    ]


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("width", WIDTHS)
def test_a_deal_is_offered_returned_offered_again_and_accepted(page, sign_in, nora, ana, norrvik, width):
    page.set_viewport_size(WIDTHS[width])
    sign_in(page.context, nora)
    page.goto("/opportunities/new/")
    page.get_by_label("Name").fill("Birch rollout")
    page.locator("#deal-partner").select_option(label="Norrvik Systems")
    page.get_by_label("Offer it to").select_option(label="Ana Kovač")
    page.get_by_role("button", name="Open the deal").click()
    page.get_by_text("You offer this deal to Ana Kovač").wait_for()
    assert fits(page)
    assert barriers(page) == []

    sign_in(page.context, ana)
    page.goto("/")
    todo = page.get_by_role("listitem").filter(has_text="Nora offers you Birch rollout")
    todo.get_by_role("link", name="Return…").click()
    page.get_by_label("Why?").fill("Not my region")
    page.get_by_role("button", name="Return it").click()
    page.get_by_text("Returned. Nora sees your reason.").wait_for()

    sign_in(page.context, nora)
    page.goto("/")
    page.get_by_role("link", name="Offer again…").click()
    page.get_by_label("To whom?").select_option(label="Ana Kovač")
    page.get_by_role("button", name="Offer", exact=True).click()
    page.get_by_text("You offer this deal to Ana Kovač").wait_for()

    sign_in(page.context, ana)
    page.goto(f"/opportunities/{Opportunity.objects.get().pk}/")
    page.get_by_role("button", name="Accept", exact=True).click()
    page.get_by_text("Accepted. Birch rollout is yours.").wait_for()
    assert Opportunity.objects.get().owner == ana
    assert sorted(HandOver.objects.values_list("outcome", flat=True)) == ["accepted", "returned"]


@pytest.mark.parametrize("width", WIDTHS)
def test_one_call_clears_three_obstacles(page, console_errors, sign_in, nora, ana, norrvik, width):
    for number in range(3):
        deal = OpportunityFactory(
            name=f"Deal {number}", owner=ana, partner_manager=nora, partners=[(norrvik, "sourced")]
        )
        ObstacleFactory(opportunity=deal, description=f"Papers {number}", raised_by=ana, needs_partner=True)
    ObstacleFactory(opportunity=deal, description="Budget", raised_by=ana, assigned_to=nora)
    page.set_viewport_size(WIDTHS[width])
    sign_in(page.context, nora)
    page.goto("/opportunities/obstacles/")
    assert fits(page)
    assert barriers(page) == []
    group = page.locator(f"#partner-{norrvik.pk}")
    assert "+3 points" in group.inner_text()
    group.get_by_role("button", name="Clear the chosen ones").click()
    page.get_by_text("This field is required.").wait_for()
    console_errors.clear()  # the browser reports the refusal that was asked for
    page.get_by_label("How was it solved?").fill("They sent all three")
    page.get_by_role("checkbox", name="Papers 1").uncheck()
    page.get_by_role("button", name="Clear the chosen ones").click()
    page.get_by_text("2 obstacles cleared.").wait_for()
    assert set(Obstacle.objects.open().values_list("description", flat=True)) == {"Papers 1", "Budget"}
    assert Action.objects.get().partner == norrvik


@pytest.mark.parametrize("path", ["/opportunities/promises/", "/actions/waiting/"])
@pytest.mark.parametrize("width", WIDTHS)
def test_lists_of_both_have_no_barriers(page, sign_in, nora, ana, norrvik, width, path):
    deal = OpportunityFactory(name="Acme", owner=ana, partner_manager=nora)
    today = timezone.localdate()
    for days in (-3, 4):
        CommitmentFactory(opportunity=deal, made_by=ana, made_to=nora, due_on=today + timedelta(days=days))
    for _number in range(2):
        ActionFactory(actor=nora, opportunity=deal, counterpart=ana)
    page.set_viewport_size(WIDTHS[width])
    sign_in(page.context, ana)
    page.goto(path)
    assert fits(page)
    assert barriers(page) == []
