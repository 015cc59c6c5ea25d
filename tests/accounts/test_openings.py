"""People see who opened their scores."""

import pytest

from audit.models import Opening
from tests.factories import AEFactory, LeaderFactory, TeamFactory

pytestmark = pytest.mark.django_db


def test_people_see_who_opened_their_scores(client):
    ana, lea, otto = AEFactory(name="Ana"), LeaderFactory(name="Lea Leader"), LeaderFactory(name="Otto")
    TeamFactory(leaders=[lea], members=[ana])
    client.force_login(lea)
    for path in (f"/apr/people/{ana.pk}/", f"/apr/people/{ana.pk}/rows/", f"/apr/people/{ana.pk}/"):
        assert client.get(path).status_code == 200
    client.force_login(otto)
    assert client.get(f"/apr/people/{ana.pk}/").status_code == 404
    client.force_login(ana)
    assert client.get(f"/apr/people/{ana.pk}/").status_code == 200
    [row] = Opening.objects.all()
    assert (row.reader_id, row.person_id, row.day) == (lea.pk, ana.pk, ana.today())
    page = client.get("/profile/").content.decode()
    assert page.count("Lea Leader") == 2  # who can see the scores, and who did
    assert "Nobody but you" not in page


def test_nobody_yet(client):
    client.force_login(AEFactory())
    assert "Nobody but you opened" in client.get("/profile/").content.decode()
