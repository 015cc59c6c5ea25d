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
from tests.apr.pages import cells, words
from tests.factories import ActionFactory, AEFactory, CommitmentFactory, OpportunityFactory, PMFactory

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
