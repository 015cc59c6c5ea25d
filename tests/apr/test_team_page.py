"""The scorecards of teams through the door leaders use, on Tuesday 15 September 2026.

September 2026 has 22 working days, ten of them before the 15th; the third quarter 66.
"""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Absence, Membership
from apr.models import Action
from apr.rollup.drain import drain
from apr.services.actions import log_action, void_action
from foundation.money import Money
from opportunities.models import InvolvementKind
from opportunities.services.stages import move_stage
from tests.apr.pages import cells, words
from tests.factories import (
    ActionFactory,
    AdminFactory,
    AEFactory,
    LeaderFactory,
    OpportunityFactory,
    PartnerFactory,
    PMFactory,
    TargetFactory,
    TeamFactory,
    action_type,
    stage,
)

pytestmark = pytest.mark.django_db
TEAMS = "/apr/teams/"


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(datetime(2026, 9, 15, 12, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def priya():
    return LeaderFactory(name="Priya Menon")


@pytest.fixture
def nora():
    return PMFactory(name="Nora Lindqvist")


@pytest.fixture
def north(priya, nora):
    team = TeamFactory(name="Alliances North", kind="partner", leaders=[priya], members=[nora])
    TargetFactory(role="partner_manager", why="Partners we speak with close twice as often.")
    return team


@pytest.fixture
def read(client):
    def as_user(user, path=TEAMS, **query):
        client.force_login(user)
        return client.get(path, query)

    return as_user


def page_of(team) -> str:
    return reverse("apr:team", args=[team.pk])


def did(actor, key="call_to", day=14, hour=9, **fields) -> Action:
    when = datetime(2026, 9, day, hour, tzinfo=UTC)
    return ActionFactory(
        actor=actor, action_type=action_type(key), occurred_at=when, capacity="partner_manager", **fields
    )


def joins(team, user) -> None:
    Membership.objects.create(team=team, user=user, starts_on=date(2020, 1, 1))


# --- who may read it ------------------------------------------------------------------------------


def test_only_who_leads_the_team_or_one_above_and_administrators_may_open_it(
    read, client, north, priya, nora
):
    above, other_line = LeaderFactory(), LeaderFactory()
    north.parent = TeamFactory(leaders=[above])
    north.save()
    TeamFactory(leaders=[other_line])
    statuses = {
        "its leader": read(priya, page_of(north)).status_code,
        "the leader above": read(above, page_of(north)).status_code,
        "an administrator": read(AdminFactory(), page_of(north)).status_code,
        "a member": read(nora, page_of(north)).status_code,
        "another line": read(other_line, page_of(north)).status_code,
    }
    allowed = dict.fromkeys(("its leader", "the leader above", "an administrator"), 200)
    assert statuses == allowed | {"a member": 404, "another line": 404}
    for page in ("team_rows", "team_deals"):
        path = reverse(f"apr:{page}", args=[north.pk])
        assert read(priya, path).status_code == 200
        assert read(other_line, path).status_code == 404
    client.logout()
    assert client.get(page_of(north)).url.startswith("/accounts/login/")


def test_the_organisation_is_for_administrators(read, priya, north):
    for page in ("organisation_rows", "organisation_deals"):
        assert read(AdminFactory(), reverse(f"apr:{page}")).status_code == 200
        assert read(priya, reverse(f"apr:{page}")).status_code == 404


def test_who_leads_one_team_goes_straight_to_it(read, priya, north):
    assert read(priya).url == page_of(north)


# --- the figures ----------------------------------------------------------------------------------


def test_people_from_a_to_z_with_points_pace_and_what_changes_them(read, north, priya, nora):
    aisha, piotr = PMFactory(name="Aisha Rahman"), PMFactory(name="Piotr Nowak")
    joins(north, aisha)
    joins(north, piotr)
    Absence.objects.create(user=piotr, starts_on=date(2026, 9, 7), ends_on=date(2026, 9, 12))
    for day in range(1, 11):
        did(nora, "face_to_face", day=day)
    for day in range(1, 9):
        did(aisha, "face_to_face", day=day)
    did(piotr, "call_to")
    page = read(priya, page_of(north))
    rows = cells(page)
    # 27.27 were expected of each; of Piotr, away on 5 of 22 days, 60 × 5 / 17 = 17.65
    assert [row[0] for row in rows] == [
        "Aisha Rahman 22 working days",
        "Nora Lindqvist 22 working days",
        "Piotr Nowak away 7 to 11 Sep",
        "Team",
    ]
    assert [row[1].replace("of 60 ", "") for row in rows[:3]] == ["24 24 / 60", "30 30 / 60", "1 1 / 60"]
    assert [row[2] for row in rows] == ["0.88 at risk", "1.10 on track", "0.06 behind", "0.76 behind"]
    assert rows[3][1].endswith("55 / 180")
    said = words(page)
    assert "Behind: 55 of 180 points. Piotr is behind." in said
    assert "1 person on track, 1 at risk, 1 behind." in said
    assert "results for Q3 2026: every target keeps its own period" in said
    assert "Why 60 a month for each: “Partners we speak with close twice as often.”" in said


def test_without_targets_the_results_are_said_and_drawn_on_one_scale(read):
    boss, ana, bob = LeaderFactory(), AEFactory(name="Ana Kovač"), AEFactory(name="Bob Ross")
    team = TeamFactory(leaders=[boss], members=[ana, bob])
    for owner, thousands in ((ana, 30), (bob, 60)):
        deal = OpportunityFactory(owner=owner, amount=Money(thousands * 100_000, "EUR"))
        move_stage(
            opportunity_id=deal.pk,
            to_stage=stage("Won"),
            by=AdminFactory(),
            effective_at=datetime(2026, 7, 20, 12, tzinfo=UTC),
        )
    page = read(boss, page_of(team), period="2026-Q3")
    assert "0 points, and €90,000 won in Q3 2026." in words(page)
    assert [row[3] for row in cells(page)] == ["€30k", "€60k", "€90k"]
    assert [line.numbers[0].top for line in page.context["table"].lines] == [6_000_000, 6_000_000]


def test_every_figure_opens_rows_that_add_up_to_it(read, north, priya, nora):
    aisha = PMFactory(name="Aisha Rahman")
    joins(north, aisha)
    for day in (1, 2):
        did(nora, "face_to_face", day=day)
    did(aisha, "webinar")
    rows = cells(read(priya, reverse("apr:team_rows", args=[north.pk]), period="2026-09"))
    assert rows[-1] == ["Together, 3 actions", "8", "8", "0"]
    assert sum(int(row[-2]) for row in rows[:-1]) == 8
    assert {row[1] for row in rows[:-1]} == {"Aisha Rahman", "Nora Lindqvist"}
    own = cells(read(priya, reverse("apr:rows", args=[aisha.pk]), period="2026-09"))
    assert own[-1] == ["Together, 1 action", "2", "2", "0"]


def test_a_deal_counts_once_for_the_team_and_the_overlap_is_said(read, priya, nora, north):
    ana = AEFactory(name="Ana Kovač")
    joins(north, ana)
    deal = OpportunityFactory(
        name="Acme renewal",
        amount=Money(11_840_000, "EUR"),
        owner=ana,
        partner_manager=nora,
        partners=[(PartnerFactory(), InvolvementKind.SOURCED)],
    )
    move_stage(
        opportunity_id=deal.pk,
        to_stage=stage("Won"),
        by=AdminFactory(),
        effective_at=datetime(2026, 8, 20, 12, tzinfo=UTC),
    )
    page = read(priya, page_of(north))
    ana_row, nora_row, team_row = cells(page)
    assert ana_row[3].startswith("€118k")
    assert nora_row[3] == "€118k €0"
    assert team_row[3] == "€118k €0 €118k"
    assert "€118,400 of won stands in a partner manager’s number too" in words(page)
    assert "100% 1 won, 0 lost" in words(page)
    deals = read(priya, reverse("apr:team_deals", args=[north.pk]), period="2026-Q3", metric="won")
    assert [row[-1] for row in cells(deals)] == ["€118,400", "€118,400"]


def test_an_opened_line_shows_the_deals_behind_discipline_and_involvement(read, priya, nora, north):
    # Both opened on Monday 1 June and in Qualify ever since: 22 + 23 + 21 working days to the end of August,
    # ten in September. Qualify expects 15 days and allows 10 of silence. So of the six checks only the
    # amount holds for the silent deal (no next step, no close date, silent, over time, no partner); the
    # other one is not silent and has a partner.
    silent = OpportunityFactory(name="Orbis claims", partner_manager=nora, owner=AEFactory())
    spoken = OpportunityFactory(
        name="Marlow tills",
        partner_manager=nora,
        partners=[(PartnerFactory(), InvolvementKind.INFLUENCED)],
    )
    did(nora, opportunity=spoken, day=14)

    page = read(priya, page_of(north))
    nora_row, team_row = cells(page)
    assert [cell.split()[0] for cell in nora_row[4:]] == ["4", "0"]
    # Only the silent one has an owner to share it with: one visit of the quarter, and nobody was there.
    assert nora_row[4:] == ["4 / 12", "0 / 1 1 of 2 silent, up to 76 d"] == team_row[4:]
    assert "and 1 deal is silent." in words(page)
    assert silent.name not in words(page)

    opened = read(priya, page_of(north), open=nora.pk)
    assert "1 of 2 open deals is silent and can still be mended." in words(opened)
    said = "1 of 1 visits in Q3 2026 without a partner manager: 0 over, 1 still open, which can be covered."
    assert said in words(opened)
    rows = cells(opened)[2:]  # behind the line itself and the head of the table in it
    assert [row[0] for row in rows] == ["Orbis claims", "Marlow tills", "Together, 2 deals"]
    assert [row[4] for row in rows[:2]] == ["76 d", "0 d"]
    assert [row[5][:5] for row in rows[:2]] == ["1 / 6", "3 / 6"]
    assert rows[2][1] == "4 / 12"
    # each failed check leads to where it is mended, on the person's own page too
    mending = ["Next step", "Close date", "Silence", "Days in stage", "Partner"]
    assert rows[0][5].replace(" ,", ",") == "1 / 6 " + ", ".join(mending)
    own = read(nora, reverse("apr:me"))
    assert "4 of 12 checks pass on open deals" in words(own)
    for page in (opened, own):
        assert f'href="{reverse("opportunities:promise_new", args=[silent.pk])}"' in page.text
        assert f'href="{reverse("opportunities:people", args=[silent.pk])}"' in page.text

    past = words(read(priya, page_of(north), period="2026-08"))
    assert "silent" not in past  # what is silent now says nothing about August


def test_logging_and_voiding_show_at_once_on_the_page_of_the_leader(read, priya, nora, north):
    drain()
    action = log_action(
        by=nora,
        actor=nora,
        action_type=action_type("coaching_session"),
        occurred_at=datetime(2026, 9, 15, 11, tzinfo=UTC),
        counterpart=AEFactory(),
    )
    page = words(read(priya, page_of(north)))
    assert "2 of 60 points" in page
    assert "1 change is being counted" in page
    void_action(action_id=action.pk, by=nora)
    assert "0 of 60 points" in words(read(priya, page_of(north)))


def test_people_of_one_first_name_are_told_apart(read, priya, nora, north):
    joins(north, PMFactory(name="Nora Berg"))
    did(nora, "face_to_face", day=1)
    assert "Nora Berg and Nora Lindqvist are behind" in words(read(priya, page_of(north)))


# --- all teams ------------------------------------------------------------------------------------


def test_administrators_see_the_tree_of_teams_and_the_whole(read, north, nora):
    above = TeamFactory(name="Partnerships", kind="partner")
    north.parent = above
    north.save()
    did(nora, "face_to_face", day=1)
    did(PMFactory(), "webinar", day=1)  # in no team
    page = read(AdminFactory())
    names = [" ".join(row[0].split()[:2]) for row in cells(page)]
    assert names == ["Partnerships Partner", "Alliances North", "PartnerHub everybody,"]
    assert [row[1].split(" / ")[0].split()[-1] for row in cells(page)] == ["3", "3", "5"]
    rows = cells(read(AdminFactory(), reverse("apr:organisation_rows"), period="2026-09"))
    assert rows[-1] == ["Together, 2 actions", "5", "5", "0"]


def test_empty_pages_say_how_they_fill(read, priya):
    admin = AdminFactory()
    assert "No teams yet" not in words(read(priya))
    assert "You lead no team." in words(read(priya))
    assert "Make a team" in words(read(admin))
    empty = TeamFactory(name="New team")
    assert "Nobody belongs to this team in this period." in words(read(admin, page_of(empty)))
    assert "Nobody was in this team in September 2026." in words(read(admin, page_of(empty)))


# --- budget ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("period", ["2026-09", "2026-Q3"])
def test_thirty_people_take_as_many_queries_as_two(client, priya, north, nora, period):
    client.force_login(priya)

    def queries(**opened: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(page_of(north), {"period": period, **opened}).status_code == 200
        return len(captured)

    def add(people: int) -> None:
        for _ in range(people):
            person = PMFactory()
            joins(north, person)
            deal = OpportunityFactory(partner_manager=person, owner=AEFactory())
            did(person, opportunity=deal)
        drain()

    add(1)
    queries()
    with_two = queries(), queries(open=nora.pk)
    add(28)
    assert (queries(), queries(open=nora.pk)) == with_two
    assert with_two[0] <= 20
    assert with_two[1] <= 27
