"""A fresh installation says how to begin; one that is in use does not."""

import pytest
from django.urls import reverse

from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def test_sign_in_says_how_to_make_the_first_administrator(client):
    assert "manage.py create_admin" in client.get(reverse("account_login")).content.decode()


def test_sign_in_is_silent_once_somebody_can(client):
    UserFactory()
    assert "create_admin" not in client.get(reverse("account_login")).content.decode()
