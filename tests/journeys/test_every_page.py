"""Every address of the site, for every role, with much in it and with nothing: never a broken page."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from accounts.models import Absence, Holiday, Role, TeamKind, User
from apr.services.actions import log_action
from foundation.money import Money
from opportunities.models import InvolvementKind
from tests.factories import (
    CommitmentFactory,
    HandOverFactory,
    ObstacleFactory,
    OpportunityFactory,
    PartnerFactory,
    TargetFactory,
    TeamFactory,
    UserFactory,
    action_type,
    stage,
)

OPEN_TO_ALL = [
    "/",
    "/find/",
    "/log/",
    "/actions/",
    "/actions/waiting/",
    "/apr/",
    "/apr/pairs/",
    "/opportunities/",
    "/opportunities/board/",
    "/opportunities/obstacles/",
    "/opportunities/promises/",
    "/partners/",
    "/profile/",
    "/notifications/",
    "/profile/notifications/",
    "/profile/tokens/",
    "/api/docs/",
    "/accounts/email/",
    "/accounts/sessions/",
]
FOR_ADMINS = [
    "/settings/",
    "/settings/funnels/new/",
    "/settings/action-types/",
    "/settings/point-rules/",
    "/settings/targets/",
    "/settings/joint-scorecard/",
    "/settings/periods/",
    "/settings/teams/",
    "/settings/people/",
    "/settings/organisation/",
    "/settings/nudges/",
    "/settings/trials/",
    "/settings/calendar/",
    "/settings/currencies/",
    "/settings/lists/",
    "/settings/audit/",
]
CAST = {
    "partner manager": [Role.PARTNER_MANAGER],
    "account executive": [Role.ACCOUNT_EXECUTIVE],
    "leader of a partner team": [Role.LEADER],
    "leader of a sales team": [Role.LEADER],
    "admin": [Role.ADMIN],
    "without a role": [],
}


def routes(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[str]:
    """All routes of the site, whole, as they are written in the URL configuration."""
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        else:
            yield route.replace("^", "").replace("$", "")


ROUTES = sorted(set(routes(get_resolver().url_patterns)))
PLAIN = [f"/{route}" for route in ROUTES if not re.search(r"[<(\\]", route)]
NUMBERED = [route for route in ROUTES if re.search("<int:|<slug:kind>|<str:act>|P<pk>", route)]


def addresses(route: str, number: int) -> list[str]:
    """A route with numbers in it, filled in; kinds and acts take each of their words."""
    route = re.sub(r"<int:\w+>|\(\?P<pk>[^)]*\)", str(number), route)
    if "<slug:kind>" in route:
        words = (
            ("opportunity", "partner", "person") if route.startswith("log/") else ("reasons", "lost-reasons")
        )
        return [f"/{route.replace('<slug:kind>', word)}" for word in words]
    if "<str:act>" in route:
        return [f"/{route.replace('<str:act>', word)}" for word in ("retire", "restore", "nonsense")]
    return [f"/{route}"]


@pytest.fixture
def people() -> dict[str, User]:
    return {name: UserFactory(name=name.capitalize(), roles=roles) for name, roles in CAST.items()}


@pytest.fixture
def full(people: dict[str, User]) -> None:
    """A little of everything that pages show, good and bad."""
    nora, ana = people["partner manager"], people["account executive"]
    TeamFactory(kind=TeamKind.PARTNER, leaders=[people["leader of a partner team"]], members=[nora])
    sales = TeamFactory(leaders=[people["leader of a sales team"]], members=[ana])
    TeamFactory(name="Empty team", parent=sales)
    norrvik = PartnerFactory(name="Norrvik Systems", managers=[nora])
    for number, place in enumerate(["Qualify", "Proposal", "Negotiation"]):
        deal = OpportunityFactory(
            name=f"Acme {place}",
            stage=stage(place),
            owner=ana,
            partner_manager=nora,
            amount=Money(14_800_000 * number, "EUR"),
            partners=[(norrvik, InvolvementKind.SOURCED)],
            opened_at=timezone.now() - timedelta(days=90),
        )
        ObstacleFactory(opportunity=deal, raised_by=ana, needs_partner=True)
        CommitmentFactory(opportunity=deal, made_by=nora, made_to=ana, due_on=date(2026, 9, 17))
    HandOverFactory(opportunity=deal, partner=norrvik, offered_by=nora, offered_to=ana)
    for days in (0, 1, 40, 100):
        log_action(
            by=nora,
            actor=nora,
            action_type=action_type("coaching_session"),
            occurred_at=timezone.now() - timedelta(days=days),
            deal=deal,
            counterpart=ana,
        )
    TargetFactory(role="partner_manager", set_by=people["admin"])
    Holiday.objects.create(date=date(2026, 12, 31), name="Year's end")
    Absence.objects.create(user=nora, starts_on=date(2026, 8, 3), ends_on=date(2026, 8, 8))


def broken(client: Client, paths: list[str]) -> list[tuple[str, int]]:
    """Those that answer with a server's error, `/health/` aside: without a worker it says 503 on purpose."""
    answers = [(path, client.get(path).status_code) for path in paths if path != "/health/"]
    return [(path, status) for path, status in answers if status >= 500]


def visit_all(name: str, person: User) -> None:
    """Every address as one role; what only admins may open refuses the others."""
    assert len(PLAIN) > 100
    assert len(NUMBERED) > 60
    client = Client(raise_request_exception=False)
    client.force_login(person)
    mine = [path for path in PLAIN if name == "admin" or not path.startswith("/admin/")]
    assert broken(client, mine + [path for route in NUMBERED for path in addresses(route, 1)]) == []
    for path in OPEN_TO_ALL:
        assert (path, client.get(path).status_code) == (path, 200)
    assert client.get("/opportunities/new/").status_code == (403 if name == "without a role" else 200)
    for path in FOR_ADMINS:
        assert (path, client.get(path).status_code) == (path, 200 if name == "admin" else 403)


@pytest.mark.django_db
@pytest.mark.parametrize("name", CAST)
def test_no_page_breaks_in_a_full_organisation(people, full, name):
    visit_all(name, people[name])


@pytest.mark.django_db
@pytest.mark.parametrize("name", CAST)
def test_no_page_breaks_in_an_empty_organisation(people, name):
    visit_all(name, people[name])


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("kind", "names"), [("full", list(CAST)), ("empty", ["partner manager", "admin"])])
def test_main_pages_are_silent_in_the_console(request, context, sign_in, people, console_errors, kind, names):
    if kind == "full":
        request.getfixturevalue("full")
    page = context.new_page()
    page.on("console", lambda said: said.type == "error" and console_errors.append(f"{page.url} {said.text}"))
    page.on("pageerror", lambda error: console_errors.append(f"{page.url} {error}"))
    for name in names:
        sign_in(context, people[name])
        for path in [*OPEN_TO_ALL, *(FOR_ADMINS if name == "admin" else [])]:
            answer = page.goto(path)
            assert answer is not None
            assert (name, path, answer.status) == (name, path, 200)
    assert console_errors == []
