"""Mutual goals through the doors people use, on Tuesday 15 September 2026; figures by hand."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.urls import reverse

from accounts.models import ExchangeRate
from foundation.money import Money
from opportunities.models import InvolvementKind
from opportunities.services.stages import move_stage
from partners.models import GoalVersion, PartnerGoal
from tests.apr.pages import cells, words
from tests.factories import (
    ActionFactory,
    AdminFactory,
    AEFactory,
    LeaderFactory,
    OpportunityFactory,
    PartnerFactory,
    PartnerGoalFactory,
    PMFactory,
    TeamFactory,
    action_type,
    stage,
)

pytestmark = pytest.mark.django_db
SOURCED, INFLUENCED = InvolvementKind.SOURCED, InvolvementKind.INFLUENCED
QUARTER = {"starts_on": date(2026, 7, 1), "due_on": date(2026, 9, 30)}
TYPED = {
    "side": "partner",
    "text": "Bring three deals",
    "metric": "sourced_deals",
    "target": "3",
    "starts_on": "2026-07-01",
    "due_on": "2026-09-30",
    "why": "Half of our pipeline is theirs.",
}


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(datetime(2026, 9, 15, 12, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def nora():
    return PMFactory(name="Nora Lindqvist")


@pytest.fixture
def norrvik(nora):
    return PartnerFactory(name="Norrvik Systems", managers=[nora])


@pytest.fixture
def as_(client):
    def signed_in(person):
        client.force_login(person)
        return client

    return signed_in


def page_of(as_, person, partner) -> str:
    return words(as_(person).get(reverse("partners:detail", args=[partner.pk])))


def deal(partner, nora, opened, *, won=None, amount=100_000, currency="EUR", kind=SOURCED):
    made = OpportunityFactory(
        owner=AEFactory(),
        partner_manager=nora,
        partners=[(partner, kind)],
        amount=Money(amount, currency),
        opened_at=datetime(2026, *opened, 12, tzinfo=UTC),
    )
    if won:
        at = datetime(2026, *won, 12, tzinfo=UTC)
        move_stage(opportunity_id=made.pk, to_stage=stage("Won"), by=AdminFactory(), effective_at=at)
    return made


# --- what is measured -------------------------------------------------------------------------------


def test_deals_sourced_on_the_days_of_the_goal(as_, nora, norrvik):
    goal = PartnerGoalFactory(partner=norrvik, side="partner", metric="sourced_deals", target=3, **QUARTER)
    for opened in ((6, 30), (7, 1), (9, 14)):
        deal(norrvik, nora, opened)
    deal(norrvik, nora, (8, 1), kind=INFLUENCED)
    deal(PartnerFactory(), nora, (8, 1))
    # 66 working days, 54 of them before the 15th: 3 × 54 / 66 = 2.45 are expected, and 2 / 2.45 = 0.81
    assert "At risk" in page_of(as_, nora, norrvik)
    page = as_(nora).get(goal.get_absolute_url())
    assert "2 of 3, due Wed 30 Sep." in words(page)
    assert [row[2] for row in cells(page)[:2]] == ["14 Sep 2026", "1 Jul 2026"]
    assert cells(page)[-1] == ["Together", "2"]


def test_amounts_won_in_the_reporting_currency(as_, nora, norrvik):
    goal = PartnerGoalFactory(
        partner=norrvik,
        side="partner",
        metric="sourced_won_amount",
        target=300_000,
        currency="EUR",
        **QUARTER,
    )
    deal(norrvik, nora, (5, 1), won=(7, 1), amount=100_000)
    deal(norrvik, nora, (5, 1), won=(6, 30), amount=700_000)  # before it began
    deal(norrvik, nora, (5, 1), amount=900_000)  # still open
    deal(norrvik, nora, (5, 1), won=(8, 1), amount=50_000, currency="USD")
    page = words(as_(nora).get(goal.get_absolute_url()))
    assert "€1,000 of €3,000" in page
    assert "Amounts in USD are left out" in page
    ExchangeRate.objects.create(
        currency="USD", reporting_currency="EUR", effective_from=date(2020, 1, 1), rate_nano=500_000_000
    )
    page = as_(nora).get(goal.get_absolute_url())
    assert "€1,250 of €3,000" in words(page)
    assert cells(page)[-1] == ["Together", "€1,250"]


def test_enablement_sessions_with_the_partner(as_, nora, norrvik):
    goal = PartnerGoalFactory(partner=norrvik, metric="enablement_sessions", target=2, **QUARTER)

    def session(month, day, **fields):
        at = datetime(2026, month, day, 9, tzinfo=UTC)
        kind = action_type("enablement")
        return ActionFactory(
            **{"actor": nora, "partner": norrvik, "action_type": kind, "occurred_at": at} | fields
        )

    session(7, 1)
    session(6, 30)
    session(8, 1, action_type=action_type("call_to"))
    session(8, 1, partner=PartnerFactory())
    session(8, 2, voided_at=datetime(2026, 8, 3, tzinfo=UTC), voided_by=nora)
    assert "1 of 2, due Wed 30 Sep." in words(as_(nora).get(goal.get_absolute_url()))
    session(9, 15)
    page = as_(nora).get(goal.get_absolute_url())
    assert "Reached: 2 of 2." in words(page)
    assert cells(page)[-1] == ["2 sessions"]


def test_a_reader_counts_only_the_deals_they_see(as_, nora, norrvik):
    PartnerGoalFactory(partner=norrvik, metric="sourced_deals", target=3, **QUARTER)
    first = deal(norrvik, nora, (7, 1))
    deal(norrvik, nora, (7, 2))
    assert "2 of 3" in page_of(as_, nora, norrvik)
    assert "1 of 3" in page_of(as_, first.owner, norrvik)


# --- what is entered --------------------------------------------------------------------------------


def test_progress_by_hand_is_dated_and_stays(as_, nora, norrvik):
    goal = PartnerGoalFactory(partner=norrvik)
    url = reverse("partners:goal_progress", args=[goal.pk])
    client = as_(nora)
    for value, on in ((2, "2026-09-01"), (3, "2026-09-14"), (1, "2026-08-01")):
        assert client.post(url, {"value": value, "on": on, "note": "Course"}).status_code == 302
    page = client.get(goal.get_absolute_url())
    assert "3 of 5, due Thu 31 Dec." in words(page)  # the entry of the last day holds
    assert [row[:2] for row in cells(page)] == [
        ["14 Sep 2026", "3"],
        ["1 Sep 2026", "2"],
        ["1 Aug 2026", "1"],
    ]
    for wrong, field in (
        ({"value": 4, "on": "2026-09-16"}, "come"),
        ({"value": -1, "on": "2026-09-15"}, "0"),
    ):
        answer = client.post(url, {**wrong, "note": "Kept words"})
        assert answer.status_code == 422
        assert field in answer.content.decode()
        assert "Kept words" in answer.content.decode()
    measured = PartnerGoalFactory(partner=norrvik, metric="sourced_deals")
    url = reverse("partners:goal_progress", args=[measured.pk])
    assert "This goal is measured" in client.post(url, {"value": 4, "on": "2026-09-01"}).content.decode()
    assert goal.progress.count() == 3


# --- setting, changing, retiring --------------------------------------------------------------------


def test_a_goal_is_set_changed_and_retired_and_all_of_it_stays(as_, nora, norrvik):
    client = as_(nora)
    new = reverse("partners:goal_new", args=[norrvik.pk])
    assert client.post(new, TYPED)["Location"] == f"{reverse('partners:detail', args=[norrvik.pk])}#goals"
    goal = PartnerGoal.objects.get()
    assert (goal.side, goal.target, goal.due_on, goal.created_by) == ("partner", 3, date(2026, 9, 30), nora)
    assert "Norrvik Systems promised" in page_of(as_, nora, norrvik)
    edit = reverse("partners:goal_edit", args=[goal.pk])
    amount = {**TYPED, "metric": "sourced_won_amount", "target": "€12,500", "text": "Win 12,500"}
    assert client.post(edit, amount).status_code == 302
    assert client.post(edit, amount).status_code == 302  # the same again is no news
    assert list(GoalVersion.objects.values_list("target", "currency", "set_by")) == [
        (1_250_000, "EUR", nora.pk),
        (3, "", nora.pk),
    ]
    page = words(client.get(goal.get_absolute_url()))
    assert "Bring three deals" in page
    assert 'value="€12,500"' in client.get(edit).content.decode()
    retire = reverse("partners:goal_retire", args=[goal.pk])
    assert client.post(retire, {"reason": ""}).status_code == 422
    client.post(retire, {"reason": "They were bought"})
    assert "1 retired Win 12,500 15 Sep 2026: “They were bought”" in page_of(as_, nora, norrvik)
    assert "Retired on 15 Sep 2026 by Nora Lindqvist: “They were bought”" in words(
        client.get(goal.get_absolute_url())
    )
    assert client.get(edit).status_code == 403


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"target": "0"}, "more than nothing"),
        ({"target": "three"}, "whole number"),
        ({"target": "9" * 30}, "whole number"),
        ({"metric": "sourced_won_amount", "target": "1,5"}, "is not an amount"),
        ({"due_on": "2026-06-30"}, "before it begins"),
        ({"due_on": "0001-01-01"}, "between 1990 and 2199"),
        ({"why": " "}, "required"),
        ({"side": "nobody"}, "valid choice"),
        ({"metric": "luck"}, "valid choice"),
    ],
)
def test_what_cannot_be_is_said_and_typed_text_stays(as_, nora, norrvik, typed, said):
    answer = as_(nora).post(reverse("partners:goal_new", args=[norrvik.pk]), {**TYPED, **typed})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page
    assert "Bring three deals" in page
    assert not PartnerGoal.objects.exists()


def test_who_sees_and_who_sets_goals(as_, nora, norrvik):
    goal = PartnerGoalFactory(partner=norrvik)
    leader, stranger, admin, on_a_deal = LeaderFactory(), PMFactory(), AdminFactory(), AEFactory()
    TeamFactory(kind="partner", leaders=[leader], members=[nora])
    OpportunityFactory(owner=on_a_deal, partners=[(norrvik, SOURCED)])
    statuses = {
        nora: (200, 200),
        leader: (200, 200),
        admin: (200, 200),
        on_a_deal: (200, 403),
        stranger: (404, 404),
    }
    for person, (sees, sets) in statuses.items():
        client = as_(person)
        assert client.get(goal.get_absolute_url()).status_code == sees
        for name in ("goal_edit", "goal_progress", "goal_retire"):
            assert client.get(reverse(f"partners:{name}", args=[goal.pk])).status_code == sets
            if sets != 200:
                assert client.post(reverse(f"partners:{name}", args=[goal.pk]), TYPED).status_code == sets
        assert client.get(reverse("partners:goal_new", args=[norrvik.pk])).status_code == sets
    assert "We promised Add" not in page_of(as_, on_a_deal, norrvik)


def test_an_empty_panel_says_how_to_fill_it(as_, nora, norrvik):
    page = page_of(as_, nora, norrvik)
    assert "Nothing yet. Say what they can count on" in page
    assert "We promised Add a goal" in page


def test_goals_cost_the_same_however_many(as_, nora, norrvik, django_assert_max_num_queries):
    client, url = as_(nora), reverse("partners:detail", args=[norrvik.pk])

    def visit() -> int:
        with django_assert_max_num_queries(36) as captured:
            assert client.get(url).status_code == 200
        return len(captured)

    def one_of_each():
        for metric in ("by_hand", "sourced_deals", "enablement_sessions"):
            PartnerGoalFactory(partner=norrvik, metric=metric)
        PartnerGoalFactory(partner=norrvik, metric="sourced_won_amount", currency="EUR")

    one_of_each()
    visit()
    before = visit()
    for _number in range(6):
        one_of_each()
    assert visit() == before
