"""The crash test would tell: each kind of damage, done by hand, is found."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone

from apr.models import Action, PeriodScore
from apr.rollup.drain import drain
from opportunities.models import Opportunity
from tests.chaos import verdict as verdict_module
from tests.chaos.ledger import Ledger, Logged
from tests.chaos.organisation import Setting, make_organisation
from tests.chaos.verdict import Verdict, judge
from tests.factories import ActionFactory

pytestmark = pytest.mark.django_db
TODAY = datetime(2026, 9, 16, tzinfo=UTC).date()


@pytest.fixture(autouse=True)
def few_periods(monkeypatch):
    """Only the week, month and quarter of the one action."""
    monkeypatch.setattr(verdict_module, "BACK_DATED", 0)


@pytest.fixture
def place() -> Setting:
    return make_organisation()


@pytest.fixture
def ledger(place) -> Ledger:
    """One action, acknowledged and there."""
    action = ActionFactory(actor_id=place.people[0].pk, notes="one")
    row = Logged("one", action.actor_id, action.action_type_id, action.occurred_on, True, action.pk)
    return Ledger(rows=[row])


def verdict(ledger, place) -> Verdict:
    drain()
    return judge(ledger, place, TODAY)


def test_a_site_that_is_right(ledger, place):
    judged = verdict(ledger, place)
    assert (judged.lost, judged.doubled, judged.wrong) == ([], [], [])
    assert judged.figures_compared > 0


def test_a_lost_action(ledger, place):
    Action.objects.all().delete()
    assert verdict(ledger, place).lost == ["one"]


def test_an_action_there_twice(ledger, place):
    ActionFactory(actor_id=place.people[0].pk, notes="one")
    assert verdict(ledger, place).doubled == ["one"]


def test_an_action_of_nobody(ledger, place):
    ActionFactory(actor_id=place.people[0].pk, notes="two")
    assert verdict(ledger, place).wrong == ["nobody logged 'two'"]


def test_a_void_that_nobody_asked_for(ledger, place):
    Action.objects.update(voided_at=timezone.now(), voided_by=place.people[0].pk)
    assert verdict(ledger, place).wrong == ["one: voided is True, acknowledged False"]


def test_a_move_that_was_forgotten(ledger, place):
    place.people[0].deals[0].version += 1
    [wrong] = verdict(ledger, place).wrong
    assert "stage, version and steps are" in wrong


def test_a_wrong_score(ledger, place):
    drain()
    PeriodScore.objects.update(counted=99)
    wrong = verdict(ledger, place).wrong
    assert any("shown" in one for one in wrong)
    assert any("the last audit" in one for one in wrong)


def test_marks_that_nobody_digests(ledger, place):
    drain()
    Opportunity.objects.update(amount_minor=1)
    [wrong] = judge(ledger, place, TODAY).wrong
    assert "marks left" in wrong


def test_somebody_without_an_answer(ledger, place):
    ledger.given_up, ledger.refused = 1, ["log: 400"]
    assert verdict(ledger, place).wrong == ["refused: log: 400", "1 requests had no answer at the end"]
