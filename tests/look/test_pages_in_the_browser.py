"""The parts of the interface as a browser, a screen reader and a keyboard meet them."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from accounts.models import Role
from tests.factories import UserFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDTHS = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}


@pytest.fixture
def admin():
    return UserFactory(name="Nora Lindqvist", roles=[Role.ADMIN, Role.PARTNER_MANAGER])


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
@pytest.mark.parametrize(
    "path", ["/look/", "/accounts/login/", "/accounts/password/reset/", "/accounts/2fa/", "/nowhere/"]
)
def test_no_barriers_and_no_complaints(page, console_errors, sign_in, admin, path, width, theme):
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.set_viewport_size(WIDTHS[width])
    if path not in {"/accounts/login/", "/accounts/password/reset/"}:
        sign_in(page.context, admin)
    page.goto(path)
    assert barriers(page) == []
    if path == "/nowhere/":
        console_errors.clear()  # the browser reports the 404 that was asked for
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"


def test_chosen_appearance_is_drawn_by_the_server(page, sign_in, admin):
    sign_in(page.context, admin)
    page.goto("/look/")
    page.locator("summary", has_text="Nora Lindqvist").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.wait_for_load_state()
    assert page.evaluate("getComputedStyle(document.body.parentElement).backgroundColor") == "rgb(18, 20, 19)"


def test_menu_closes_with_escape_and_gives_focus_back(page, sign_in, admin):
    sign_in(page.context, admin)
    page.goto("/look/")
    opener = page.locator("summary", has_text="September 2026")
    opener.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.textContent.trim()") == "September 2026"
    page.keyboard.press("Escape")
    assert page.locator("details.menu[open]").count() == 0
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_form_is_sent_once(page, sign_in, admin):
    sign_in(page.context, admin)
    page.goto("/look/dialog/")
    posts = []
    page.on("request", lambda request: request.method == "POST" and posts.append(request.url))
    page.route("**/look/dialog/", lambda route: (page.wait_for_timeout(300), route.continue_()))
    page.get_by_label("Deal").fill("Acme renewal")
    page.get_by_label("Probability").fill("80")
    page.get_by_role("button", name="Save").dblclick()
    page.wait_for_url("**/look/?saved")
    assert len(posts) == 1


def test_dialog_takes_the_page_and_returns_focus(page, sign_in, admin):
    sign_in(page.context, admin)
    page.goto("/look/")
    link = page.get_by_role("link", name="Open a dialog")
    link.click()
    page.locator("dialog[open]").get_by_role("heading", name="A dialog").wait_for()
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(link).to_be_focused()


def test_refused_form_in_a_dialog_keeps_what_was_typed(page, sign_in, admin):
    sign_in(page.context, admin)
    page.goto("/look/")
    page.get_by_role("link", name="Open a dialog").click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_label("Deal").fill("Acme renewal")
    dialog.get_by_label("Probability").fill("180")
    dialog.get_by_role("button", name="Save").click()
    dialog.locator(".field-error").first.wait_for()
    assert dialog.get_by_label("Deal").input_value() == "Acme renewal"
    dialog.get_by_label("Probability").fill("80")
    dialog.get_by_role("button", name="Save").click()
    page.wait_for_url("**/look/?saved")
    assert page.locator("dialog[open]").count() == 0


def test_shortcut_keys_can_be_switched_off(page, sign_in, admin):
    sign_in(page.context, admin)
    page.goto("/look/")
    line = page.get_by_label("What you did")
    page.keyboard.press("w")
    assert line.evaluate("field => field === document.activeElement")
    page.reload()
    page.locator("summary", has_text="Nora Lindqvist").click()
    page.get_by_role("button", name="Switch shortcut keys off").click()
    page.locator("html[data-keys=off]").wait_for()
    page.wait_for_load_state()
    page.keyboard.press("w")
    assert not line.evaluate("field => field === document.activeElement")
    page.locator("summary", has_text="Nora Lindqvist").click()
    page.get_by_role("button", name="Switch shortcut keys on").click()
    page.locator("html:not([data-keys=off])").wait_for()
    page.wait_for_load_state()
    page.keyboard.press("w")
    assert line.evaluate("field => field === document.activeElement")


def test_password_is_shown_on_request(page):
    page.goto("/accounts/login/")
    field = page.get_by_label("Password", exact=True)
    field.fill("secret words")
    page.get_by_role("button", name="Show the password").click()
    assert field.get_attribute("type") == "text"


def test_lost_network_is_said(page, console_errors, sign_in, admin):
    sign_in(page.context, admin)
    page.goto("/look/")
    page.context.set_offline(True)
    page.get_by_role("link", name="Open a dialog").click()
    page.locator(".toast.is-error", has_text="network").wait_for()
    assert page.locator("dialog[open]").count() == 0
    console_errors.clear()  # the browser says so too
