"""The pages of deals and partners as a browser, a screen reader and a keyboard meet them."""

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone

from accounts.models import Role
from apr.models import Action
from foundation.money import Money
from opportunities.models import Commitment, InvolvementKind, Obstacle
from opportunities.services.stages import move_stage
from opportunities.services.work import promise, raise_obstacle
from partners.models import PartnerContact
from tests.factories import (
    ActionFactory,
    AEFactory,
    OpportunityFactory,
    PartnerFactory,
    UserFactory,
    action_type,
    stage,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDTHS = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}


@pytest.fixture
def nora():
    return UserFactory(name="Nora Lindqvist", roles=[Role.PARTNER_MANAGER, Role.ADMIN])


@pytest.fixture
def deal(nora):
    """Acme renewal with two visits, actions of all categories, promises of both and an obstacle."""
    now = timezone.now()
    ana = AEFactory(name="Ana Kovač")
    norrvik = PartnerFactory(name="Norrvik Systems", managers=[nora])
    PartnerContact.objects.create(partner=norrvik, name="Ilse Brandt", email="ilse@norrvik.example")
    deal = OpportunityFactory(
        name="Acme renewal",
        owner=ana,
        partner_manager=nora,
        amount=Money(14_800_000, "EUR"),
        partners=[(norrvik, InvolvementKind.SOURCED)],
        opened_at=now - timedelta(days=60),
        expected_close_on=(now + timedelta(days=9)).date(),
    )
    move_stage(
        opportunity_id=deal.pk, to_stage=stage("Proposal"), by=nora, effective_at=now - timedelta(days=40)
    )
    for days, key in [
        (50, "call_to"),
        (30, "joint_deal_review"),
        (29, "coaching_session"),
        (28, "enablement"),
    ]:
        ActionFactory(
            actor=nora,
            counterpart=ana,
            capacity="partner_manager",
            opportunity=deal,
            partner=norrvik,
            action_type=action_type(key),
            occurred_at=now - timedelta(days=days),
        )
    ActionFactory(actor=ana, opportunity=deal, occurred_at=now - timedelta(days=3))
    promise(deal=deal, text="Send the second quote", due_on=(now + timedelta(days=2)).date(), by=ana)
    promise(deal=deal, text="Norrvik’s discount letter", due_on=(now + timedelta(days=3)).date(), by=nora)
    raise_obstacle(deal=deal, description="Second quote wanted", by=ana, needs_partner=True, assigned_to=nora)
    return deal


def barriers(page):
    """Accessibility rules broken at the level moderate or above, with the elements that break them."""
    found = Axe().run(page).response["violations"]
    return [
        (rule["id"], rule["impact"], [node["html"][:160] for node in rule["nodes"]])
        for rule in found
        if rule["impact"] != "minor"
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_no_barriers_and_no_complaints(page, sign_in, nora, deal, width, theme):
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.set_viewport_size(WIDTHS[width])
    sign_in(page.context, nora)
    partner = deal.involvements.get().partner
    for path in [
        f"/opportunities/{deal.pk}/",
        f"/opportunities/{deal.pk}/promises/new/",
        f"/opportunities/{deal.pk}/obstacles/new/",
        "/partners/",
        f"/partners/{partner.pk}/",
        f"/partners/{partner.pk}/edit/",
    ]:
        page.goto(path)
        assert (path, barriers(page)) == (path, [])
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} scrolls sideways"


def test_the_page_leaves_the_focus_at_its_top(page, sign_in, nora, deal):
    sign_in(page.context, nora)
    page.goto(f"/opportunities/{deal.pk}/")
    assert page.evaluate("document.activeElement.tagName") == "BODY"
    assert page.evaluate("scrollY") == 0


def test_promising_and_keeping_in_place(page, console_errors, sign_in, nora, deal):
    sign_in(page.context, nora)
    page.goto(f"/opportunities/{deal.pk}/")
    page.get_by_role("link", name="Promise something").click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_label("What do you promise?").fill("Ask Ilse about the discount")
    dialog.get_by_label("By when?").fill("2020-01-01")
    dialog.get_by_role("button", name="Promise").click()
    dialog.locator(".field-error").first.wait_for()
    console_errors.clear()  # the browser reports the refusal that was asked for
    assert dialog.get_by_label("What do you promise?").input_value() == "Ask Ilse about the discount"
    dialog.get_by_label("By when?").fill((timezone.now() + timedelta(days=5)).date().isoformat())
    dialog.get_by_role("button", name="Promise").click()
    panel = page.locator("#promises")
    panel.get_by_text("Ask Ilse about the discount").first.wait_for()
    panel.get_by_role("button", name="Kept Ask Ilse about the discount").click()
    page.locator("#timeline").get_by_text("Promise kept").wait_for()
    assert Commitment.objects.get(text="Ask Ilse about the discount").outcome == "kept"


def test_an_obstacle_is_cleared_by_keyboard(page, sign_in, nora, deal):
    sign_in(page.context, nora)
    page.goto(f"/opportunities/{deal.pk}/")
    page.get_by_role("link", name="Cleared Second quote wanted").focus()
    page.keyboard.press("Enter")
    page.locator("dialog[open]").get_by_label("How was it cleared?").wait_for()
    page.keyboard.type("They sent it")
    page.locator("dialog[open]").get_by_role("button", name="Cleared").press("Enter")
    page.get_by_text("0 open, 1 cleared").wait_for()
    assert Obstacle.objects.get().resolution == "They sent it"


def test_chips_change_the_timeline_alone_and_stay_in_the_address(page, sign_in, nora, deal):
    sign_in(page.context, nora)
    page.goto(f"/opportunities/{deal.pk}/")
    page.locator("#timeline").get_by_role("link", name="Stages").click()
    page.locator("#timeline").get_by_role("link", name="Stages").and_(
        page.locator("[aria-current]")
    ).wait_for()
    assert page.locator("#timeline .entry").count() == 2
    assert page.url.endswith("?show=stages")
    page.go_back()
    page.wait_for_url(f"**/opportunities/{deal.pk}/")
    page.locator("#timeline").get_by_text("Obstacle raised").wait_for()


def test_logging_on_the_page_adds_to_its_timeline(page, sign_in, nora, deal):
    sign_in(page.context, nora)
    page.goto(f"/opportunities/{deal.pk}/")
    before = Action.objects.count()
    page.locator("#log-here").get_by_role("button", name="Save").click()
    page.wait_for_function(f"document.querySelectorAll('#timeline .entry').length > {before}")
    assert Action.objects.filter(opportunity=deal, actor=nora).count() == 5


def test_filtering_partners_keeps_the_address(page, sign_in, nora, deal):
    PartnerFactory(name="Bluepine", managers=[nora], type="reseller")
    sign_in(page.context, nora)
    page.goto("/partners/")
    page.get_by_label("Search").fill("blue")
    page.wait_for_url("**q=blue**")
    assert page.locator("#partners tbody tr").count() == 1
    page.reload()
    assert page.get_by_label("Search").input_value() == "blue"
    assert page.locator("#partners tbody tr").count() == 1
