"""Find: what one may open, by its name, also where the name was typed wrongly."""

import pytest
from django.test import Client
from playwright.sync_api import expect

from tests.factories import (
    AdminFactory,
    AEFactory,
    CustomerFactory,
    LeaderFactory,
    OpportunityFactory,
    PartnerFactory,
    PMFactory,
    TeamFactory,
)

pytestmark = pytest.mark.django_db


def found(reader, text):
    """The names found, kind by kind."""
    client = Client()
    client.force_login(reader)
    page = client.get("/find/", {"q": text})
    assert page.status_code == 200
    return {str(label): [one.name for one in things] for label, _icon, things in page.context["found"]}


@pytest.fixture
def nora():
    return PMFactory(name="Nora Lindqvist")


@pytest.fixture
def world(nora):
    customer = CustomerFactory(name="Größe & Söhne")
    ana = AEFactory(name="Ana Kovač")
    OpportunityFactory(name="Acme renewal", owner=ana, partner_manager=nora, customer=customer)
    OpportunityFactory(name="Acme expansion")  # of others
    PartnerFactory(name="Norrvik Systems", managers=[nora])
    PartnerFactory(name="Norrland Cloud")  # of others
    return ana


def test_one_finds_what_one_may_open_and_nothing_else(world, nora):
    assert found(nora, "acme") == {"Opportunities": ["Acme renewal"]}
    assert found(nora, "norr") == {"Partners": ["Norrvik Systems"]}
    assert found(world, "norr") == {}
    assert found(world, "nora") == {}  # her scores are not for Ana
    assert found(nora, "nora") == {"People": ["Nora Lindqvist"]}
    assert set(found(AdminFactory(), "acme")["Opportunities"]) == {"Acme renewal", "Acme expansion"}


def test_a_leader_finds_their_people_and_teams(world, nora):
    priya = LeaderFactory(name="Priya Menon")
    TeamFactory(name="Alliances North", leaders=[priya], members=[nora])
    TeamFactory(name="Alliances South")
    assert found(priya, "lindq") == {"People": ["Nora Lindqvist"]}
    assert found(priya, "alliances") == {"Teams": ["Alliances North"]}


@pytest.mark.parametrize(
    "typed", ["acne", "acne renewal", "akme renewl", "renewla", "Acme  RENEWAL", "renewal acme"]
)
def test_typing_errors_are_forgiven(world, nora, typed):
    assert found(nora, typed) == {"Opportunities": ["Acme renewal"]}


def test_accents_may_be_left_out_and_customers_name_their_deals(world):
    assert found(world, "Kovac") == {"People": ["Ana Kovač"]}
    assert found(world, "grösse söhne") == {"Opportunities": ["Acme renewal"]}


@pytest.mark.parametrize("typed", ["%", "_", "\\", "'", "x" * 500, "<script>", "zzzz qqqq", "\x00q\x00q"])
def test_odd_words_find_nothing_and_break_nothing(world, nora, typed):
    assert found(nora, typed) == {}


def test_pages_are_those_of_ones_roles(nora):
    assert "Point rules" not in found(nora, "")["Pages"]
    assert found(nora, "my po") == {"Pages": ["My points"]}
    assert found(AdminFactory(), "point rul") == {"Pages": ["Point rules"]}


@pytest.mark.parametrize("typed", ["acme", "akme renewl"])
def test_the_number_of_queries_does_not_grow(world, nora, typed, django_assert_max_num_queries):
    for number in range(20):
        OpportunityFactory(name=f"Acme renewal {number}", owner=world, partner_manager=nora)
    client = Client()
    client.force_login(nora)
    with django_assert_max_num_queries(14):
        assert len(client.get("/find/", {"q": typed}).context["found"][0][2]) == 6


def test_who_is_not_signed_in_is_asked_to():
    assert Client().get("/find/?q=acme").status_code == 302


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_two_keys_a_name_and_enter(world, nora, new_context, sign_in):
    context = new_context()
    sign_in(context, nora)
    page = context.new_page()
    page.goto("/partners/")
    page.keyboard.press("Control+k")
    line = page.locator("dialog[open]").get_by_label("Deal, partner, person or page")
    expect(line).to_be_focused()
    line.press_sequentially("acne")
    page.locator("#found [data-text=acne]").get_by_role("link", name="Acme renewal").wait_for()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#found").get_by_role("link", name="Acme renewal")).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Acme renewal")
    page.wait_for_load_state()
    page.keyboard.press("?")
    page.locator("dialog[open] summary", has_text="Keys").click()
    expect(page.get_by_text("Log what you did, from any page")).to_be_visible()
