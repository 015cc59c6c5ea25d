"""Pages speak the reader's language and keep the reader's clock."""

from datetime import UTC, datetime

import pytest

from tests.factories import ActionFactory, PMFactory

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
