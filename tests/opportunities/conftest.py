"""The people around one deal, of both lines."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.test import Client

from accounts.models import TeamKind
from foundation.money import Money
from opportunities.models import InvolvementKind
from tests.factories import (
    AdminFactory,
    AEFactory,
    LeaderFactory,
    OpportunityFactory,
    PartnerFactory,
    PMFactory,
    TeamFactory,
    stage,
)

OPENED = datetime(2026, 6, 1, 12, tzinfo=UTC)


def signed_in(user):
    """A client with the user's session."""
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def cast():
    """Ana drives Acme renewal, Nora stands beside her; Lars leads Ana, Priya leads Nora; Stella is far."""
    ana, nora = AEFactory(name="Ana Kovač"), PMFactory(name="Nora Lindqvist")
    lars, priya = LeaderFactory(name="Lars Dekker"), LeaderFactory(name="Priya Menon")
    TeamFactory(leaders=[lars], members=[ana])
    TeamFactory(kind=TeamKind.PARTNER, leaders=[priya], members=[nora])
    norrvik = PartnerFactory(name="Norrvik Systems", managers=[nora])
    deal = OpportunityFactory(
        name="Acme renewal",
        stage=stage("Proposal"),
        owner=ana,
        partner_manager=nora,
        amount=Money(14_800_000, "EUR"),
        partners=[(norrvik, InvolvementKind.SOURCED)],
        opened_at=OPENED,
    )
    return SimpleNamespace(
        ana=ana,
        nora=nora,
        lars=lars,
        priya=priya,
        stella=AEFactory(name="Stella Nowak"),
        admin=AdminFactory(name="Elif Maes"),
        norrvik=norrvik,
        deal=deal,
    )
