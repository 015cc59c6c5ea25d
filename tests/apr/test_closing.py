"""Closing September 2026 in October, through the doors people use; figures by hand.

Nora's target is 60 points a month. In September she has a meeting (3), two calls (1 + 1), a coaching that Ana
confirmed (2): 7 points, 2 of them confirmed.
"""

from datetime import UTC, date, datetime
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import ExchangeRate, Membership
from apr.closing import storing
from apr.models import Action, Closing, DayTally, KnownAction, KnownScorecard, PointRule
from apr.rollup.drain import drain
from apr.services.actions import answer_action, edit_action, void_action
from apr.services.closing import ask_to_close, reopen, work_on_closings
from apr.tasks import close_periods
from foundation.errors import NotAllowed
from foundation.money import Money
from opportunities.models import InvolvementKind, Opportunity
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
PERIODS = "/settings/periods/"
CLOSED_ON, LATER = datetime(2026, 10, 3, 9, tzinfo=UTC), datetime(2026, 10, 12, 9, tzinfo=UTC)
ROWS, DEALS = 1, 1  # which table of the page; without changed actions that of deals comes first


@pytest.fixture
def clock():
    with time_machine.travel(CLOSED_ON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def elif_(clock):
    return AdminFactory(name="Elif Maes")


@pytest.fixture
def ana(clock):
    return AEFactory(name="Ana Kovač")


@pytest.fixture
def priya(clock):
    return LeaderFactory(name="Priya Menon")


@pytest.fixture
def team(nora, ana, priya):
    return TeamFactory(name="Alliances North", kind="partner", leaders=[priya], members=[nora, ana])


@pytest.fixture
def nora(ana):
    nora = PMFactory(name="Nora Lindqvist")
    TargetFactory(user=nora)
    return nora


def did(actor, key="call_to", day=14, hour=9, month=9, **fields) -> Action:
    when = datetime(2026, month, day, hour, tzinfo=UTC)
    return ActionFactory(actor=actor, action_type=action_type(key), occurred_at=when, **fields)


@pytest.fixture
def september(nora, ana, team):
    """The actions by name."""
    made = {
        "meeting": did(nora, "face_to_face", day=2),
        "first call": did(nora, day=9),
        "second call": did(nora, day=14),
        "coaching": did(nora, "coaching_session", day=15, counterpart=ana, capacity="coach", customer=None),
    }
    answer_action(action_id=made["coaching"].pk, by=ana, answer="confirmed")
    return made


@pytest.fixture
def close(client, elif_, clock):
    """Closes by the button, and lets the worker do it."""

    def by_the_button(key="2026-09"):
        client.force_login(elif_)
        answer = client.post(f"{PERIODS}close/", {"period": key})
        close_periods()
        return answer

    return by_the_button


@pytest.fixture
def read(client):
    def as_user(user, path, **query):
        client.force_login(user)
        return client.get(path, {"period": "2026-09", **query})

    return as_user


def known(person) -> str:
    return reverse("apr:known", args=[person.pk])


# --- closing ----------------------------------------------------------------------------------------


def test_an_administrator_closes_a_month_and_the_worker_stores_it(client, elif_, nora, september, close):
    client.force_login(elif_)
    client.post(f"{PERIODS}close/", {"period": "2026-09"})
    assert "being closed…" in words(client.get(PERIODS))
    close_periods()
    page = words(client.get(PERIODS))
    assert "1 is closed." in page
    assert "September 2026 closed Closed on 3 Oct 2026 by Elif Maes Open again… September 2026" in page
    figures = KnownScorecard.objects.get(user=nora).figures
    types = {name: str(action_type(name).pk) for name in ("face_to_face", "call_to", "coaching_session")}
    assert figures["by_type"] == {
        types["face_to_face"]: [1, 3, 3, 0],
        types["call_to"]: [2, 2, 2, 0],
        types["coaching_session"]: [1, 2, 2, 2],
    }
    assert (figures["target"], figures["status"]) == ("60/1", "behind")
    assert KnownAction.objects.filter(user=nora).count() == 4


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("2026-10", "2026-10 is not over yet."),
        ("2026-Q4", "2026-Q4 is not over yet."),
        ("2026-W36", "Months and quarters are closed"),
        ("2026", "Months and quarters are closed"),
        ("soon", "is not a period"),
        ("", "is not a period"),
    ],
)
def test_what_cannot_be_closed_is_said(client, elif_, key, said):
    client.force_login(elif_)
    page = client.post(f"{PERIODS}close/", {"period": key}, follow=True)
    assert said in page.content.decode()
    assert not Closing.objects.exists()


