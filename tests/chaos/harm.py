"""What is done to the site, each kind as often as its weight says."""

from collections.abc import Callable
from random import Random

from django.db import connection

from tests.chaos.processes import Site
from tests.chaos.scratch import OURS

Harm = Callable[[Site, Random], bool]
# Half of the connections that are ended are chosen among those in the middle of a transaction.
TERMINATE = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name <> %s
  AND backend_type = 'client backend'
ORDER BY CASE WHEN %s THEN xact_start IS NOT NULL ELSE TRUE END DESC, random() LIMIT 1
"""


def end_database_connection(_site: Site, random: Random) -> bool:
    """Ends one connection of the site to PostgreSQL, as the server does when it is shut down."""
    with connection.cursor() as cursor:
        cursor.execute(TERMINATE, [OURS, random.random() < 0.5])
        return cursor.fetchone() is not None


EVERYWHERE: dict[str, tuple[int, Harm]] = {
    "web process killed": (6, lambda site, random: site.kill_child("web", random)),
    "web master killed": (2, lambda site, _random: site.kill("web")),
}
EMBEDDED: dict[str, tuple[int, Harm]] = EVERYWHERE | {
    "worker with clock killed": (4, lambda site, _random: site.kill("worker")),
}
SERVICES: dict[str, tuple[int, Harm]] = EVERYWHERE | {
    "worker killed": (3, lambda site, random: site.kill(random.choice(["worker 1", "worker 2"]))),
    "process of a worker killed": (
        8,
        lambda site, random: site.kill_child(random.choice(["worker 1", "worker 2"]), random),
    ),
    "clock killed": (2, lambda site, _random: site.kill("beat")),
    "database connection ended": (12, end_database_connection),
    "Redis frozen": (4, lambda site, random: site.freeze_redis(random.uniform(0.5, 4))),
    "Redis killed": (2, lambda site, random: site.end_redis(random.uniform(0.2, 3))),
}


def harm(site: Site, random: Random) -> str:
    """Does one thing, chosen by chance among those possible now, and says which."""
    kinds = EMBEDDED if site.redis_port is None else SERVICES
    weights = [weight for weight, _act in kinds.values()]
    while True:
        [name] = random.choices(list(kinds), weights)
        if kinds[name][1](site, random):
            return name
        site.tend()
