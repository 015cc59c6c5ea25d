"""Rate limits while Redis is there, gone, or silent: pages go on, at once, and the limits hold."""

import socket
import time
from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.core.cache.backends.redis import RedisCache
from rest_framework.throttling import SimpleRateThrottle

from exchange.api.tokens import issue_token
from partnerhub.cache import PATIENCE, SteadyCache
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
PAGES = 20
LONG = 600.0  # seconds: longer than a test takes on the busiest machine


@pytest.fixture(params=["gone", "silent"])
def lame_redis(request, settings, monkeypatch) -> Iterator[None]:
    """The cache is at an address where nothing listens, or something that never answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        if request.param == "silent":
            listener.listen()
        monkeypatch.setattr(SteadyCache, "away_until", 0.0)
        monkeypatch.setattr("partnerhub.cache.PAUSE", LONG)
        use(settings, f"redis://127.0.0.1:{listener.getsockname()[1]}/1")
        yield


def use(settings, url: str) -> None:
    SteadyCache(url, {})._memory.clear()
    # Keys of its own: what else stands in that Redis stays, and does not count here.
    settings.CACHES = {
        "default": {"BACKEND": "partnerhub.cache.SteadyCache", "LOCATION": url, "KEY_PREFIX": uuid4().hex}
    }


@pytest.fixture
def ask(client):
    """An API read with a token: the status."""
    secret = issue_token(by=UserFactory(), name="test")[1]
    return lambda: client.get("/api/v1/users/", headers={"authorization": f"Bearer {secret}"}).status_code


def test_people_sign_in_and_programs_read(lame_redis, client, ask):
    user = UserFactory()
    assert client.get("/accounts/login/").status_code == 200
    assert client.post("/accounts/login/", {"login": user.email, "password": "wrong"}).status_code == 200
    answer = client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    assert (answer.status_code, answer.url) == (302, "/")
    assert client.get("/").status_code == 200
    assert ask() == 200


def test_only_the_first_request_waits(lame_redis, ask, monkeypatch):
    """Counted in waits, not in seconds of a busy machine."""
    asked = []
    for act in ("get", "set", "add", "delete"):
        real = getattr(RedisCache, act)
        monkeypatch.setattr(RedisCache, act, lambda *a, real=real, **o: (asked.append(1), real(*a, **o))[1])
    assert [ask() for _ in range(PAGES)] == [200] * PAGES
    assert len(asked) == 1
    monkeypatch.setattr(SteadyCache, "away_until", time.monotonic() - 1)
    assert ask() == 200
    assert len(asked) == 2
    assert SteadyCache.away_until > time.monotonic() + LONG / 2
    assert PATIENCE < 0.05


def test_limits_hold_meanwhile(lame_redis, ask, monkeypatch):
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", {"anon": "60/min", "user": "3/min"})
    assert [ask() for _ in range(4)] == [200, 200, 200, 429]


def test_processes_share_the_counts(redis_url, settings, monkeypatch, ask):
    monkeypatch.setattr(SteadyCache, "away_until", 0.0)
    monkeypatch.setattr("partnerhub.cache.PATIENCE", LONG)
    use(settings, redis_url)
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", {"anon": "60/min", "user": "3/min"})
    assert [ask() for _ in range(2)] == [200, 200]
    # Another process has no memory of ours: what it knows stands in Redis.
    SteadyCache(redis_url, {})._memory.clear()
    assert [ask() for _ in range(2)] == [200, 429]
