"""The day as a browser, a screen reader and a keyboard meet it."""

import re
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import expect

from apr.models import Action
from tests.factories import (
    ActionFactory,
    AEFactory,
    CommitmentFactory,
    OpportunityFactory,
    PMFactory,
    TargetFactory,
    action_type,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDTHS = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}


@pytest.fixture
def nora():
    return PMFactory(name="Nora Lindqvist")


@pytest.fixture
def acme(nora):
    """A deal near its close, a promise, an action that waits for a word, and one of today."""
    ana, today = AEFactory(name="Ana Kovač"), timezone.localdate()
    deal = OpportunityFactory(
        name="Acme renewal", owner=ana, partner_manager=nora, expected_close_on=today + timedelta(days=9)
    )
    TargetFactory(user=nora)
    CommitmentFactory(opportunity=deal, made_by=nora, made_to=ana, due_on=today)
    ActionFactory(actor=ana, opportunity=deal, counterpart=nora, occurred_at=timezone.now())
    return deal


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("path", ["/", "/log/", "/actions/", "/actions/waiting/"])
def test_no_barriers_and_no_complaints(page, sign_in, nora, acme, path, width, theme):
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.set_viewport_size(WIDTHS[width])
    sign_in(page.context, nora)
    page.goto(path)
    broken = [rule for rule in Axe().run(page).response["violations"] if rule["impact"] != "minor"]
    assert [(rule["id"], [node["html"][:120] for node in rule["nodes"]]) for rule in broken] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"


def test_a_line_is_logged_by_keyboard_alone_and_undone(page, sign_in, nora, acme):
    sign_in(page.context, nora)
    page.goto("/")
    page.keyboard.press("l")
    line = page.locator("dialog[open]").get_by_label("What you did")
    line.wait_for()
    page.keyboard.type("coached Ana on Acme renewal 30m")
    page.locator("dialog .log-source", has_text="“coached”").wait_for()
    assert Axe().run(page).response["violations"] == []
    page.keyboard.press("Enter")
    page.get_by_role("heading", name=re.compile("2 of 60 points")).wait_for()
    assert Action.objects.get(actor=nora).duration_minutes == 30
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("heading", name=re.compile("0 of 60 points")).wait_for()
    assert Action.objects.get(actor=nora).is_voided


def test_closing_the_log_keeps_the_text(page, sign_in, nora, acme):
    sign_in(page.context, nora)
    page.goto("/")
    page.keyboard.press("l")
    page.locator("dialog[open]").get_by_label("What you did").wait_for()
    page.keyboard.type("called Acme")
    # The key is pressed in the very moment of closing, when the field has not lost the focus yet.
    had_focus = page.evaluate("""() => {
      document.querySelector("dialog[open]").close();
      const field = document.activeElement;
      field.dispatchEvent(new KeyboardEvent("keydown", { key: "l", bubbles: true }));
      return field.name;
    }""")
    assert had_focus == "line"
    line = page.locator("dialog[open]").get_by_label("What you did")
    expect(line).to_have_value("called Acme")
    page.keyboard.press("Escape")
    page.locator("dialog[open]").wait_for(state="detached")
    page.keyboard.press("l")
    expect(line).to_have_value("called Acme")


def test_one_press_does_it_in_place(page, sign_in, nora, acme):
    sign_in(page.context, nora)
    page.goto("/")
    page.evaluate("window.stays = true")
    page.get_by_role("button", name="Confirm").click()
    page.get_by_text("Confirmed:").wait_for()
    page.get_by_role("button", name="Call to Ana +1").click()
    page.get_by_role("heading", name=re.compile("1 of 60 points")).wait_for()
    page.get_by_role("button", name="Kept").click()
    page.get_by_text("Kept: Send the offer").wait_for()
    assert page.evaluate("window.stays"), "the page was loaded anew"
    kept = Action.objects.exclude(actor=nora).get()
    assert kept.confirmation == "confirmed"
    assert Action.objects.get(actor=nora).action_type == action_type("call_to")


def test_a_field_set_by_hand_stays_while_the_line_goes_on(page, sign_in, nora, acme):
    sign_in(page.context, nora)
    page.goto("/log/?line=coached Ana on Acme renewal")
    page.get_by_label("As").select_option("partner_manager")
    page.locator(".log-source", has_text="as you set it").wait_for()
    page.get_by_label("What you did").focus()
    page.keyboard.press("End")
    page.keyboard.type(" yesterday")
    page.locator(".log-source", has_text="“yesterday”").wait_for()
    assert page.get_by_label("As").input_value() == "partner_manager"
