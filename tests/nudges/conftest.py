"""Tuesday 15 September 2026, noon UTC: Ana drives Acme renewal, Nora stands beside her."""

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
import time_machine

from accounts.models import TeamKind
from foundation.money import Money
from tests.factories import (
    AdminFactory,
    AEFactory,
    LeaderFactory,
    OpportunityFactory,
    PMFactory,
    TeamFactory,
    stage,
)

NOW = datetime(2026, 9, 15, 12, tzinfo=UTC)


@pytest.fixture
def clock():
    """The time; `clock.move_to(…)` turns it."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def cast(clock, db):
    """Lars leads Ana, Priya leads Nora. The deal was opened on 14 September and closes in December."""
    ana, nora = AEFactory(name="Ana Kovač"), PMFactory(name="Nora Lindqvist")
    lars, priya = LeaderFactory(name="Lars Dekker"), LeaderFactory(name="Priya Menon")
    TeamFactory(name="Sales North", leaders=[lars], members=[ana])
    TeamFactory(name="Alliances North", kind=TeamKind.PARTNER, leaders=[priya], members=[nora])
    deal = OpportunityFactory(
        name="Acme renewal",
        stage=stage("Proposal"),
        owner=ana,
        partner_manager=nora,
        amount=Money(14_800_000, "EUR"),
        expected_close_on=date(2026, 12, 18),
        opened_at=datetime(2026, 9, 14, 12, tzinfo=UTC),
    )
    return SimpleNamespace(
        ana=ana,
        nora=nora,
        lars=lars,
        priya=priya,
        stella=AEFactory(name="Stella Nowak"),
        admin=AdminFactory(name="Elif Maes"),
        deal=deal,
    )


@pytest.fixture
def outbox(settings):
    """Letters are written down, and sent by the worker's own means into Django's outbox."""
    settings.EMAIL_BACKEND = "accounts.mail.OutboxBackend"
    settings.MAIL_TRANSPORT = "django.core.mail.backends.locmem.EmailBackend"
    settings.SITE_URL = "https://hub.fieldstone.example"
