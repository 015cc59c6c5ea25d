"""A person's scorecard through the door people use, on Tuesday 15 September 2026.

September 2026 has 22 working days, ten of them before the 15th.
"""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Membership
from apr.models import Action, PointRule
from apr.rollup.drain import drain
from apr.services.actions import answer_action, log_action, void_action
from foundation.money import Money
from opportunities.models import InvolvementKind, OpportunityStatus
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
ME = "/apr/"


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(datetime(2026, 9, 15, 12, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def priya():
    return LeaderFactory(name="Priya Menon")


@pytest.fixture
def nora(priya):
    nora = PMFactory(name="Nora Lindqvist")
    TeamFactory(name="Alliances North", kind="partner", leaders=[priya], members=[nora])
    TargetFactory(user=nora, why="Partners we speak with close twice as often.")
    return nora


@pytest.fixture
def read(client):
    def as_user(user, path=ME, **query):
        client.force_login(user)
        return client.get(path, query)

    return as_user


def did(actor, key="call_to", day=14, hour=9, month=9, **fields) -> Action:
    when = datetime(2026, month, day, hour, tzinfo=UTC)
    return ActionFactory(
        actor=actor, action_type=action_type(key), occurred_at=when, capacity="partner_manager", **fields
    )


def of(person) -> str:
    return reverse("apr:person", args=[person.pk])


# --- who may read it ------------------------------------------------------------------------------


def test_only_the_person_who_leads_them_and_administrators_may_open_it(client, nora, priya, read):
    ana = AEFactory()
    other_line = LeaderFactory()
    TeamFactory(leaders=[other_line], members=[ana])
    statuses = {
        "nora": read(nora, of(nora)).status_code,
        "her leader": read(priya, of(nora)).status_code,
        "an administrator": read(AdminFactory(), of(nora)).status_code,
        "a colleague": read(ana, of(nora)).status_code,
        "another line": read(other_line, of(nora)).status_code,
    }
    allowed = dict.fromkeys(("nora", "her leader", "an administrator"), 200)
    assert statuses == allowed | {"a colleague": 404, "another line": 404}
    client.logout()
    assert client.get(of(nora)).url.startswith("/accounts/login/")
    assert client.get(ME).url.startswith("/accounts/login/")


@pytest.mark.parametrize("page", ["rows", "deals"])
def test_the_rows_are_as_private_as_the_figures(nora, read, page):
    path = reverse(f"apr:{page}", args=[nora.pk])
    assert read(nora, path).status_code == 200
    assert read(AEFactory(), path).status_code == 404


def test_a_leader_reads_the_days_in_the_own_teams_only(read):
    before, now = LeaderFactory(), LeaderFactory()
    nora = PMFactory(name="Nora Lindqvist")
    Membership.objects.create(
        user=nora,
        team=TeamFactory(leaders=[before]),
        starts_on=date(2020, 1, 1),
        ends_on=date(2026, 9, 10),
    )
    Membership.objects.create(user=nora, team=TeamFactory(leaders=[now]), starts_on=date(2026, 9, 10))
    did(nora, "face_to_face", day=9)
    did(nora, "call_to", day=10)

    assert "Nora: 3 points in September 2026." in words(read(before, of(nora)))
    page = words(read(now, of(nora)))
    assert "Nora: 1 point in September 2026." in page
    assert "You see the days in the teams that you lead: 10 Sep 2026 to 30 Sep 2026." in page
    rows = read(now, reverse("apr:rows", args=[nora.pk]))
    assert [row[0] for row in cells(rows)] == ["Thu 10 Sep", "Together, 1 action"]
    assert "4 points in September 2026." in words(read(nora))


# --- the figures ----------------------------------------------------------------------------------


def test_where_one_stands_with_the_arithmetic(nora, read):
    for day in (1, 2, 3):
        did(nora, "face_to_face", day=day)
    page = words(read(nora))
    assert "Behind: 9 of 60 points, 12 working days left." in page
    # 60 × 10 / 22 = 27.27 by yesterday, 51 points left on 12 days; 9 / 27.27 = 0.33
    assert "27 were expected by yesterday. 4.2 points a working day gets you there." in page
    assert "Pace 0.33" in page
    assert "Why 60: “Partners we speak with close twice as often.”" in page
    assert "Seen by you and Priya Menon." in page


def test_each_period_holds_its_own_days(nora, read):
    did(nora, "face_to_face", day=14)  # Monday of this week
    did(nora, "webinar", day=11)
    did(nora, "call_to", day=31, month=8)
    did(nora, "email", day=30, month=6)
    # 60 a month is 2.727 a working day: 5 of them make 13.6, 66 of the quarter 180, 261 of the year 720
    assert "Behind, August 2026: 1 of 60 points." in words(read(nora, period="2026-08"))
    assert "3 of 14 points" in words(read(nora, period="2026-W38"))
    assert "6 of 180 points" in words(read(nora, period="2026-Q3"))
    assert "7 of 720 points" in words(read(nora, period="2026"))


def test_a_period_that_does_not_exist_is_said_and_the_month_shown(nora, read):
    page = words(read(nora, period="2026-99"))
    assert "“2026-99” is not a period." in page
    assert "September 2026" in page


def test_raw_counted_and_confirmed_stand_side_by_side_and_their_rows_add_up(nora, read):
    PointRule.objects.filter(action_type=action_type("email")).update(daily_cap=1)
    ana = AEFactory(name="Ana Kovač")
    for hour in (8, 9, 10):
        did(nora, "email", hour=hour)
    coached = did(nora, "coaching_session", counterpart=ana, customer=None)
    answer_action(action_id=coached.pk, by=ana, answer="confirmed")
    did(nora, "joint_deal_review", counterpart=ana)
    assert cells(read(nora), table=1) == [
        ["E-mail", "", "3", "3", "1", "0"],
        ["Coaching session", "", "1", "2", "2", "2"],
        ["Joint deal review", "", "1", "2", "2", "0"],
        ["Together", "", "5", "7", "5", "2"],
    ]
    rows = cells(read(nora, reverse("apr:rows", args=[nora.pk])))
    assert rows[-1] == ["Together, 5 actions", "7", "5", "2"]
    for column, total in ((-3, 7), (-2, 5), (-1, 2)):
        assert sum(int(row[column]) for row in rows[:-1]) == total
    emails = read(
        nora, reverse("apr:rows", args=[nora.pk]), period="2026-09", action_type=action_type("email").pk
    )
    assert cells(emails)[-1] == ["Together, 3 actions", "3", "1", "0"]
    assert "3 actions in September 2026, 1 point. 3 points were done" in words(emails)


def test_a_long_list_is_read_page_by_page_and_still_adds_up(nora, read, client):
    for number in range(130):
        did(nora, "email", day=1 + number % 14, hour=number % 24)
    path = reverse("apr:rows", args=[nora.pk])
    first = read(nora, path, period="2026-09")
    assert cells(first)[-1] == ["Together, 130 actions", "130", "130", "0"]
    assert cells(first)[-2] == ["This page", "100", "100", "0"]
    address = first.context["next_url"]
    second = client.get(path + address)
    assert cells(second)[-2] == ["This page", "30", "30", "0"]
    assert second.context["next_url"] == ""


def test_results_stand_beside_it_and_open_their_deals(nora, read):
    TargetFactory(user=nora, metric="sourced_won_amount", period_kind="quarter", value=25_000_000)
    partner = PartnerFactory(managers=[nora])
    deal = OpportunityFactory(
        name="Acme renewal",
        amount=Money(18_600_000, "EUR"),
        partner_manager=nora,
        partners=[(partner, InvolvementKind.SOURCED)],
    )
    lost = OpportunityFactory(name="Kestrel pilot", partner_manager=nora)
    admin = AdminFactory()
    move_stage(
        opportunity_id=deal.pk,
        to_stage=stage("Won"),
        by=admin,
        effective_at=datetime(2026, 7, 20, 12, tzinfo=UTC),
    )
    assert deal.status == OpportunityStatus.OPEN  # the row in memory; what follows reads anew
    page = words(read(nora))
    assert "Results, Q3 2026" in page
    assert "Sourced won" in page
    assert "€186,000 of €250,000" in page
    assert "74%" in page
    deals = read(nora, reverse("apr:deals", args=[nora.pk]), period="2026-Q3", metric="sourced_won")
    assert "1 deal in Q3 2026, €186,000." in words(deals)
    assert [row[0] for row in cells(deals)] == ["Acme renewal", "Together, 1 deal"]
    assert cells(deals)[-1][-1] == "€186,000"
    created = read(nora, reverse("apr:deals", args=[nora.pk]), period="2026", metric="pipeline_created")
    assert [row[0] for row in cells(created)] == ["Acme renewal", "Together, 1 deal"]
    assert lost.name not in words(created)  # nobody sourced it
    assert read(nora, reverse("apr:deals", args=[nora.pk]), metric="nonsense").status_code == 404


# --- what happens to a score ----------------------------------------------------------------------


def test_logging_adds_to_the_score_at_once_and_voiding_takes_it_away(nora, priya, read):
    ana = AEFactory()
    action = log_action(
        by=nora,
        actor=nora,
        action_type=action_type("coaching_session"),
        occurred_at=datetime(2026, 9, 15, 11, tzinfo=UTC),
        counterpart=ana,
    )
    assert "2 of 60 points" in words(read(nora))
    assert "2 of 60 points" in words(read(priya, of(nora)))
    void_action(action_id=action.pk, by=nora)
    assert "0 of 60 points" in words(read(nora))
    assert "0 of 60 points" in words(read(priya, of(nora)))


def test_pending_changes_are_counted_and_said(nora, read):
    drain()
    did(nora, "webinar")
    before = words(read(nora))
    assert "2 of 60 points" in before
    assert "1 change is being counted; the figures include it" in before
    drain()
    after = words(read(nora))
    assert "2 of 60 points" in after
    assert "no changes pending" in after


def test_back_dated_work_changes_its_own_quarter_only(nora, read):
    did(nora, "webinar")
    before = {key: words(read(nora, period=key)) for key in ("2026-Q3", "2026-Q2", "2026-Q1")}
    did(nora, "face_to_face", day=30, month=6)
    assert "0 of 180 points" in before["2026-Q2"]
    assert "3 of 180 points" in words(read(nora, period="2026-Q2"))
    for unchanged in ("2026-Q3", "2026-Q1"):
        counted = next(part for part in ("2 of 180 points", "0 of 180 points") if part in before[unchanged])
        assert counted in words(read(nora, period=unchanged))


def test_a_rule_from_tomorrow_changes_nothing_before(nora, read):
    did(nora, "webinar")
    PointRule.objects.create(action_type=action_type("webinar"), points=50, effective_from=date(2026, 9, 16))
    assert "2 of 60 points" in words(read(nora))
    with time_machine.travel(datetime(2026, 9, 16, 12, tzinfo=UTC), tick=False):
        did(nora, "webinar", day=16)
        assert "52 of 60 points" in words(read(nora))


# --- empty, and large -----------------------------------------------------------------------------


def test_without_actions_and_target_the_page_says_how_it_fills(read):
    page = words(read(AEFactory()))
    assert "0 points in September 2026." in page
    assert "Nothing was logged in this period." in page


def test_the_page_takes_as_many_queries_for_many_actions_as_for_one(nora, client):
    client.force_login(nora)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(ME).status_code == 200
        return len(captured)

    did(nora, "webinar")
    drain()
    queries()
    with_one = queries()
    for day in range(1, 15):
        for key in ("email", "call_to", "face_to_face"):
            did(nora, key, day=day)
    drain()
    assert queries() == with_one <= 22
