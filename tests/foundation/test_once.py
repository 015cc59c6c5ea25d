"""What is read once, and when it is read again."""

import pytest

from accounts.models import Organisation
from foundation.once import once, reading_once
from tests.factories import AdminFactory


def test_a_page_asks_once_and_the_next_page_asks_again():
    asked = []
    for _page in range(2):
        with reading_once():
            for _part in range(3):
                assert once("key", lambda: asked.append(1) or len(asked)) == len(asked)
    assert len(asked) == 2


def test_outside_a_page_everything_is_asked_each_time():
    asked = []
    once("key", lambda: asked.append(1))
    once("key", lambda: asked.append(1))
    assert len(asked) == 2


@pytest.mark.django_db
def test_a_page_reads_the_organisation_once(client, django_assert_num_queries):
    with reading_once(), django_assert_num_queries(1):
        assert Organisation.current() == Organisation.current()


@pytest.mark.django_db
def test_a_change_is_seen_by_the_very_next_page(client):
    client.force_login(AdminFactory())
    assert client.get("/settings/organisation/").status_code == 200
    Organisation.objects.filter(pk=1).update(name="Fieldstone")
    assert "Fieldstone" in client.get("/settings/organisation/").content.decode()
