"""Somebody leaves: everything open goes to colleagues in one act, the past stays, and access ends."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership, User
from accounts.services.invitations import make_invitation
from apr.periods import PeriodKind, period_containing
from apr.rollup.drain import drain
from apr.scorecards import own_card
from audit.models import Entry, Kind
from exchange.api.tokens import issue_token, usable_token
from opportunities.models import Assignment, Commitment, Obstacle, Opportunity
from opportunities.services import leaving
from opportunities.services.leaving import PARTS, leave
from partners.models import PartnerManagement
from tests.factories import (
    PASSWORD,
    ActionFactory,
    AdminFactory,
    AEFactory,
    CommitmentFactory,
    LeaderFactory,
    ObstacleFactory,
    OpportunityFactory,
    PartnerFactory,
    PMFactory,
    TeamFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client):
    person = AdminFactory()
    client.force_login(person)
    return person


@pytest.fixture
def ana():
    """She drives two deals, stands beside a third, looks after a partner, promised, clears and leads."""
    ana, nora = AEFactory(name="Ana Kovač", roles=["account_executive", "leader"]), PMFactory(name="Nora")
    TeamFactory(name="North", members=[ana], leaders=[ana])
    first = OpportunityFactory(name="Acme renewal", owner=ana, partner_manager=nora)
    OpportunityFactory(name="Beta rollout", owner=ana)
    OpportunityFactory(name="Gamma", owner=AEFactory(), partner_manager=ana)
    PartnerFactory(name="Norrvik", managers=[ana])
    today = timezone.localdate()
    CommitmentFactory(opportunity=first, made_by=ana, made_to=nora, text="Ahead", due_on=today + timedelta(5))
    CommitmentFactory(opportunity=first, made_by=ana, text="Overdue", due_on=today - timedelta(5))
    CommitmentFactory(opportunity=first, made_by=nora, made_to=ana, text="Owed to her")
    ObstacleFactory(opportunity=first, assigned_to=ana)
    return ana


@pytest.fixture
def heirs(ana):
    """Who can take each part."""
    ben, pam, lea = AEFactory(name="Ben"), PMFactory(name="Pam"), LeaderFactory(name="Lea")
    return dict(zip(PARTS, [ben, pam, pam, ben, ben, ben, lea], strict=True))


def sent(heirs):
    return {part: person.pk for part, person in heirs.items()}


def path(person):
    return reverse("settings:person_leave", args=[person.pk])


def test_all_that_is_open_goes_and_the_past_stays(client, admin, ana, heirs):
    past = OpportunityFactory(name="Won long ago", owner=ana)
    Opportunity.objects.filter(pk=past.pk).update(status="won", closed_on=date(2026, 7, 1))
    page = client.get(path(ana)).content.decode()
    for name in ("Acme renewal", "Beta rollout", "Gamma", "Norrvik", "Overdue", "Owed to her", "North"):
        assert name in page
    assert "Won long ago" not in page
    assert client.post(path(ana), sent(heirs)).status_code == 302

    ben, pam, lea = heirs["owned"], heirs["partnered"], heirs["teams"]
    assert set(Opportunity.objects.filter(owner=ben).values_list("name", flat=True)) == {
        "Acme renewal",
        "Beta rollout",
    }
    assert Opportunity.objects.get(name="Gamma").partner_manager == pam
    assert Opportunity.objects.get(name="Won long ago").owner == ana
    ended, begun = Assignment.objects.filter(opportunity__name="Beta rollout").order_by("starts_at")
    assert (ended.user, begun.user, ended.ends_at) == (ana, ben, begun.starts_at)
    assert begun.assigned_by == admin
    before, after = PartnerManagement.objects.order_by("starts_on")
    assert (before.user, before.ends_on, after.user, after.starts_on) == (
        ana,
        ana.today(),
        pam,
        ana.today(),
    )
    assert Obstacle.objects.get().assigned_to == ben
    assert Commitment.objects.get(text="Owed to her").made_to == ben
    outcomes = Commitment.objects.filter(made_by=ana).order_by("text").values_list("text", "outcome")
    assert list(outcomes) == [("Ahead", "withdrawn"), ("Overdue", "broken")]
    anew = Commitment.objects.filter(made_by=ben).order_by("text")
    assert [(row.text, row.outcome, row.due_on) for row in anew] == [
        ("Ahead", "open", Commitment.objects.get(text="Ahead", made_by=ana).due_on),
        ("Overdue", "open", ben.today()),
    ]
    assert list(lea.led_teams.values_list("name", flat=True)) == ["North"]
    assert Membership.objects.get(user=ana).ends_on == ana.today() + timedelta(1)


def test_access_ends_everywhere_and_for_good(client, admin, ana, heirs):
    theirs = Client()
    theirs.post(reverse("account_login"), {"login": ana.email, "password": PASSWORD})
    assert theirs.get("/profile/").status_code == 200
    secret = issue_token(by=ana, name="sync")[1]
    client.post(path(ana), sent(heirs))
    assert theirs.get("/profile/").status_code == 302
    again = Client().post(reverse("account_login"), {"login": ana.email, "password": PASSWORD}, follow=True)
    assert not again.wsgi_request.user.is_authenticated
    client.post(reverse("settings:person_return", args=[ana.pk]))
    assert User.objects.get(pk=ana.pk).is_active
    assert usable_token(secret, timezone.now()) is None
    assert theirs.get("/profile/").status_code == 302


def test_an_open_invitation_ends(client, admin):
    zoe = AEFactory()
    User.objects.filter(pk=zoe.pk).update(password="!unusable")
    token = make_invitation(person=User.objects.get(pk=zoe.pk), by=admin)
    client.post(path(zoe))
    assert client.get(reverse("accounts:invitation", args=[token])).status_code == 410


def test_scores_do_not_move(admin, ana, heirs):
    ActionFactory(actor=ana, occurred_at=timezone.now() - timedelta(days=40))
    drain()
    period = period_containing(timezone.localdate() - timedelta(days=40), PeriodKind.QUARTER, 1)
    before = own_card(ana, period, period).score
    leave(person=ana, successors=heirs, by=admin)
    drain()
    after = own_card(ana, period, period).score
    assert (after.raw_points, after.counted_points) == (before.raw_points, before.counted_points) == (1, 1)


def test_it_is_on_record(client, admin, ana, heirs):
    client.post(path(ana), sent(heirs))
    entry = Entry.objects.get(act="handed_over")
    assert (entry.actor_id, entry.person_id, entry.before["owned"]) == (admin.pk, ana.pk, 2)
    assert entry.after["owned"] == f"person:{heirs['owned'].pk}"
    assert Entry.objects.filter(kind=Kind.ASSIGNMENT, act="assigned").count() == 3


def test_what_was_chosen_stays_when_something_lacks(client, admin, ana, heirs):
    answer = client.post(path(ana), {**sent(heirs), "partners": ""})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert f'<option value="{heirs["owned"].pk}" selected>' in page
    assert User.objects.get(pk=ana.pk).is_active
    assert not Opportunity.objects.filter(owner=heirs["owned"]).exists()


@pytest.mark.parametrize("part", ["owned", "teams"])
def test_only_colleagues_who_can_take_it(client, admin, ana, heirs, part):
    gone = LeaderFactory(is_active=False)
    for wrong in (ana, gone, PMFactory()):
        assert client.post(path(ana), {**sent(heirs), part: wrong.pk}).status_code == 422
    assert User.objects.get(pk=ana.pk).is_active


def test_all_or_nothing(client, admin, ana, heirs, monkeypatch):
    def broken(*_args):
        raise RuntimeError("power cut")

    monkeypatch.setitem(leaving.HANDERS, "teams", broken)
    with pytest.raises(RuntimeError):
        client.post(path(ana), sent(heirs))
    assert User.objects.get(pk=ana.pk).is_active
    assert Opportunity.objects.filter(owner=ana).count() == 2
    assert not Entry.objects.filter(act="assigned").exists()


def test_somebody_without_work_is_deactivated_at_once(client, admin):
    zoe = AEFactory(name="Zoe Idle")
    assert "nothing in hand" in client.get(path(zoe)).content.decode()
    assert client.post(path(zoe)).status_code == 302
    assert not User.objects.get(pk=zoe.pk).is_active
    assert client.get(path(zoe)).status_code == 404


def test_the_last_administrator_stays(client, admin):
    other = AdminFactory()
    client.post(path(other))
    assert not User.objects.get(pk=other.pk).is_active
    assert client.post(path(admin)).status_code == 422


def test_the_page_asks_few_questions(client, admin, ana, heirs, django_assert_max_num_queries):
    for _ in range(20):
        OpportunityFactory(owner=ana)
    with django_assert_max_num_queries(30):
        client.get(path(ana))
