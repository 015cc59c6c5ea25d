"""A scorecard reads few rows: the number of queries depends neither on people nor on actions nor on marks."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apr.periods import parse_period
from apr.rollup.drain import drain
from apr.scorecards import organisation_scorecard, person_score, results, team_scorecard
from foundation.money import Money
from opportunities.models import Opportunity
from tests.factories import ActionFactory, AEFactory, OpportunityFactory, TargetFactory, TeamFactory

pytestmark = pytest.mark.django_db
SEPTEMBER, TODAY = parse_period("2026-09"), date(2026, 9, 15)
BUDGET = 15


@pytest.fixture
def people():
    return [AEFactory() for _ in range(3)]


@pytest.fixture
def team(people):
    team = TeamFactory(members=people)
    TargetFactory(team=team, scope="each")
    TargetFactory(role="account_executive", metric="won_amount", value=10**6)
    return team


def work(people) -> None:
    for n, person in enumerate(people):
        ActionFactory.create_batch(3, actor=person, occurred_at=datetime(2026, 9, 1 + n, 12, tzinfo=UTC))
        deal = OpportunityFactory(owner=person, amount=Money(700, "CHF"))
        Opportunity.objects.filter(pk=deal.pk).update(status="won", closed_on=TODAY)


def queries(person, team) -> list[int]:
    """Queries of each kind of card."""
    numbers = []
    for card in (
        lambda: person_score(person, SEPTEMBER, today=TODAY),
        lambda: results(person, SEPTEMBER, today=TODAY),
        lambda: team_scorecard(team, parse_period("2026"), today=TODAY),
        lambda: organisation_scorecard(SEPTEMBER, today=TODAY),
    ):
        with CaptureQueriesContext(
            connection,
        ) as captured:
            card()
        numbers.append(len(captured))
    return numbers


def test_more_people_and_more_work_cost_no_more_queries(people, team):
    work(people)
    drain()
    before = queries(people[0], team)
    assert max(before) <= BUDGET
    newcomers = [AEFactory() for _ in range(9)]
    work([*people, *newcomers] * 2)
    drain()
    assert queries(people[0], team) == before


def test_marks_cost_a_few_queries_more(people, team):
    drain()
    work(people)
    assert max(queries(people[0], team)) <= BUDGET + 3
