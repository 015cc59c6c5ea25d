"""The cache that web processes share: Redis, and the memory of each process while Redis does not answer.

It holds the counts of rate limits and nothing that could not be lost. No page waits for it or fails with it:
while Redis is away, limits still hold, counted by each process for itself.
"""

import logging
from time import monotonic
from typing import Any, ClassVar

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

# A healthy Redis answers within a millisecond. A page waits once, at most, and then nobody for a while.
PATIENCE = 0.03
PAUSE = 5.0
COUNTERS = 10_000  # kept in memory at most
logger = logging.getLogger(__name__)


class SteadyCache(BaseCache):
    """Django's Redis cache that turns to memory for `PAUSE` seconds whenever Redis fails or is silent."""

    # Each thread has its own cache object; that Redis is away is known to all of a process.
    away_until: ClassVar[float] = 0.0

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        quick = {
            "socket_timeout": PATIENCE,
            "socket_connect_timeout": PATIENCE,
            "retry": Retry(NoBackoff(), 0),
        }
        self._redis = RedisCache(server, {**params, "OPTIONS": quick})
        self._memory = LocMemCache("while Redis is away", {**params, "OPTIONS": {"MAX_ENTRIES": COUNTERS}})

    def add(
        self, key: Any, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        return bool(self._ask("add", key, value, timeout=timeout, version=version))

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self._ask("get", key, default=default, version=version)

    def set(
        self, key: Any, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None
    ) -> None:
        self._ask("set", key, value, timeout=timeout, version=version)

    def touch(self, key: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return bool(self._ask("touch", key, timeout=timeout, version=version))

    def delete(self, key: Any, version: int | None = None) -> bool:
        return bool(self._ask("delete", key, version=version))

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        return int(self._ask("incr", key, delta=delta, version=version))

    def clear(self) -> None:
        self._ask("clear")

    def _ask(self, act: str, *args: Any, **options: Any) -> Any:
        """What Redis answers; where it is away, what our memory does."""
        if monotonic() >= SteadyCache.away_until:
            try:
                return getattr(self._redis, act)(*args, **options)
            except RedisError as error:
                SteadyCache.away_until = monotonic() + PAUSE
                logger.warning("the cache does not answer, limits are counted in memory: %r", error)
        return getattr(self._memory, act)(*args, **options)
