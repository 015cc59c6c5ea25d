"""The whole story of two people in two browsers: brought, accepted, coached, blocked, cleared, promised, won.

The joint scorecard at its end is worked out by hand. Of Nora: involvement, at the ink and obstacles 1 of 1
each, commitments 0 of 1, so (1 + 1 + 1 + 0) / 4 = 75.0. Of Ana: documented, moving, follow-through and
commitments 1 of 1 each, so 100.0. Together √(75 × 100) = 86.6.
"""

import re
from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from playwright.sync_api import BrowserContext, Page, expect

from accounts.models import Organisation, TeamKind, User
from apr.periods import PeriodKind, period_containing
from apr.rollup.drain import drain
from exchange.api.tokens import issue_token
from opportunities.models import Opportunity
from tests.factories import AEFactory, LeaderFactory, PartnerFactory, PMFactory, TeamFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DEAL = "Birch rollout"


@pytest.fixture
def enter(
    new_context: Callable[..., BrowserContext], sign_in: Callable[[BrowserContext, User], None]
) -> Callable[[User], Page]:
    def open_browser(person: User) -> Page:
        context = new_context(viewport={"width": 1440, "height": 1000})
        sign_in(context, person)
        return context.new_page()

    return open_browser


def press(page: Page, path: str, link: str) -> None:
    """Opens a panel of the deal's page."""
    page.goto(path)
    page.get_by_role("link", name=link).first.click()
    page.locator("dialog[open] form").wait_for()


def send(page: Page) -> None:
    """Sends the panel and waits until the page has followed."""
    page.locator("dialog[open] .form-acts button.is-primary").click()
    page.locator("dialog[open]").wait_for(state="detached")
    page.wait_for_load_state()


def log(page: Page, path: str, line: str, read: str) -> None:
    page.goto(path)
    page.wait_for_load_state()
    page.keyboard.press("l")
    panel = page.locator("dialog[open]")
    panel.get_by_label("What you did").fill(line)
    panel.locator(".log-source", has_text=f"“{read}”").wait_for()
    panel.get_by_role("button", name="Save").last.click()
    page.locator(".toast").first.wait_for()


def promise(page: Page, path: str, text: str, to: str, day: date) -> None:
    press(page, path, "Promise something")
    panel = page.locator("dialog[open]")
    panel.get_by_label("What do you promise?").fill(text)
    panel.get_by_label("To whom?").select_option(label=to)
    panel.get_by_label("By when?").fill(day.isoformat())
    send(page)


def standing(page: Page, path: str) -> list[str]:
    """The score of both, of the partner manager and of the account executive, as the page says them."""
    page.goto(path)
    texts = page.locator("main").inner_text()
    return re.findall(r"\d+\.\d", re.search(r"√\(.*?\) = \d+\.\d", texts.replace("\n", " "))[0])


def test_both_scorecards_tell_what_two_people_did(enter):
    nora_, ana_ = PMFactory(name="Nora Lindqvist"), AEFactory(name="Ana Kovač")
    priya, lars, far = LeaderFactory(name="Priya Menon"), LeaderFactory(name="Lars Dekker"), LeaderFactory()
    TeamFactory(name="Alliances", kind=TeamKind.PARTNER, leaders=[priya], members=[nora_])
    TeamFactory(name="Sales West", leaders=[lars], members=[ana_])
    PartnerFactory(name="Norrvik Systems", managers=[nora_])
    today = Organisation.current().today()
    nora, ana = enter(nora_), enter(ana_)

    # Nora brings a deal through a partner and offers it; Ana accepts.
    nora.goto("/opportunities/new/")
    nora.get_by_label("Name").fill(DEAL)
    nora.get_by_label("Amount").fill("50,000")
    nora.locator("#deal-partner").select_option(label="Norrvik Systems")
    nora.get_by_label("Offer it to").select_option(label="Ana Kovač")
    nora.get_by_role("button", name="Open the deal").click()
    nora.get_by_text("You offer this deal to Ana Kovač").wait_for()
    deal = Opportunity.objects.get()
    path = f"/opportunities/{deal.pk}/"
    ana.goto("/")
    ana.get_by_role("listitem").filter(has_text=f"Nora offers you {DEAL}").wait_for()
    ana.goto(path)
    ana.get_by_role("button", name="Accept", exact=True).click()
    ana.get_by_text(f"Accepted. {DEAL} is yours.").wait_for()

    # Coaching, and work on the deal.
    log(nora, path, f"coached Ana on {DEAL} 30m", "coached")
    log(ana, path, f"e-mail on {DEAL}", "e-mail")

    # An obstacle that needs the partner, cleared with it on the same day.
    press(ana, path, "Raise an obstacle")
    panel = ana.locator("dialog[open]")
    panel.get_by_label("What blocks the deal?").fill("Security papers")
    panel.get_by_label("It needs the partner").check()
    panel.get_by_label("Which partner?").select_option(label="Norrvik Systems")
    panel.get_by_label("Who clears it?").select_option(label="Nora Lindqvist")
    panel.get_by_label("By when?").fill(today.isoformat())
    send(ana)
    press(nora, path, "Cleared Security papers")
    nora.locator("dialog[open]").get_by_label("How was it cleared?").fill("Norrvik sent them")
    send(nora)

    # Promises both ways: Ana keeps hers, Nora breaks hers.
    promise(ana, path, "Name the signatory", "Nora Lindqvist", today)
    ana.get_by_role("button", name="Kept Name the signatory").click()
    ana.locator("#timeline li", has_text="Promise kept").first.wait_for()
    promise(nora, path, "Bring the discount letter", "Ana Kovač", today)
    nora.get_by_label("More about “Bring the discount letter”").click()
    nora.get_by_role("button", name="It was broken").click()
    nora.locator("#timeline li", has_text="Promise broken").first.wait_for()

    # Won.
    ana.goto(f"{path}move/")
    ana.locator("main").get_by_role("radio", name="Won").check()
    for criterion in ana.locator("main").get_by_role("checkbox").all():
        criterion.check()
    ana.locator("main").get_by_role("button", name="Move", exact=True).click()
    ana.wait_for_url(f"**{path}")
    deal.refresh_from_db()
    assert (deal.status, deal.owner, deal.partner_manager) == ("won", ana_, nora_)

    key = period_containing(today, PeriodKind.MONTH).key
    pair = f"/apr/pairs/{nora_.pk}/{ana_.pk}/?period={key}"
    for _ in ("pending", "rolled up"):
        for page in (nora, ana, enter(priya), enter(lars)):
            assert standing(page, pair) == ["75.0", "100.0", "86.6"]
        drain()
    far_page = enter(far)
    assert far_page.goto(pair).status == 404

    answer = (
        Client()
        .get(
            "/api/v1/joint-scorecards/",
            {"partner_manager": nora_.pk, "account_executive": ana_.pk, "period": key},
            headers={"authorization": f"Bearer {issue_token(by=ana_, name='test')[1]}"},
        )
        .json()
    )
    assert answer["joint_score"] == 86.6025
    told = {
        one["key"]: (one["numerator"], one["denominator"])
        for side in answer["sides"].values()
        for one in side["components"]
        if one["denominator"]
    }
    assert told.pop("pm_commitments") == (0, 1)
    assert set(told.values()) == {(1, 1)}

    nora.goto(f"/apr/?period={key}")  # a coaching session and a cleared obstacle: 2 + 3
    expect(nora.locator(".figures > div", has_text="counted").locator(".figure")).to_have_text("5")
