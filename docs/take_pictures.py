"""Takes the pictures of the README from the running demo: `python docs/take_pictures.py [ADDRESS]`.

Start `python3 run.py` first. Needs the development requirements and Chromium (CHROME, or on PATH).
"""

import os
import shutil
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

PICTURES = Path(__file__).parent / "pictures"
PASSWORD = os.environ.get("DEMO_PASSWORD", "actions precede results")
NORA, ANA, PRIYA, ELIF = (
    f"{name}@fieldstone.example" for name in ("nora.lindqvist", "ana.kovac", "priya.menon", "elif.maes")
)


def signed_in(browser: Browser, site: str, email: str, **look: Any) -> Page:
    """A page of somebody signed in, 1440 wide unless told otherwise."""
    context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **look})
    page = context.new_page()
    page.goto(f"{site}/accounts/login/")
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url(f"{site}/")
    page.goto(f"{site}/")  # once more, without the greeting
    return page


def take(page: Page, name: str, *, whole: bool = True) -> None:
    """Writes one picture once the page is quiet."""
    page.wait_for_load_state("networkidle")
    page.screenshot(path=PICTURES / f"{name}.png", full_page=whole, animations="disabled")


def take_all(browser: Browser, site: str) -> None:
    """The pictures, each as the person who has that page open all day."""
    page = signed_in(browser, site, NORA)
    take(page, "home")
    page.keyboard.press("l")
    panel = page.locator("dialog[open]")
    panel.get_by_label("What you did").fill("coached Ana on Acme renewal 30m yesterday")
    panel.locator(".log-source", has_text="“yesterday”").wait_for()
    take(page, "log", whole=False)
    page.goto(f"{site}/opportunities/?search=Acme+renewal")
    page.get_by_role("link", name="Acme renewal").first.click()
    take(page, "opportunity")
    for name, email, path in (
        ("board", ANA, "/opportunities/board/"),
        ("settings", ELIF, "/settings/funnels/"),
    ):
        page = signed_in(browser, site, email)
        page.goto(site + path)
        take(page, name)
    page = signed_in(browser, site, PRIYA)
    page.goto(f"{site}/apr/teams/")  # who leads a single team goes straight to it
    take(page, "team")
    page.goto(f"{site}/apr/pairs/")
    pair = page.get_by_role("row").filter(has_text="Nora Lindqvist").filter(has_text="Ana Kovač")
    pair.get_by_role("link").first.click()
    page.wait_for_load_state()
    take(page, "pair")
    page = signed_in(browser, site, ELIF)
    page.goto(f"{site}/apr/evidence/")  # the worker looks within a minute of the first start
    page.get_by_text("How sure this is").wait_for()
    take(page, "evidence")
    phone = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}
    take(signed_in(browser, site, NORA, **phone), "home-phone-dark", whole=False)


def main() -> None:
    site = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000"
    chrome = os.environ.get("CHROME") or shutil.which("chromium") or shutil.which("google-chrome")
    PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chrome, args=["--no-sandbox"])
        take_all(browser, site)
        browser.close()


if __name__ == "__main__":
    main()
