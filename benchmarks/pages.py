"""What pages cost beside a bare Django page in the same process: queries, bytes, processor time, waiting.

    DATABASE_URL=postgres://… python benchmarks/pages.py [--requests 100] [--queries] [page …]

Run `benchmarks/data.py` first (or `manage.py demo`) and `manage.py drain`. The bare page is one indexed query
and a small template, asked for by nobody who has signed in; `bare, signed in` pays for session, person and
roles as every page does. Processor time is that of Python and of this connection's database process (where
that runs on this machine), which other work on the machine touches least; waiting is the median.
"""

import argparse
import gzip
import os
import sys
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "partnerhub.settings")
os.environ.setdefault("LOG_LEVEL", "WARNING")
os.environ.update(
    DEBUG="False",
    SECRET_KEY="only-for-this-run-" + "0123456789abcdef" * 4,
    ALLOWED_HOSTS="testserver,localhost",
    SITE_URL="http://testserver",
    STATIC_BUILD="False",
)

import django

django.setup()

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import path

import partnerhub.urls
from accounts.models import Role, RoleGrant, Team, User
from opportunities.models import Customer, Opportunity

BARE = engines["django"].from_string(
    "<!doctype html><title>{{ customer.name }}</title><h1>{{ customer.name }}</h1>"
    "<ul>{% for word in words %}<li>{{ word }}</li>{% endfor %}</ul>"
)
FRAME = ("BEGIN", "COMMIT", "ROLLBACK", "SET TRANSACTION")  # of a snapshot: these read nothing
HEADS = ("page", "queries", "kB", "gzip", "Python", "database", "÷ bare", "wait", "÷ bare")
LONG_AGO = date(2020, 1, 1)
TICK = os.sysconf("SC_CLK_TCK")


def bare(request: HttpRequest, pk: int) -> HttpResponse:
    """One indexed query, one small template."""
    words = ["one", "small", "template"]
    return HttpResponse(BARE.render({"customer": Customer.objects.get(pk=pk), "words": words}, request))


def bare_signed_in(request: HttpRequest, pk: int) -> HttpResponse:
    """The same for somebody with roles."""
    assert request.user.is_authenticated
    assert request.user.roles is not None
    return bare(request, pk)


partnerhub.urls.urlpatterns += [path("bare/<int:pk>/", bare), path("bare-in/<int:pk>/", bare_signed_in)]


@dataclass(frozen=True)
class Page:
    """A page and who asks for it."""

    name: str
    url: str
    reader: User | None


@dataclass(frozen=True)
class Cost:
    """Of one request: queries, bytes as sent and compressed, milliseconds."""

    queries: int
    size: int
    compressed: int
    python: float
    database: float
    waited: float

    @property
    def processor(self) -> float:
        """Of both processes."""
        return self.python + self.database


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("pages", nargs="*", help="names of pages (all)")
    parser.add_argument("--requests", type=int, default=100, help="of each page (100)")
    parser.add_argument("--period", help="of scorecards, such as 2025-06 (the last month with work)")
    parser.add_argument("--queries", action="store_true", help="list the queries of each page")
    wanted = parser.parse_args()
    handler = WSGIHandler()
    found = [page for page in pages(wanted.period or "") if not wanted.pages or page.name in wanted.pages]
    costs: dict[str, Cost] = {}
    for page in [*bare_pages(), *found]:
        costs[page.name] = cost(handler, page, wanted.requests, show=wanted.queries)
    show(costs)


def bare_pages() -> list[Page]:
    customer = Customer.objects.order_by("pk")[0].pk
    return [
        Page("bare", f"/bare/{customer}/", None),
        Page("bare, signed in", f"/bare-in/{customer}/", User.objects.order_by("pk")[0]),
    ]


