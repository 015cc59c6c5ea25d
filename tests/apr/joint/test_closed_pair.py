"""A pair in a closed period: the joint scorecard as it was known stays beside what stands now."""

from datetime import UTC, datetime
from fractions import Fraction

import pytest
import time_machine
from django.urls import reverse

from apr.joint import joint_scorecard
from apr.models import KnownPair
from apr.periods import parse_period
from apr.services.closing import ask_to_close, work_on_closings
from opportunities.models import Commitment
from tests.apr.pages import cells, words
from tests.factories import (
    ActionFactory,
    AEFactory,
    CommitmentFactory,
    OpportunityFactory,
    PMFactory,
    action_type,
)

pytestmark = pytest.mark.django_db
SEPTEMBER = parse_period("2026-09")


@pytest.fixture
def pair():
    """A deal of Nora's and Ana's, open since August; each promised one thing for September and kept it."""
    with time_machine.travel(datetime(2026, 10, 3, 9, tzinfo=UTC), tick=False):
        nora, ana = PMFactory(name="Nora Lindqvist"), AEFactory(name="Ana Kovač")
        opened = datetime(2026, 8, 3, 9, tzinfo=UTC)
        deal = OpportunityFactory(owner=ana, partner_manager=nora, opened_at=opened)
        for maker, other in ((nora, ana), (ana, nora)):
            CommitmentFactory(
                opportunity=deal,
                made_by=maker,
                made_to=other,
                settled_at=datetime(2026, 9, 10, 9, tzinfo=UTC),
                outcome="kept",
            )
        yield nora, ana, deal


def test_later_corrections_show_row_by_row(client, pair):
    nora, ana, deal = pair
    ask_to_close(key="2026-09", by=None)
    work_on_closings()
    url = reverse("apr:pair_known", args=[nora.pk, ana.pk])
    client.force_login(nora)
    page = client.get(url, {"period": "2026-09"})
    assert "Nothing was corrected since the period was closed." in words(page)
    # Nora was there after all, her promise was broken, and one of Ana's comes to light.
    ActionFactory(
        actor=nora,
        opportunity=deal,
        capacity="partner_manager",
        occurred_at=datetime(2026, 9, 8, 9, tzinfo=UTC),
    )
    Commitment.objects.filter(made_by=nora).update(outcome="broken", text="Send the price list")
    CommitmentFactory(
        opportunity=deal,
        made_by=ana,
        made_to=nora,
        text="Book the room",
        settled_at=datetime(2026, 9, 10, 9, tzinfo=UTC),
        outcome="kept",
    )
    page = client.get(url, {"period": "2026-09"})
    assert "3 rows count in another way" in words(page)
    assert cells(page) == [
        ["PM Partner manager Involvement", deal.name, "Qualify, from 3 Aug 2026", "not done", "done"],
        ["PM Partner manager Commitments", deal.name, "Send the price list", "done", "not done"],
        ["AE Account executive Commitments", deal.name, "Book the room", "not counted", "done"],
    ]
    # each difference of a figure is the sum of its rows
    figures = {row[0]: row[1:] for row in cells(page, table=1)}
    assert figures["PM · Involvement"][:2] == ["0 of 1", "1 of 1"]
    assert figures["PM · Commitments"][:2] == ["1 of 1", "0 of 1"]
    assert figures["AE · Commitments"][:2] == ["1 of 1", "2 of 2"]
    assert (
        f'href="{url}?period=2026-09"'
        in client.get(reverse("apr:pair", args=[nora.pk, ana.pk]), {"period": "2026-09"}).text
    )


def test_rows_that_were_kept_add_up_to_the_figures(pair):
    nora, ana, _deal = pair
    deal = OpportunityFactory(owner=ana, partner_manager=nora, opened_at=datetime(2026, 9, 1, 9, tzinfo=UTC))
    coached = {"actor": nora, "counterpart": ana, "capacity": "coach", "opportunity": deal}
    when = datetime(2026, 9, 9, 9, tzinfo=UTC)
    ActionFactory(**coached, action_type=action_type("coaching_session"), occurred_at=when)
    ask_to_close(key="2026-09", by=None)
    work_on_closings()
    known = KnownPair.objects.get()
    for key, (done, of) in known.components.items():
        rows = known.rows.get(key, [])
        assert sum(row[1] for row in rows) == int(done), key
        assert key == "coaching" or len(rows) == int(of), key


def test_the_api_says_what_was_known(client, pair):
    nora, ana, deal = pair
    client.force_login(nora)
    asked = {"partner_manager": nora.pk, "account_executive": ana.pk, "period": "2026-09"}
    assert client.get("/api/v1/joint-scorecards/", asked).json()["known"] is None
    ask_to_close(key="2026-09", by=None)
    work_on_closings()
    Commitment.objects.filter(opportunity=deal).update(outcome="broken")
    body = client.get("/api/v1/joint-scorecards/", asked).json()
    kept = {one["key"]: (one["numerator"], one["denominator"]) for one in body["known"]["components"]}
    assert kept["pm_commitments"] == (1, 1)
    assert kept["involvement"] == (0, 1)
    assert body["known"]["partner_manager"] == 50


def test_both_stand_beside_each_other(client, pair):
    nora, ana, deal = pair
    before = joint_scorecard(nora, ana, SEPTEMBER, viewer=nora).standing
    url = reverse("apr:pair", args=[nora.pk, ana.pk])
    client.force_login(nora)
    assert "As known on" not in words(client.get(url, {"period": "2026-09"}))
    ask_to_close(key="2026-09", by=None)
    work_on_closings()
    known = KnownPair.objects.get()
    assert known.components["involvement"] == ["0", "1"]
    assert known.components["pm_commitments"] == ["1", "1"]
    assert known.pm_side == str(before.pm_side.score)
    assert Fraction(known.score) == Fraction(before.score)
    # Nora’s call on the deal in September is logged later: her side rises from one half to the whole.
    ActionFactory(
        actor=nora,
        opportunity=deal,
        capacity="partner_manager",
        occurred_at=datetime(2026, 9, 8, 9, tzinfo=UTC),
    )
    page = client.get(url, {"period": "2026-09"})
    assert "As known on 3 Oct 2026, and now" in words(page)
    lines = {row[0]: row[1:] for row in cells(page, table=-1)}
    assert lines["Partner manager"] == ["50.0", "100.0", "+50.0"]
    assert ["0 of 1", "1 of 1"] in [row[:2] for row in lines.values()]
