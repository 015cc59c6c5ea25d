"""The page of the day, for each who reads it. Today is Tuesday 15 September 2026, noon UTC."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Role
from apr.models import Action
from foundation.money import Money
from opportunities.models import Commitment, CommitmentOutcome, Obstacle
from tests.factories import (
    ActionFactory,
    AdminFactory,
    AEFactory,
    CommitmentFactory,
    LeaderFactory,
    ObstacleFactory,
    OpportunityFactory,
    PartnerFactory,
    PMFactory,
    TargetFactory,
    TeamFactory,
    UserFactory,
    action_type,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 9, 15, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def nora():
    return PMFactory(name="Nora Lindqvist")


@pytest.fixture
def ana():
    return AEFactory(name="Ana Kovač")


@pytest.fixture
def acme(nora, ana):
    """EUR 1,480 in Proposal, nine days before its close, without any partner manager's action."""
    return OpportunityFactory(
        name="Acme renewal",
        owner=ana,
        partner_manager=nora,
        amount=Money(148_000, "EUR"),
        expected_close_on=date(2026, 9, 24),
    )


def page(client, user, path="/"):
    client.force_login(user)
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def test_strangers_are_asked_to_sign_in(client):
    response = client.get("/")
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("person", [UserFactory, PMFactory, AEFactory, LeaderFactory, AdminFactory])
def test_an_empty_organisation_has_a_page_for_everybody(client, person):
    assert "PartnerHub" in page(client, person())


def test_an_empty_organisation_tells_the_administrator_how_to_begin(client):
    html = page(client, AdminFactory())
    assert "How to begin" in html
    assert "/settings/people/new/" in html


def test_the_sentence_is_the_score(client, nora):
    """Ten of September's 22 working days are gone: of 60 points 27.3 are expected, 42 are a pace of 1.54."""
    TargetFactory(user=nora, why="Partners we speak with close twice as often.")
    early = datetime(2026, 9, 3, 9, tzinfo=UTC)
    ActionFactory.create_batch(42, actor=nora, capacity="partner_manager", occurred_at=early)
    html = page(client, nora)
    assert "On track: 42 of 60 points, 12 working days left." in html
    assert "1.5 points a working day gets you there." in html
    assert "<strong>1.54</strong>" in html
    assert "Partners we speak with close twice as often." in html


def test_a_quiet_deal_near_the_ink_comes_first_and_says_why(client, nora, acme):
    html = page(client, nora)
    assert "Acme renewal closes in 9 days and has had no partner manager yet" in html
    assert "One deal cannot wait: Acme renewal." in html
    assert "Call to Ana" in html


def test_order_is_by_what_is_at_stake(client, nora, ana, acme):
    both = {"owner": ana, "partner_manager": nora}
    small = OpportunityFactory(name="Small pilot", amount=Money(50_000, "EUR"), **both)
    big = OpportunityFactory(name="Big rollout", amount=Money(900_000, "EUR"), **both)
    html = page(client, nora)
    titles = [html.index(f"{deal.name} ", html.index("To do")) for deal in (big, acme, small)]
    assert titles == sorted(titles)


def test_a_recent_action_ends_the_silence(client, nora, acme):
    ActionFactory(actor=nora, opportunity=acme, capacity="partner_manager")
    assert "Acme renewal closes" not in page(client, nora)


def test_what_is_on_others_desks_is_not_shown(client, acme):
    assert "Acme renewal closes" not in page(client, PMFactory())


def test_one_press_logs_and_the_score_rises(client, nora, ana, acme):
    client.force_login(nora)
    posted = {
        "action_type": action_type("coaching_session").pk,
        "opportunity": acme.pk,
        "counterpart": ana.pk,
        "request_key": "once",
    }
    client.post("/today/log/", posted)
    html = client.post("/today/log/", posted, follow=True).content.decode()
    assert Action.objects.count() == 1
    assert "+2, now 2 points in September 2026." in html
    assert "2 points, 12 working days left." in html


def test_a_button_cannot_name_what_one_does_not_see(client, acme):
    client.force_login(PMFactory())
    posted = {"action_type": action_type("call_to").pk, "opportunity": acme.pk, "request_key": "x"}
    client.post("/today/log/", posted)
    assert not Action.objects.exists()


