"""Bringing a file in as an administrator does it: choose, look, say the word, watch it count."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from exchange.importing.plan import apply_all, check
from exchange.tasks import run_imports
from opportunities.models import Opportunity
from tests.exchange.files import CUSTOMERS, DEALS, HEADER, TEAMS
from tests.factories import AdminFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def barriers(page):
    """Accessibility rules broken at the level moderate or above."""
    found = Axe().run(page).response["violations"]
    return [(rule["id"], rule["nodes"][0]["html"][:160]) for rule in found if rule["impact"] != "minor"]


@pytest.fixture
def start(page, sign_in):
    """The import page of an administrator."""
    for kind, text in (("teams", TEAMS), ("customers", CUSTOMERS)):
        apply_all(check(text.encode(), kind=kind, preset="maven"), None)
    sign_in(page.context, AdminFactory(name="Elif Maes"))
    page.goto("/import/")
    return page


def choose(page, text):
    page.get_by_label("What it holds").select_option("opportunities")
    page.get_by_label("Columns of").select_option("maven")
    page.get_by_label("File").set_input_files({"name": "deals.csv", "mimeType": "text/csv", "buffer": text})
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_text("The file is being read.")).to_be_visible()


def test_a_file_goes_in_and_the_page_keeps_up_by_itself(start):
    page = start
    assert barriers(page) == []
    choose(page, DEALS.encode())
    run_imports()
    page.get_by_role("button", name="Bring it in").click()
    expect(page.get_by_text("0 of 4 rows")).to_be_visible()
    assert barriers(page) == []
    run_imports()
    expect(page.get_by_role("heading", name="Done")).to_be_visible()
    assert Opportunity.objects.count() == 4


@pytest.mark.parametrize("width", [1440, 390])
def test_a_wrong_file_is_told_on_desk_and_phone(start, width):
    page = start
    page.set_viewport_size({"width": width, "height": 900})
    choose(page, f"{HEADER}X1,Who,GTX,,Won,2017-02-01,soon,-1\n".encode())
    run_imports()
    expect(page.get_by_role("heading", name="Refused")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("2 sales_agent “Who” is not known here."))).to_be_visible()
    assert barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"


def test_a_form_without_a_file_says_so_where_it_stands(start, console_errors):
    page = start
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_text("This field is required.").first).to_be_visible()
    assert barriers(page) == []
    console_errors.clear()  # the browser reports the 422
