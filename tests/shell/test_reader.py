"""Pages speak the reader's language and keep the reader's clock."""

import re
from datetime import UTC, datetime

import pytest

from tests.factories import ActionFactory, AEFactory, OpportunityFactory, PMFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("zone", "day"), [("Pacific/Kiritimati", "16 Sep"), ("Pacific/Niue", "15 Sep")])
def test_dates_are_those_of_the_reader(client, zone, day):
    """A token made on 15 September at 12:00 UTC was made on the 16th in Kiritimati (UTC+14)."""
    nora = PMFactory(time_zone=zone)
    nora.api_tokens.create(
        name="sync", token_hash="x", hint="ph", created_at=datetime(2026, 9, 15, 12, tzinfo=UTC)
    )
    client.force_login(nora)
    assert f"{day} 2026" in client.get("/profile/tokens/").content.decode()


def test_numbers_are_written_as_the_reader_does(client):
    nora = PMFactory(locale="de")
    ActionFactory(actor=nora)
    client.force_login(nora)
    answer = client.get("/apr/", headers={"accept-language": "en"})
    assert answer.headers["Content-Language"] == "de"
    assert '<html lang="de"' in answer.content.decode()


COMMA_IN_A_DRAWING = re.compile(r'\b(?:[xyrd]|[xy][12]|c[xy]|width|height|viewBox|transform)="[^"]*\d,\d')


@pytest.mark.parametrize("locale", ["de", "es"])
def test_drawings_keep_to_their_own_notation_whatever_the_readers_is(client, locale):
    """12.5 is where something stands, 12,5 is nowhere."""
    ana, nora = AEFactory(locale=locale), PMFactory()
    deal = OpportunityFactory(owner=ana, partner_manager=nora, opened_at=datetime(2026, 9, 1, 9, tzinfo=UTC))
    ActionFactory(actor=nora, opportunity=deal, counterpart=ana, customer=None)
    client.force_login(ana)
    for path in ("/", "/apr/?period=2026-09", "/opportunities/", deal.get_absolute_url()):
        page = client.get(path).content.decode()
        assert "<svg" in page
        assert COMMA_IN_A_DRAWING.findall(page) == [], path
