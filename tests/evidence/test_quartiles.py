"""Attainment by quartile of the points of the month before, on Wednesday 15 July 2026.

Eight account executives carry 1,000 a month. In May the first made no call, the second one, … the last seven;
in June the first won nothing, the second 100, … the last 700.
"""

from datetime import UTC, date, datetime

import pytest
import time_machine

from accounts.models import Membership
from apr.evidence import quartiles
from apr.evidence.recording import study_due
from apr.models import EvidenceReport
from apr.rollup.drain import drain
from foundation.money import Money
from opportunities.services.stages import move_stage
from tests.apr.pages import cells, words
from tests.factories import (
    ActionFactory,
    AdminFactory,
    AEFactory,
    LeaderFactory,
    OpportunityFactory,
    TargetFactory,
    TeamFactory,
    stage,
)

pytestmark = pytest.mark.django_db
PAGE = "/apr/evidence/"
ROWS = "/apr/evidence/rows/"
MAY, JUNE = 5, 6


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(datetime(2026, 7, 15, 12, tzinfo=UTC), tick=False):
        yield


def _at(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 12, tzinfo=UTC)


def _win(person, hundreds: int, at: datetime) -> None:
    deal = OpportunityFactory(owner=person, opened_at=_at(4, 20), amount=Money(hundreds * 10_000, "EUR"))
    move_stage(opportunity_id=deal.pk, to_stage=stage("Won"), by=person, effective_at=at)


@pytest.fixture
def eight():
    """Their names begin with A to H."""
    TargetFactory(role="account_executive", metric="won_amount", value=100_000)
    people = [AEFactory(name=f"{letter} Person") for letter in "ABCDEFGH"]
    for number, person in enumerate(people):
        for day in range(number):
            ActionFactory(actor=person, occurred_at=_at(MAY, 4 + day))
        _win(person, number, _at(JUNE, 17))
    drain()
    return people


@pytest.fixture
def _small_groups(monkeypatch):
    monkeypatch.setattr(quartiles, "SHOWN_FROM", 2)
    monkeypatch.setattr(quartiles, "PEOPLE", 2)


@pytest.mark.usefixtures("_small_groups")
def test_each_quartile_has_its_mean_its_interval_and_its_rows(client, eight):
    """Two in each: 0 and 10 % are 5 % on average, 60 and 70 % are 65 %. From 5 % to 65 % the difference is
    60 % with a variance of 2 × 4 × (5 / 2)² and t(3) = 3.182: 37.5 to 82.5 %."""
    study_due()
    kept = EvidenceReport.objects.get().findings["beside"][-1]
    means = [round(kept[name]["mean"], 6) for name in ("first", "second", "third", "fourth")]
    assert means == [0.05, 0.25, 0.45, 0.65]
    # 2 × 2 × (5 / 2)² and t(1) = 12.706: 5 ± 63.5 %, and attainment is never less than nothing
    assert (kept["first"]["low"], kept["first"]["high"]) == pytest.approx((0, 0.05 + 0.63531), abs=1e-4)
    assert kept["gap"] == pytest.approx([0.6, 0.374969, 0.825031], abs=1e-5)

    client.force_login(AdminFactory())
    said = words(client.get(PAGE))
    assert "From the lowest to the highest it is 60% of the target more, between 37% and 83%." in said
    page = client.get(ROWS, {"team": 0, "of": "quartiles.fourth"})
    assert cells(page) == [
        ["G Person", "May 2026", "6", "June 2026", "60%"],
        ["H Person", "May 2026", "7", "June 2026", "70%"],
    ]
    assert "2 months of people" in words(page)
    link = f"/apr/people/{eight[7].pk}/rows/?period=2026-05"
    assert link in page.content.decode()
    assert client.get(link).status_code == 200


def test_groups_under_twenty_are_counted_and_not_shown(client, eight):
    study_due()
    client.force_login(AdminFactory())
    page = client.get(PAGE)
    assert "One of the quartiles has fewer than 20 months, or 5 people, so none is shown." in words(page)
    assert cells(page, -1)[0] == ["Lowest quartile by points", "–", "–", "2", "2"]


def test_who_has_no_number_or_none_before_stands_in_no_quartile(client, eight):
    """A partner manager without a target, and one whose amount has no rate."""
    TargetFactory(user=eight[7], metric="won_amount", value=0)
    deal = OpportunityFactory(owner=eight[6], opened_at=_at(4, 20), amount=Money(100, "ISK"))
    move_stage(opportunity_id=deal.pk, to_stage=stage("Won"), by=eight[6], effective_at=_at(JUNE, 3))
    study_due()
    rows = EvidenceReport.objects.get().rows
    placed = {row[0] for key, found in rows.items() if key.startswith("quartiles.") for row in found}
    assert placed == {person.pk for person in eight[:6]}


def test_the_same_points_are_the_same_quartile(eight):
    """A, B and C have made no call but one: 0, 1, 1 of eight; both with one stand in the lower half."""
    ActionFactory(actor=eight[0], occurred_at=_at(MAY, 20))  # A: 1, B: 1
    study_due()
    rows = EvidenceReport.objects.get().rows
    assert {row[0] for row in rows["quartiles.first"]} == {eight[0].pk, eight[1].pk}


def test_a_team_has_those_who_were_in_it_all_the_time(client, eight):
    """Four of six belong to the team through both months; one came in May, one left in June."""
    lead = LeaderFactory()
    team = TeamFactory(leaders=[lead])
    stays = [(date(2026, 1, 1), None)] * 4 + [(date(2026, 5, 2), None), (date(2026, 1, 1), date(2026, 6, 30))]
    for person, (starts_on, ends_on) in zip(eight, stays, strict=False):
        Membership.objects.create(user=person, team=team, starts_on=starts_on, ends_on=ends_on)
    study_due()
    client.force_login(lead)
    names = ["first", "second", "third", "fourth"]
    pages = [client.get(ROWS, {"team": team.pk, "of": f"quartiles.{name}"}) for name in names]
    assert [row[0] for page in pages for row in cells(page)] == [person.name for person in eight[:4]]
    assert client.get(ROWS, {"team": 0, "of": "quartiles.first"}).status_code == 404

    Membership.objects.filter(user=eight[0]).delete()
    said = words(client.get(ROWS, {"team": team.pk, "of": "quartiles.first"}))
    assert "A Person" not in said
    assert "1 row of this page is about somebody whose scores you may not see." in said


def test_rows_are_made_with_few_queries(client, eight, django_assert_max_num_queries):
    study_due()
    client.force_login(AdminFactory())
    client.get(PAGE)
    with django_assert_max_num_queries(10):
        client.get(ROWS, {"team": 0, "of": "quartiles.first"})
