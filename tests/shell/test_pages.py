"""What every answer carries, and the pages for what goes wrong."""

import gzip
import re

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import path

from accounts.models import User
from partnerhub import errors
from partnerhub.urls import urlpatterns as site
from tests.factories import PMFactory

pytestmark = pytest.mark.django_db


def breaks(_request):
    raise RuntimeError("broken on purpose")


class WithBrokenPage:
    """The site with one page that always fails."""

    urlpatterns = [*site, path("broken/", breaks), path("accepts/", lambda _request: HttpResponse("ok"))]
    handler403, handler404, handler500 = errors.forbidden, errors.not_found, errors.server_error


def test_answers_forbid_what_pages_do_not_need(client):
    policy = client.get("/accounts/login/")["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy  # nothing from elsewhere


def test_each_answer_has_an_id_of_its_own(client):
    first, second = (client.get("/ready/")["X-Request-ID"] for _ in range(2))
    assert re.fullmatch("[0-9a-f]{16}", first)
    assert first != second


@pytest.mark.parametrize(("url", "status"), [("/nothing/here/", 404), ("/health/", 403)])
def test_a_page_that_refuses_names_its_request(client, url, status):
    answer = client.get(url)
    assert answer.status_code == status
    assert answer["X-Request-ID"] in answer.content.decode()


def test_a_broken_page_says_so_without_details_and_names_its_request(settings):
    settings.ROOT_URLCONF = WithBrokenPage
    answer = Client(raise_request_exception=False).get("/broken/")
    assert answer.status_code == 500
    assert answer["X-Request-ID"] in answer.content.decode()
    assert "on purpose" not in answer.content.decode()


def test_a_stale_form_is_told_to_reload(settings):
    settings.ROOT_URLCONF = WithBrokenPage
    answer = Client(enforce_csrf_checks=True).post("/accepts/")
    assert answer.status_code == 403
    assert "reload the page" in answer.content.decode()


def test_nobody_signs_up_alone(client):
    passwords = {"password1": "a-Long-1-word", "password2": "a-Long-1-word"}
    client.post("/accounts/signup/", {"email": "x@example.com", **passwords})
    assert not User.objects.exists()


@pytest.mark.browser
def test_the_sign_in_page_is_silent_in_the_console(page):
    page.goto("/accounts/login/")
    assert page.locator("input[type=password]").is_visible()


def test_pages_travel_compressed_and_answers_to_programs_do_not(client):
    page = client.get("/accounts/login/", headers={"Accept-Encoding": "gzip"})
    assert page["Content-Encoding"] == "gzip"
    assert "</html>" in gzip.decompress(page.content).decode()
    assert "Content-Encoding" not in client.get("/api/schema/", headers={"Accept-Encoding": "gzip"})


def test_a_page_of_other_roles_says_whose_it_is(client):
    client.force_login(PMFactory())
    answer = client.get("/settings/audit/")
    assert answer.status_code == 403
    assert "This page belongs to other roles than yours" in answer.text
