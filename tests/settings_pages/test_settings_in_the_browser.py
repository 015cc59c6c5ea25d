"""The settings as a browser, a keyboard and a screen reader meet them."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from accounts.models import Holiday, User
from accounts.services.invitations import make_invitation
from apr.models import PointRule, Target
from opportunities.models import Funnel, StageKind
from tests.factories import (
    LONG_AGO,
    AdminFactory,
    AEFactory,
    LeaderFactory,
    OpportunityFactory,
    PMFactory,
    TargetFactory,
    TeamFactory,
    UserFactory,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDTHS = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}
PAGES = [
    "/settings/",
    "/settings/funnels/",
    "/settings/action-types/",
    "/settings/point-rules/",
    "/settings/targets/",
    "/settings/teams/",
    "/settings/people/",
    "/settings/organisation/",
    "/settings/calendar/",
    "/settings/currencies/",
    "/settings/lists/",
    "/settings/people/new/",
    "/settings/targets/new/",
    "/settings/trials/new/",
    "/profile/",
]


@pytest.fixture
def admin(page, sign_in):
    admin = AdminFactory(name="Elif Maes")
    sign_in(page.context, admin)
    return admin


@pytest.fixture
def organisation(admin):
    """Something on every page."""
    nora, ana = PMFactory(name="Nora Lindqvist"), AEFactory(name="Ana Kovač")
    sales = TeamFactory(name="Sales", leaders=[LeaderFactory(name="Oskar Weiss")])
    TeamFactory(name="North", parent=sales, members=[ana, nora])
    TargetFactory(role="partner_manager", set_by=admin)
    OpportunityFactory(owner=ana)
    Holiday.objects.create(date=LONG_AGO, name="Founders' day")


def barriers(page):
    found = Axe().run(page).response["violations"]
    return [
        (rule["id"], rule["impact"], [node["html"][:160] for node in rule["nodes"]])
        for rule in found
        if rule["impact"] != "minor"
    ]


def stages():
    rows = Funnel.objects.get().stages.filter(kind=StageKind.OPEN, is_active=True)
    return list(rows.values_list("name", flat=True))


def save(page):
    page.get_by_role("button", name="Save changes").click()
    page.locator(".toast").first.wait_for()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_no_barriers_and_no_complaints(page, organisation, width, theme):
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.set_viewport_size(WIDTHS[width])
    for path in PAGES:
        page.goto(path)
        assert (path, barriers(page)) == (path, [])
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} scrolls sideways"


def test_dialogs_have_no_barriers(page, organisation):
    for path, link in [
        ("/settings/funnels/", "More about Qualify"),
        ("/settings/point-rules/", "New rule"),
        ("/settings/people/", "Person"),
    ]:
        page.goto(path)
        page.get_by_role("link", name=link, exact=True).click()
        page.locator("dialog[open] form").first.wait_for()
        assert (path, barriers(page)) == (path, [])


def test_dragged_order_is_saved(page, admin):
    page.goto("/settings/funnels/")
    page.locator("[data-grip]").nth(2).drag_to(page.locator("[data-sort-item]").nth(0))
    expect(page.locator("[data-sort-item]").first).to_have_attribute("data-name", "Solution fit")
    expect(page.locator("[data-sort-words]")).to_contain_text("Solution fit, dropped, position 1 of 5")
    save(page)
    assert stages() == ["Solution fit", "Qualify", "Discovery", "Proposal", "Negotiation"]


def test_keyboard_lifts_moves_and_drops_aloud(page, admin):
    page.goto("/settings/funnels/")
    words = page.locator("[data-sort-words]")
    grip = page.get_by_role("button", name="Move Solution fit")
    grip.focus()
    page.keyboard.press("Space")
    expect(words).to_have_text("Solution fit, lifted, position 3 of 5")
    expect(grip).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(words).to_have_text("Solution fit, position 1 of 5")
    page.keyboard.press("ArrowDown")
    expect(grip).to_be_focused()
    page.keyboard.press("Space")
    expect(words).to_have_text("Solution fit, dropped, position 2 of 5. Not saved yet.")
    assert stages()[0] == "Qualify"
    save(page)
    assert stages() == ["Qualify", "Solution fit", "Discovery", "Proposal", "Negotiation"]


def test_escape_puts_the_row_back(page, admin):
    page.goto("/settings/funnels/")
    page.get_by_role("button", name="Move Negotiation").focus()
    for key in ("Space", "ArrowUp", "ArrowUp", "Escape"):
        page.keyboard.press(key)
    expect(page.locator("[data-sort-words]")).to_have_text("Negotiation, put back, position 5 of 5")
    save(page)
    assert stages()[-1] == "Negotiation"


def test_tapping_moves_without_dragging(page, admin):
    page.set_viewport_size(WIDTHS["phone"])
    page.goto("/settings/funnels/")
    page.get_by_role("button", name="Move Qualify").click()
    page.get_by_role("button", name="Move down").click()
    save(page)
    assert stages()[:2] == ["Discovery", "Qualify"]


def test_refused_value_stands_with_its_message_under_the_row(page, console_errors, admin):
    page.goto("/settings/funnels/")
    page.get_by_label("Probability of Proposal").fill("180")
    page.get_by_label("Stage of Qualify").fill("First talk")
    page.get_by_role("button", name="Save changes").click()
    page.get_by_text("Nothing is saved yet").wait_for()
    assert page.get_by_label("Probability of Proposal").input_value() == "180"
    row = page.locator("[data-sort-item]", has=page.get_by_label("Probability of Proposal"))
    expect(row.locator(".field-error")).to_contain_text("Probability")
    assert page.locator("input[value='First talk']").count() == 1
    console_errors.clear()  # the browser reports the 422


def test_new_rule_from_the_dialog(page, admin):
    page.goto("/settings/point-rules/")
    page.get_by_role("link", name="New rule").click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_label("Action type").select_option(label="Webinar / demo")
    dialog.get_by_label("Points", exact=True).fill("3")
    dialog.get_by_role("button", name="Add rule").click()
    page.get_by_text("One change is waiting: Webinar / demo").wait_for()
    assert PointRule.objects.filter(points=3, action_type__key="webinar").count() == 1
    assert page.locator(".rule-bars .is-planned").count() == 1


def test_target_dialog_says_what_a_day_owes(page, admin):
    page.goto("/settings/targets/")
    page.get_by_role("link", name="New target").click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_label("For", exact=True).select_option(label="Partner manager")
    dialog.get_by_label("What", exact=True).select_option(label="APR points")
    dialog.get_by_label("Value").fill("60")
    expect(dialog.locator("#target-preview")).to_contain_text("on each of the")
    dialog.get_by_label("Why").fill("Actions come before results.")
    dialog.get_by_role("button", name="Set target").click()
    page.get_by_text("1 target in force").wait_for()
    assert Target.objects.get().value == 60


def test_regions_follow_the_country(page, admin):
    page.goto("/settings/calendar/country/")
    page.get_by_label("Country").select_option("DE")
    page.get_by_label("Region").locator("option[value=BY]").wait_for(state="attached")
    page.get_by_label("Region").select_option("BY")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Germany, Bayern.").wait_for()
    assert Holiday.objects.filter(from_calendar=True).exists()


def test_invited_person_comes_in_with_the_time_zone_of_the_browser(browser, live_server, page):
    zane = UserFactory(name="Zane Levy", email="zane@fieldstone.example")
    zane.set_unusable_password()
    zane.save()
    token = make_invitation(person=zane, by=AdminFactory())
    context = browser.new_context(base_url=live_server.url, timezone_id="Europe/Madrid")
    theirs = context.new_page()
    theirs.goto(f"/invitation/{token}/")
    assert theirs.get_by_label("Time zone").input_value() == "Europe/Madrid"
    assert barriers(theirs) == []
    theirs.get_by_label("Password", exact=True).fill("four lakes and a lantern")
    theirs.get_by_role("button", name="Start").click()
    theirs.wait_for_url(live_server.url + "/")
    theirs.goto("/profile/")
    assert theirs.get_by_role("heading", name="Zane Levy").count() == 1
    assert User.objects.get(pk=zane.pk).time_zone == "Europe/Madrid"
    context.close()