def pages(period: str) -> list[Page]:
    """The pages of a person who works, of who leads a team of theirs, and of an administrator."""
    working = User.objects.filter(memberships__isnull=False, owned_opportunities__isnull=False)
    worker = working.order_by("pk")[0]
    team = Team.objects.filter(memberships__user=worker).order_by("-pk")[0]
    leader, admin = somebody("Leader", Role.LEADER), somebody("Administrator", Role.ADMIN)
    team.leaders.add(leader)
    query = f"?period={period}" if period else ""
    deal = Opportunity.objects.filter(owner=worker).order_by("-pk")[0]
    return [
        Page("person", f"/apr/people/{worker.pk}/{query}", worker),
        Page("team", f"/apr/teams/{team.pk}/{query}", leader),
        Page("organisation", f"/apr/teams/{query}", admin),
        Page("list", f"/opportunities/?owner={worker.pk}&sort=-amount", admin),
        Page("list of one's own", f"/opportunities/?owner={worker.pk}&sort=-amount", worker),
        Page("board", "/opportunities/board/", worker),
        Page("board of all", "/opportunities/board/", admin),
        Page("deal", f"/opportunities/{deal.pk}/", worker),
        Page("home", "/", worker),
        Page("actions", "/actions/", worker),
        Page("partners", "/partners/", worker),
    ]


def somebody(name: str, role: Role) -> User:
    """Somebody with a role, made where the data has nobody."""
    user, _made = User.objects.get_or_create(
        email=f"{role}@benchmark.example", defaults={"name": name, "password": "!"}
    )
    RoleGrant.objects.get_or_create(user=user, role=role, defaults={"starts_on": LONG_AGO})
    return user


def cost(handler: WSGIHandler, page: Page, requests: int, *, show: bool) -> Cost:
    cookies = ""
    if page.reader is not None:
        browser = Client()
        browser.force_login(page.reader)
        cookies = f"{settings.SESSION_COOKIE_NAME}={browser.cookies[settings.SESSION_COOKIE_NAME].value}"
    for _ in range(5):
        body = ask(handler, page.url, cookies)
    with CaptureQueriesContext(connection) as captured:
        ask(handler, page.url, cookies)
    own = [query["sql"] for query in captured if not query["sql"].startswith(FRAME)]
    if show:
        print(page.name, *own, sep="\n  ")
    waits = []
    python, database = process_time(), database_time()
    for _ in range(requests):
        started = perf_counter()
        ask(handler, page.url, cookies)
        waits.append(perf_counter() - started)
    python, database = process_time() - python, database_time() - database
    return Cost(
        queries=len(own),
        size=len(body),
        compressed=len(gzip.compress(body, 6)),
        python=1000 * python / requests,
        database=1000 * database / requests,
        waited=1000 * median(waits),
    )


def ask(handler: WSGIHandler, url: str, cookies: str) -> bytes:
    environ: dict[str, Any] = RequestFactory().get(url, headers={"cookie": cookies}).environ
    environ["wsgi.input"] = BytesIO()
    answered: list[str] = []
    response = handler(environ, lambda status, headers: answered.append(status))
    body = b"".join(response)
    response.close()
    if not answered[0].startswith("200"):
        sys.exit(f"{url}: {answered[0]}")
    return body


def database_time() -> float:
    """Seconds of processor that the connection's process has used; 0 where it runs elsewhere."""
    if connection.vendor != "postgresql":
        return 0.0
    connection.ensure_connection()
    stat = Path(f"/proc/{connection.connection.get_backend_pid()}/stat")
    if not stat.exists():
        return 0.0
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def show(costs: dict[str, Cost]) -> None:
    base = costs["bare"]
    print(f"{HEADS[0]:<18}" + "".join(f"{head:>9}" for head in HEADS[1:]))
    for name, one in costs.items():
        print(
            f"{name:<18}{one.queries:>9}{one.size / 1000:>9.1f}{one.compressed / 1000:>9.1f}"
            f"{one.python:>9.2f}{one.database:>9.2f}{one.processor / base.processor:>9.1f}"
            f"{one.waited:>9.1f}{one.waited / base.waited:>9.1f}"
        )


if __name__ == "__main__":
    main()
