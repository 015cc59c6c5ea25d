"""Sign-in and security as a browser meets them: no barriers, and a passkey instead of a password."""

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from partnerhub.identity import openid_connect
from tests.factories import PASSWORD, AEFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
OUTSIDE = [
    "/accounts/login/",
    "/accounts/login/?ended=1&next=/",
    "/accounts/password/reset/",
    "/accounts/signup/",
]
INSIDE = [
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/2fa/",
    "/accounts/2fa/totp/deactivate/",
    "/accounts/2fa/recovery-codes/",
    "/accounts/2fa/webauthn/add/",
    "/accounts/sessions/",
    "/accounts/reauthenticate/",
    "/accounts/2fa/reauthenticate/",
    "/accounts/logout/",
]


def barriers(page):
    found = Axe().run(page).response["violations"]
    return [
        (rule["id"], rule["impact"], [node["html"][:160] for node in rule["nodes"]])
        for rule in found
        if rule["impact"] != "minor"
    ]


def look_at(page, path):
    page.goto(path)
    assert (path, barriers(page)) == (path, [])
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} scrolls sideways"


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 390)])
def test_no_barriers(page, sign_in, settings, theme, width):
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": openid_connect(
            name="Fieldstone", issuer="https://idp.example", client_id="hub", secret="between-us"
        )
    }
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 844})
    ana, bo = AEFactory(name="Ana"), AEFactory(name="Bo")
    for path in OUTSIDE:
        look_at(page, path)
    page.goto("/accounts/login/")
    page.get_by_label("E-mail").fill(ana.email)
    page.get_by_label("Password", exact=True).fill("not this one")
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_text("E-mail and password do not match.").first.wait_for()
    assert barriers(page) == []
    sign_in(page.context, bo)
    look_at(page, "/accounts/2fa/totp/activate/")
    TOTP.activate(ana, SECRET)
    RecoveryCodes.activate(ana)
    sign_in(page.context, ana)
    for path in INSIDE:
        look_at(page, path)
    page.context.clear_cookies()
    page.goto("/accounts/login/")
    page.get_by_label("E-mail").fill(ana.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/accounts/2fa/authenticate/")
    assert barriers(page) == []


def test_a_passkey_opens_the_door_alone(page):
    """Chromium plays the key: one with a fingerprint that is always right."""
    ana = AEFactory(name="Ana")
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    key = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True}
    key |= {"hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True}
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": key})
    page.goto("/accounts/login/?next=/accounts/2fa/webauthn/add/")
    page.get_by_label("E-mail").fill(ana.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_label("Passwordless").check()
    page.get_by_role("button", name="Add", exact=True).click()
    page.wait_for_url("**/accounts/2fa/recovery-codes/")
    page.goto("/accounts/logout/")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/accounts/login/")
    page.goto("/accounts/login/?next=/profile/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/profile/")
    expect(page.locator("h1")).to_contain_text("Ana")
