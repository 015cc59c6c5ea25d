"""A session that ends in the middle of a form: what was typed comes back with the person."""

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from accounts.models import User
from apr.models import Action
from tests.factories import PASSWORD, AdminFactory, AEFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def sign_in_again(page, person):
    expect(page.locator(".notice")).to_contain_text("Your session ended.")
    page.get_by_label("E-mail").fill(person.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def end_all_sessions():
    Session.objects.all().delete()
    UserSession.objects.all().delete()


def test_on_a_page(page, sign_in, console_errors):
    ana = AEFactory(name="Ana")
    sign_in(page.context, ana)
    page.goto("/profile/")
    page.get_by_label("Name").fill("Ana Kovač")
    page.get_by_label("Time zone").select_option("Europe/Zagreb")
    end_all_sessions()
    page.get_by_role("button", name="Save", exact=True).click()
    sign_in_again(page, ana)
    expect(page.locator(".toast").filter(has_text="What you typed is back.")).to_be_visible()
    expect(page.get_by_label("Name")).to_have_value("Ana Kovač")
    expect(page.get_by_label("Time zone")).to_have_value("Europe/Zagreb")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".toast").first).to_contain_text("Your profile is saved.")
    assert User.objects.get(pk=ana.pk).name == "Ana Kovač"


def test_in_the_dialog_but_for_nobody_else(page, sign_in, console_errors):
    ada, eve = AdminFactory(name="Ada"), AdminFactory(name="Eve")
    sign_in(page.context, ada)
    for person, typed in ((eve, ""), (ada, "North")):
        page.goto("/settings/teams/")
        page.get_by_role("link", name="Add the first one").click()
        page.locator("dialog[open]").get_by_label("Name").fill("North")
        end_all_sessions()
        page.locator("dialog[open] form button[type=submit]").click()
        sign_in_again(page, person)
        if typed:
            page.wait_for_url("**/settings/teams/new/")
            expect(page.get_by_label("Name")).to_have_value(typed)
        else:
            page.wait_for_url("**/settings/teams/")
            assert page.evaluate("sessionStorage.getItem('typed')") is None
            sign_in(page.context, ada)
    console_errors.clear()  # the browser reports the 401


def test_in_the_line_of_the_log(page, sign_in, console_errors):
    ana = AEFactory(name="Ana")
    sign_in(page.context, ana)
    page.goto("/opportunities/")
    page.keyboard.press("l")
    line = page.locator("dialog[open] textarea[name=line]")
    with page.expect_response("**/log/reading/"):
        line.fill("Called Acme about the offer")
    end_all_sessions()
    line.press("Enter")
    sign_in_again(page, ana)
    page.wait_for_url("**/opportunities/")
    page.keyboard.press("l")
    expect(line).to_have_value("Called Acme about the offer")
    assert not Action.objects.exists()
    console_errors.clear()  # the browser reports the 401