class TestPromises:
    @pytest.fixture
    def promise(self, nora, ana, acme):
        return CommitmentFactory(opportunity=acme, made_by=nora, made_to=ana, due_on=date(2026, 9, 16))

    def test_kept(self, client, nora, promise):
        assert "You promised Ana by tomorrow: send the offer" in page(client, nora)
        client.post(f"/today/promises/{promise.pk}/kept/")
        promise.refresh_from_db()
        assert promise.outcome == CommitmentOutcome.KEPT
        assert "You promised Ana" not in page(client, nora)

    def test_moved(self, client, nora, promise):
        client.force_login(nora)
        client.post(f"/today/promises/{promise.pk}/date/", {"due_on": "2026-09-30"})
        promise.refresh_from_db()
        assert promise.due_on == date(2026, 9, 30)

    def test_a_date_that_is_over_is_refused_with_what_was_typed(self, client, nora, promise):
        client.force_login(nora)
        response = client.post(f"/today/promises/{promise.pk}/date/", {"due_on": "2026-09-01"})
        assert response.status_code == 422
        assert "still ahead" in response.content.decode()
        assert 'value="2026-09-01"' in response.content.decode()

    def test_others_owe(self, client, ana, promise):
        html = page(client, ana)
        assert "Others owe you" in html
        assert "Send the offer" in html

    def test_others_cannot_settle_it(self, client, ana, promise):
        client.force_login(ana)
        client.post(f"/today/promises/{promise.pk}/kept/")
        assert Commitment.objects.get().outcome == CommitmentOutcome.OPEN
        client.force_login(PMFactory())
        assert client.post(f"/today/promises/{promise.pk}/kept/").status_code == 404


def test_clearing_with_the_partner_is_logged_once(client, nora, acme):
    obstacle = ObstacleFactory(opportunity=acme, needs_partner=True, partner=PartnerFactory())
    assert "Obstacle waits for the partner: security questionnaire unanswered" in page(client, nora)
    for _press in range(2):
        client.post(f"/today/obstacles/{obstacle.pk}/cleared/")
    assert Obstacle.objects.get().cleared_by == nora
    assert [action.action_type.key for action in Action.objects.all()] == ["obstacle_cleared"]


def test_an_action_waits_for_my_word(client, nora, ana, acme):
    review = action_type("joint_deal_review")
    action = ActionFactory(actor=nora, opportunity=acme, counterpart=ana, action_type=review)
    assert "1 action" not in page(client, nora)
    assert "Nora logged with you on" in page(client, ana)
    client.post(f"/actions/{action.pk}/answer/", {"answer": "confirmed", "next": "/"})
    action.refresh_from_db()
    assert action.confirmation == "confirmed"


def test_leaders_begin_with_their_teams(client, nora, ana):
    leader = LeaderFactory()
    TeamFactory(name="Alliances", leaders=[leader], members=[nora, ana])
    TargetFactory(user=nora)
    ActionFactory.create_batch(30, actor=nora, capacity="partner_manager")
    html = page(client, leader)
    assert "Alliances: On track: 30 of 60 points, 12 working days left." in html


def test_who_sees_it_is_said(client, nora):
    leader = LeaderFactory(name="Priya Menon")
    TeamFactory(leaders=[leader], members=[nora])
    TargetFactory(user=nora)
    assert "Seen by you and Priya Menon." in page(client, nora)


def queries(client, user, path):
    client.force_login(user)
    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len([q for q in captured if q["sql"] not in {"BEGIN", "COMMIT", "BEGIN IMMEDIATE"}])


def desk(nora, ana, count):
    """So many deals, each with an obstacle, promises both ways, and actions."""
    for _number in range(count):
        deal = OpportunityFactory(owner=ana, partner_manager=nora, expected_close_on=date(2026, 9, 24))
        ObstacleFactory(opportunity=deal, needs_partner=True)
        CommitmentFactory(opportunity=deal, made_by=nora, made_to=ana)
        CommitmentFactory(opportunity=deal, made_by=ana, made_to=nora)
        ActionFactory(actor=ana, opportunity=deal, counterpart=nora)
        ActionFactory(actor=nora, opportunity=deal, capacity="partner_manager")


@pytest.mark.parametrize("role", [Role.PARTNER_MANAGER, Role.LEADER])
def test_queries_do_not_grow_with_the_list(client, nora, ana, role):
    leader = LeaderFactory()
    TeamFactory(leaders=[leader], members=[nora, ana])
    reader = nora if role == Role.PARTNER_MANAGER else leader
    desk(nora, ana, 1)
    few = queries(client, reader, "/?all=1")
    desk(nora, ana, 12)
    assert queries(client, reader, "/?all=1") <= few
    assert few <= (45 if role == Role.PARTNER_MANAGER else 56)
