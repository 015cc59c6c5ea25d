"""What every test may lean on: a clean cache, a browser that reports its errors, somebody signed in."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.db import connection
from django.db.backends.base.operations import BaseDatabaseOperations
from django.db.models.signals import pre_save
from django.test import Client
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import BrowserContext, Page, expect

from audit import triggers as audit_triggers
from foundation.changes import Changing
from foundation.triggers import drop, installed

# Playwright runs an event loop in this thread; our tests use the database beside it, not in it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
# A busy machine is slow; that says nothing about what is tested. The suite tries the same examples each time,
# so that it fails for what was changed; `--hypothesis-profile=search` looks further, with others.
hypothesis_settings.register_profile(
    "search", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
hypothesis_settings.register_profile("suite", hypothesis_settings.get_profile("search"), derandomize=True)
hypothesis_settings.load_profile("suite")
expect.set_options(timeout=30_000)  # as long as everything else in the browser may take
CHROMIUM = ("chromium", "google-chrome", "chromium-browser")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A browser that timed out on a busy machine gets one more try; the summary (`-r R`) names the test.

    A wrong figure, word or status does not: an assertion that fails has failed.
    """
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.flaky(reruns=1, only_rerun=["TimeoutError"]))


@pytest.fixture(autouse=True)
def _fresh_cache() -> None:
    """Rate limits of one test do not reach the next."""
    cache.clear()


@pytest.fixture(autouse=True)
def _changes_are_dated() -> Iterator[None]:
    """Whoever writes some columns of a row that remembers its last write also writes when."""

    def check(instance: Any, update_fields: frozenset[str] | None, **_: Any) -> None:
        if update_fields and isinstance(instance, Changing):
            assert "updated_at" in update_fields, f"{type(instance).__name__}: {sorted(update_fields)}"

    pre_save.connect(check)
    yield
    pre_save.disconnect(check)


@pytest.fixture(scope="session", autouse=True)
def _no_connection_left(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A server thread that still holds PostgreSQL must not keep the test database from being dropped."""
    yield
    with django_db_blocker.unblock():
        if connection.vendor == "postgresql":
            connection.close()  # ours may be gone as well: what is tested ends connections
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )


class Answering:
    """The requests that server threads are busy with. A browser that closes does not wait for their end."""

    def __init__(self) -> None:
        self._threads: set[threading.Thread] = set()
        self._changed = threading.Condition()
        request_started.connect(self._begin)
        request_finished.connect(self._end)

    def _begin(self, **_: Any) -> None:
        if threading.current_thread() is not threading.main_thread():
            self._threads.add(threading.current_thread())

    def _end(self, **_: Any) -> None:
        with self._changed:
            self._threads.discard(threading.current_thread())
            self._changed.notify_all()

    def wait(self) -> None:
        """Until they are answered; one whose thread hangs is given up after a while."""
        with self._changed:
            self._changed.wait_for(lambda: not any(one.is_alive() for one in self._threads), timeout=30)
            self._threads.clear()


@pytest.fixture(scope="session", autouse=True)
def _tables_can_be_emptied() -> Iterator[None]:
    """Between tests that commit, Django empties all tables; the audit log refuses that everywhere else.

    The migrate signal that follows makes its triggers again. What is being read or written meanwhile would
    be in the way, or end up in the next test.
    """
    empty, answering = BaseDatabaseOperations.execute_sql_flush, Answering()

    def without_triggers(operations: Any, sql_list: list[str]) -> None:
        answering.wait()
        for name, table in installed(audit_triggers.PREFIX).items():
            drop(name, table)
        empty(operations, sql_list)

    BaseDatabaseOperations.execute_sql_flush = without_triggers  # type: ignore[method-assign]
    yield
    BaseDatabaseOperations.execute_sql_flush = empty  # type: ignore[method-assign]


@pytest.fixture(scope="session")
def redis_url() -> str:
    """A Redis that may be filled and emptied; without one its tests are skipped."""
    url = os.environ.get("TEST_REDIS_URL", "")
    if not url:
        pytest.skip("needs Redis: set TEST_REDIS_URL, or `run.py test --redis`")
    return url


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The machine's Chromium, or the one that CHROME names."""
    executable = os.environ.get("CHROME") or next(filter(None, map(shutil.which, CHROMIUM)), None)
    if not executable:
        pytest.fail("The browser tests need Chromium. Install it, or set CHROME to where it is.")
    return {**browser_type_launch_args, "executable_path": executable, "args": ["--no-sandbox"]}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any], live_server: Any) -> dict[str, Any]:
    """Pages are opened by path: `page.goto("/opportunities/")`."""
    return {
        **browser_context_args,
        "base_url": live_server.url,
        "locale": "en-GB",
        "reduced_motion": "reduce",
    }


@pytest.fixture
def console_errors() -> list[str]:
    """What the browser's console complained about. A test that expects complaints clears the list."""
    return []


@pytest.fixture
def page(page: Page, console_errors: list[str]) -> Iterator[Page]:
    """A browser page; the test fails when its console shows an error."""
    page.on("console", lambda message: message.type == "error" and console_errors.append(message.text))
    page.on("pageerror", lambda error: console_errors.append(str(error)))
    yield page
    assert console_errors == []


@pytest.fixture
def sign_in(live_server: Any) -> Callable[[BrowserContext, Any], None]:
    """`sign_in(page.context, user)`: a session for the browser, without going through the form."""

    def give_session(context: BrowserContext, user: Any) -> None:
        client = Client()
        client.force_login(user)
        value = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": live_server.url}])

    return give_session
