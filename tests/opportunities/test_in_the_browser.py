"""List, board and forms as a browser, a keyboard and a screen reader meet them."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from opportunities.services.stages import move_stage
from tests.factories import OpportunityFactory, stage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDTHS = {"desk": {"width": 1440, "height": 1030}, "phone": {"width": 390, "height": 844}}
BOARD = "/opportunities/board/"


def barriers(page):
    """Accessibility rules broken at the level moderate or above, with the elements that break them."""
    found = Axe().run(page).response["violations"]
    return [
        (rule["id"], rule["impact"], [node["html"][:160] for node in rule["nodes"]])
        for rule in found
        if rule["impact"] != "minor"
    ]


def open_board(page, sign_in, person):
    page.set_viewport_size(WIDTHS["desk"])
    sign_in(page.context, person)
    page.goto(BOARD)
    page.locator("[data-drops]:not([hidden])").wait_for()


def column(page, name):
    return page.locator(f"[data-column][data-name='{name}']")


def card(page, name="Acme renewal"):
    return page.locator(".deal", has_text=name)


def drag(page, card, place):
    """As a hand does it: press, pull a little, go there in steps, let go."""
    begin, end = card.bounding_box(), place.bounding_box()
    page.mouse.move(begin["x"] + 60, begin["y"] + 90)
    page.mouse.down()
    page.mouse.move(begin["x"] + 70, begin["y"] + 95, steps=3)
    page.locator("#results.is-moving").wait_for()
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + end["height"] / 2, steps=12)
    place.locator(".sortable-ghost").wait_for(state="attached")
    page.mouse.up()


def stands_in(deal):
    deal.refresh_from_db()
    return deal.stage.name


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_no_barriers_and_no_complaints(page, sign_in, cast, width, theme):
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.set_viewport_size(WIDTHS[width])
    sign_in(page.context, cast.ana)
    deal = f"/opportunities/{cast.deal.pk}/"
    for path in ["/opportunities/", BOARD, f"{deal}move/", "/opportunities/new/", f"{deal}people/", deal]:
        page.goto(path)
        assert barriers(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} scrolls sideways"


def test_drag_to_the_next_stage_asks_the_criteria_and_offers_an_undo(page, console_errors, sign_in, cast):
    open_board(page, sign_in, cast.ana)
    drag(page, card(page), column(page, "Negotiation"))
    dialog = page.locator("dialog[open]")
    dialog.get_by_role("heading", name="Move Acme renewal to Negotiation").wait_for()
    assert card(page).locator("xpath=ancestor::section").get_attribute("data-name") == "Proposal"
    dialog.get_by_label("Offer with price sent").check()
    dialog.get_by_role("button", name="Move to Negotiation").click()
    dialog.locator(".field-error").first.wait_for()
    console_errors.clear()  # the browser reports every refused request
    assert dialog.get_by_label("Offer with price sent").is_checked()
    dialog.get_by_label("Decision path known").check()
    dialog.get_by_role("button", name="Move to Negotiation").click()
    column(page, "Negotiation").locator(".deal").wait_for()
    assert page.locator("dialog[open]").count() == 0
    assert stands_in(cast.deal) == "Negotiation"
    assert cast.deal.stage_changes.last().changed_by == cast.ana
    page.locator(".toast").get_by_role("button", name="Undo").click()
    column(page, "Proposal").locator(".deal").wait_for()
    assert stands_in(cast.deal) == "Proposal"


def test_drag_back_needs_no_answer(page, sign_in, cast):
    open_board(page, sign_in, cast.ana)
    drag(page, card(page), column(page, "Discovery"))
    page.locator(".toast", has_text="Acme renewal moved to Discovery.").wait_for()
    assert stands_in(cast.deal) == "Discovery"
    column(page, "Discovery").get_by_text("20% · 1 deal").wait_for()


def test_lost_asks_the_reason(page, sign_in, cast):
    open_board(page, sign_in, cast.ana)
    drag(page, card(page), page.locator("[data-drops] [data-kind=lost]"))
    dialog = page.locator("dialog[open]")
    dialog.get_by_label("Why was it lost?").select_option(label="No decision")
    dialog.get_by_label("Note").fill("They stay with what they have.")
    dialog.get_by_role("button", name="Move to Lost").click()
    page.locator(".toast", has_text="Acme renewal moved to Lost.").wait_for()
    card(page).wait_for(state="detached")
    assert stands_in(cast.deal) == "Lost"
    assert cast.deal.lost_reason.name == "No decision"


def test_leaving_the_dialog_leaves_the_deal(page, sign_in, cast):
    open_board(page, sign_in, cast.ana)
    drag(page, card(page), page.locator("[data-drops] [data-kind=lost]"))
    page.locator("dialog[open]").get_by_role("link", name="Cancel").click()
    assert column(page, "Proposal").locator(".deal").is_visible()
    assert stands_in(cast.deal) == "Proposal"


def test_arrows_choose_and_m_moves(page, sign_in, cast):
    OpportunityFactory(name="Kestrel pilot", owner=cast.ana, stage=stage("Discovery"))
    open_board(page, sign_in, cast.ana)
    words = page.locator("[data-board-words]")
    page.get_by_role("link", name="Kestrel pilot", exact=True).focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.textContent") == "Acme renewal"
    page.keyboard.press("m")
    assert words.text_content().startswith("Acme renewal, lifted")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert words.text_content() == "Discovery, 2 of 7"
    page.keyboard.press("Escape")
    assert words.text_content() == "Acme renewal stays where it was."
    assert stands_in(cast.deal) == "Proposal"
    page.keyboard.press("m")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    column(page, "Solution fit").locator(".deal").wait_for()
    assert stands_in(cast.deal) == "Solution fit"
    page.wait_for_function("document.activeElement.textContent === 'Acme renewal'")


def test_the_second_browser_gets_a_conflict_and_the_card_its_true_place(page, console_errors, sign_in, cast):
    open_board(page, sign_in, cast.ana)
    move_stage(opportunity_id=cast.deal.pk, to_stage=stage("Qualify"), by=cast.lars)  # the first browser
    drag(page, card(page), column(page, "Discovery"))
    dialog = page.locator("dialog[open]")
    dialog.get_by_role("heading", name="Somebody changed this deal").wait_for()
    console_errors.clear()  # the browser reports every refused request
    sides = dialog.get_by_role("row", name="Stage")
    assert sides.get_by_role("cell").all_text_contents() == ["Qualify", "Discovery"]
    assert dialog.get_by_text("Lars Dekker").is_visible()
    column(page, "Qualify").locator(".deal").wait_for()
    assert stands_in(cast.deal) == "Qualify"
    dialog.get_by_role("link", name="Leave it in Qualify").click()
    assert page.locator("dialog[open]").count() == 0


def test_filters_take_effect_at_once_and_stand_in_the_address(page, sign_in, cast):
    OpportunityFactory(name="Kestrel pilot", owner=cast.ana)
    sign_in(page.context, cast.ana)
    page.goto("/opportunities/")
    assert page.locator(".deals tbody tr").count() == 2
    page.get_by_label("Name, customer or partner").fill("norrvik")
    page.wait_for_url("**/opportunities/?q=norrvik&**")
    expect(page.locator(".deals tbody tr")).to_have_count(1)
    assert "partner=" not in page.url
    page.get_by_label("Name, customer or partner").fill("nothing like it")
    page.locator("#results", has_text="No deal fits these filters.").wait_for()
    assert page.locator("h1").text_content() == "No deals here."


def test_without_scripts_the_form_moves_the_deal(browser, browser_context_args, live_server, sign_in, cast):
    context = browser.new_context(**browser_context_args, java_script_enabled=False)
    sign_in(context, cast.ana)
    page = context.new_page()
    page.goto(BOARD)
    page.get_by_role("link", name="Move… Acme renewal").click()
    page.get_by_label("Discovery").check()
    page.get_by_role("button", name="Move", exact=True).click()
    page.wait_for_url(f"**/opportunities/{cast.deal.pk}/")
    assert stands_in(cast.deal) == "Discovery"
    context.close()