def test_a_closed_period_is_not_closed_again(client, close, september):
    close()
    stored = KnownAction.objects.count()
    page = close()
    assert page.status_code == 302
    assert (Closing.objects.count(), KnownAction.objects.count()) == (1, stored)
    with pytest.raises(IntegrityError):
        Closing.objects.create(
            kind="month", starts_on=date(2026, 9, 1), ends_on=date(2026, 10, 1), key="2026-09",
            fiscal_first_month=1,
        )  # fmt: skip


def test_what_the_roll_up_has_not_digested_is_in_what_is_stored(close, nora, september, monkeypatch):
    monkeypatch.setattr("apr.services.closing.drain", lambda _seconds: 0)
    close()
    assert not DayTally.objects.filter(user=nora).exists()  # nothing was digested
    assert sum(points[2] for points in KnownScorecard.objects.get(user=nora).figures["by_type"].values()) == 7


def test_figures_that_do_not_add_up_are_not_stored(client, elif_, close, nora, september):
    drain()
    DayTally.objects.filter(user=nora, day=date(2026, 9, 14)).update(count=5)
    from apr.models import PeriodScore

    PeriodScore.objects.filter(user=nora, action_type=action_type("call_to")).update(counted=9)
    close()
    closing = Closing.objects.get()
    assert (closing.status, closing.known_at) == ("failed", None)
    assert not KnownAction.objects.exists()
    assert not KnownScorecard.objects.exists()
    client.force_login(elif_)
    assert f"The figures of person {nora.pk} are not the sum of their rows." in words(client.get(PERIODS))
    call_command("rebuild_scores", stdout=StringIO())
    close()  # Try again
    assert Closing.objects.get().status == "done"


def test_an_error_leaves_nothing_behind_and_is_raised(close, september, monkeypatch):
    def breaks(*_args):
        raise ValueError("broken")

    monkeypatch.setattr(storing, "everybody", breaks)
    with pytest.raises(ValueError, match="broken"):
        close()
    assert Closing.objects.get().status == "failed"
    assert not KnownAction.objects.exists()
    monkeypatch.undo()
    close()
    assert Closing.objects.get().status == "done"


# --- what came later --------------------------------------------------------------------------------


def test_every_kind_of_correction_is_a_row_and_the_rows_add_up(read, close, clock, nora, ana, september):
    close()
    clock.move_to(LATER)
    void_action(action_id=september["meeting"].pk, by=nora)  # −3
    answer_action(action_id=september["coaching"].pk, by=ana, answer="none")  # −2 confirmed
    did(nora, "webinar", day=21)  # +2, back-dated
    stays, leaves = datetime(2026, 9, 10, 9, tzinfo=UTC), datetime(2026, 10, 1, 9, tzinfo=UTC)
    for action, at in ((september["first call"], stays), (september["second call"], leaves)):
        edit_action(
            action_id=action.pk,
            by=nora,
            action_type=action.action_type,
            occurred_at=at,
            deal=None,
            partner=None,
            customer=action.customer,
            counterpart=None,
            capacity=action.capacity,
            duration_minutes=None,
            notes="",
        )  # −1 by the one that leaves
    page = read(nora, known(nora))
    assert "Closed on 3 Oct by Elif Maes; 2 points fell away since." in words(page)
    rows = [[row[0], row[1].split()[0], *row[2:]] for row in cells(page, ROWS)]
    assert rows == [
        ["Mon 21 Sep", "Webinar", "Logged on 12 Oct", "+2", "+2", "0"],
        ["Tue 15 Sep", "Coaching", "Answer taken back", "0", "0", "−2"],
        ["Mon 14 Sep", "Call", "Moved to 1 Oct 2026", "−1", "−1", "0"],
        ["Thu 10 Sep", "Call", "Moved here from 9 Sep", "0", "0", "0"],
        ["Wed 2 Sep", "Face-to-face", "Voided on 12 Oct", "−3", "−3", "0"],
        ["Together", "−2", "−2", "−2"],
    ]
    assert cells(page)[:5] == [
        ["Points, counted", "7", "5", "−2"],
        ["Points, raw", "7", "5", "−2"],
        ["Points, confirmed", "2", "0", "−2"],
        ["Target", "60", "60", "–"],
        ["Attainment", "12%", "8%", ""],
    ]


