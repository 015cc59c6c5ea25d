from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from exchange.api.tokens import issue_token
from exchange.models import TokenScope
from tests.api.cast import Cast, make_cast


@pytest.fixture
def api(db) -> Callable[..., APIClient]:
    """A client of the API that acts as a person, by a token; without one nobody has signed in."""

    def client(person: User | None = None, scope: str = "write") -> APIClient:
        caller = APIClient(raise_request_exception=True)
        caller.default_format = "json"
        if person is not None:
            secret = issue_token(by=person, name="test", scope=TokenScope(scope))[1]
            caller.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
        return caller

    return client


@pytest.fixture
def cast(db) -> Cast:
    return make_cast()