def test_a_cap_that_falls_on_another_action_is_told(read, close, clock, nora, september):
    PointRule.objects.filter(action_type=action_type("call_to")).update(daily_cap=1)
    close()
    clock.move_to(LATER)
    did(nora, day=14, hour=7)  # earlier on the day of the second call: it takes the cap
    page = read(nora, known(nora))
    assert [row[-4:] for row in cells(page, ROWS)] == [
        ["Logged on 12 Oct", "+1", "+1", "0"],
        ["The day’s cap falls on it in another way", "0", "−1", "0"],
        ["Together", "+1", "0", "0"],
    ]
    assert "the points are the same today" in words(page)


def test_nothing_changed_is_said(read, close, nora, september):
    close()
    page = words(read(nora, known(nora)))
    assert "Every action counts as it did then." in page
    assert "Every deal counts as it did then." in page
    line = words(read(nora, reverse("apr:person", args=[nora.pk])))
    assert "Closed on 3 Oct by Elif Maes; the points are the same today." in line


def test_the_scorecards_say_it_quietly(read, close, clock, nora, priya, team, elif_, september):
    assert "Closed on" not in words(read(nora, "/apr/"))
    close()
    clock.move_to(LATER)
    did(nora, "webinar", day=21)
    said = "Closed on 3 Oct by Elif Maes; 2 points came later."
    for reader, path in (
        (nora, "/apr/"),
        (priya, reverse("apr:team", args=[team.pk])),
        (elif_, reverse("apr:teams")),
    ):
        assert said in words(read(reader, path))
    assert "Closed on" not in words(read(nora, "/apr/", period="2026-10"))
    for reader, path in (
        (priya, reverse("apr:team_known", args=[team.pk])),
        (elif_, reverse("apr:organisation_known")),
    ):
        page = read(reader, path)
        assert said in words(page)
        assert cells(page, ROWS)[0][:2] == ["Mon 21 Sep", "Nora Lindqvist"]
        assert cells(page, ROWS)[-1] == ["Together", "+2", "+2", "0"]


# --- deals ------------------------------------------------------------------------------------------


def won(deal, on, by=None):
    move_stage(opportunity_id=deal.pk, to_stage=stage("Won"), by=by or deal.owner, effective_at=on)


def test_deals_by_figure(read, close, clock, nora, ana, team):
    norrvik = PartnerFactory(managers=[nora])
    day = datetime(2026, 9, 8, 12, tzinfo=UTC)
    opened = {"opened_at": datetime(2026, 9, 1, 12, tzinfo=UTC), "owner": ana, "partner_manager": nora}
    sourced = [(norrvik, InvolvementKind.SOURCED)]
    kept = OpportunityFactory(name="Kept", amount=Money(100_000, "EUR"), partners=sourced, **opened)
    lost = OpportunityFactory(name="Reopened", amount=Money(50_000, "EUR"), partners=sourced, **opened)
    late = OpportunityFactory(name="Late", amount=Money(20_000, "EUR"), **opened)
    foreign = OpportunityFactory(name="Foreign", amount=Money(10_000, "USD"), **opened)
    ExchangeRate.objects.create(
        currency="USD", reporting_currency="EUR", effective_from=date(2020, 1, 1), rate_nano=500_000_000
    )
    for deal in (kept, lost, foreign):
        won(deal, day)
    close()
    clock.move_to(LATER)
    won(late, day)  # +200.00
    move_stage(opportunity_id=lost.pk, to_stage=stage("Proposal"), by=ana)  # −500.00
    Opportunity.objects.filter(pk=kept.pk).update(amount_minor=110_000)  # +100.00
    ExchangeRate.objects.update(rate_nano=600_000_000)  # +10.00
    page = read(ana, known(ana))
    assert cells(page, DEALS) == [
        ["Foreign " + foreign.customer.name, "Another exchange rate holds", "+€10"],
        ["Late " + late.customer.name, "Recorded since", "+€200"],
        ["Reopened " + lost.customer.name, "Open again", "−€500"],
        ["Kept " + kept.customer.name, "Was €1,000", "+€100"],
        ["Together", "−€190"],
    ]  # fmt: skip
    figures = {row[0]: row[1:] for row in cells(page)}
    assert figures["Won"] == ["€1,550", "€1,360", "−€190"]
    # 3 of 3 closed deals were won, and are
    assert figures["Win rate"] == ["3 of 3", "3 of 3", "–"]
    mine = read(nora, known(nora))
    sums = {row[0]: row[1:] for row in cells(mine)}
    assert sums["Sourced won"] == ["€1,500", "€1,100", "−€400"]
    both = read(priya_of(team), reverse("apr:team_known", args=[team.pk]))
    assert ["Together", "−€400"] in cells(both, DEALS + 1)


def priya_of(team):
    return team.leaders.get()


# --- who sees what ----------------------------------------------------------------------------------


def test_what_was_known_is_as_private_as_the_scorecard(read, close, nora, ana, priya, team, elif_, september):
    close()
    stranger = LeaderFactory()
    paths = {
        known(nora): [nora, priya, elif_],
        reverse("apr:team_known", args=[team.pk]): [priya, elif_],
        reverse("apr:organisation_known"): [elif_],
    }
    for path, allowed in paths.items():
        for person in (nora, ana, priya, elif_, stranger):
            assert read(person, path).status_code == (200 if person in allowed else 404)


def test_a_leader_reads_what_was_known_of_the_days_in_the_own_teams(read, close, clock, nora, priya, team):
    Membership.objects.filter(user=nora).update(ends_on=date(2026, 9, 10))
    later = LeaderFactory(name="Otto")
    Membership.objects.create(
        user=nora, team=TeamFactory(leaders=[later], kind="partner"), starts_on=date(2026, 9, 10)
    )
    did(nora, "face_to_face", day=9)
    did(nora, "webinar", day=10)
    close()
    clock.move_to(LATER)
    did(nora, day=8)
    did(nora, day=11)
    did(nora, day=12)
    for reader, then, now, since in ((priya, "3", "4", "+1"), (later, "2", "4", "+2")):
        page = read(reader, known(nora))
        assert cells(page)[0] == ["Points, counted", then, now, since]
        assert cells(page, ROWS)[-1][1:3] == [since, since]
        assert "Of the days in the teams that you lead." in words(page)
        line = words(read(reader, reverse("apr:person", args=[nora.pk])))
        assert f"{since[1:]} point{'s' if since == '+2' else ''} came later" in line
    assert cells(read(nora, known(nora)))[0] == ["Points, counted", "5", "8", "+3"]


def test_a_deal_that_one_may_not_see_has_no_name(read, close, clock, nora, priya, team):
    deal = OpportunityFactory(
        name="Acme renewal",
        owner=AEFactory(),
        partner_manager=nora,
        partners=[(PartnerFactory(), InvolvementKind.SOURCED)],
        opened_at=datetime(2026, 8, 1, 12, tzinfo=UTC),
    )
    won(deal, datetime(2026, 9, 8, 12, tzinfo=UTC))
    close()
    clock.move_to(LATER)
    deal.assignments.filter(user=nora).delete()
    page = read(priya, known(nora))
    assert cells(page, DEALS)[0] == ["A deal that you may not see", "Counts elsewhere now", "−€1,000"]
    assert "Acme renewal" not in words(page)


# --- opening again ----------------------------------------------------------------------------------


def test_a_period_is_opened_again_for_a_reason_and_closed_again_with_both_on_record(
    client, read, close, clock, elif_, nora, september
):
    close()
    first = Closing.objects.get()
    clock.move_to(LATER)
    did(nora, "webinar", day=21)
    client.force_login(elif_)
    url = reverse("settings:period_reopen", args=[first.pk])
    assert client.post(url, {"reason": " "}).status_code == 422
    assert client.post(url, {"reason": "A webinar was forgotten"}).status_code == 302
    page = words(client.get(PERIODS))
    assert "September 2026 open Opened again on 12 Oct 2026 by Elif Maes: “A webinar was forgotten”" in page
    assert client.get(url).status_code == 404
    assert "Closed on" not in words(read(nora, "/apr/"))
    clock.shift(60)
    close()
    second = Closing.objects.standing().get()
    assert cells(read(nora, known(nora)))[0] == ["Points, counted", "9", "9", "–"]
    before = read(nora, known(nora), closing=first.pk)
    assert cells(before)[0] == ["Points, counted", "7", "9", "+2"]
    assert "Opened again on 12 Oct 2026 by Elif Maes: “A webinar was forgotten”" in words(before)
    assert (first.pk, second.pk) == tuple(Closing.objects.order_by("pk").values_list("pk", flat=True))


@pytest.mark.parametrize("person", [PMFactory, AEFactory, LeaderFactory])
def test_only_administrators_close_and_open(person, clock, september, elif_):
    other = person()
    with pytest.raises(NotAllowed):
        ask_to_close(key="2026-09", by=other)
    closing = ask_to_close(key="2026-09", by=elif_)
    work_on_closings()
    with pytest.raises(NotAllowed):
        reopen(closing_id=closing.pk, reason="Mine", by=other)
    closing.refresh_from_db()
    assert closing.reopened_at is None


# --- the command ------------------------------------------------------------------------------------


def run(*args) -> str:
    out = StringIO()
    call_command("close_period", *args, stdout=out)
    return out.getvalue()


def test_the_command_closes_and_opens(nora, ana, team, elif_, september):
    # Nora, Ana (Nora's coaching gave her none, her deals neither), the team, everybody
    assert run("2026-09", "--by", elif_.email) == "2026-09 is closed: 3 scorecards, 4 actions.\n"
    assert Closing.objects.get().closed_by == elif_
    with pytest.raises(CommandError, match="closed already"):
        run("2026-09")
    assert run("2026-09", "--reopen", "Wrong targets") == "2026-09 is open again.\n"
    assert Closing.objects.get().reopen_reason == "Wrong targets"
    with pytest.raises(CommandError, match="is not closed"):
        run("2026-09", "--reopen", "Again")
    assert run("2026-Q3") == "2026-Q3 is closed: 3 scorecards, 4 actions.\n"
    with pytest.raises(CommandError, match="Nobody here"):
        run("2026-08", "--by", "nobody@fieldstone.example")
    with pytest.raises(CommandError, match="Only administrators"):
        run("2026-08", "--by", nora.email)


# --- teams ------------------------------------------------------------------------------------------


def test_a_team_that_moved_is_held_against_what_stood_below_it_then(
    read, close, clock, nora, team, priya, elif_, september
):
    above = TeamFactory(name="North")
    close()
    clock.move_to(LATER)
    team.parent = above
    team.save()
    page = read(elif_, reverse("apr:team_known", args=[above.pk]))
    assert cells(page)[0] == ["Points, counted", "0", "7", "+7"]
    assert {row[3] for row in cells(page, ROWS)[:-1]} == {"Counted elsewhere then"}
    assert cells(page, ROWS)[-1] == ["Together", "+7", "+7", "+2"]
    assert cells(read(elif_, reverse("apr:team_known", args=[team.pk])))[0][-1] == "–"


# --- cost -------------------------------------------------------------------------------------------


def test_pages_of_closed_periods_cost_the_same_for_many_corrections(read, close, clock, nora, september):
    close()
    clock.move_to(LATER)

    def queries(path) -> int:
        drain()
        with CaptureQueriesContext(connection) as captured:
            read(nora, path)
        return len(captured)

    did(nora, "webinar", day=21)
    own = reverse("apr:person", args=[nora.pk])
    before = [queries(known(nora)), queries(own)]
    for day in range(1, 25):
        did(nora, "webinar", day=day)
        won(OpportunityFactory(owner=nora), datetime(2026, 9, day, 12, tzinfo=UTC), by=nora)
    assert [queries(known(nora)), queries(own)] == before
    assert before[0] <= 45
