"""What pages notice of Redis: requests while it answers, is frozen, and is stopped, in turns.

    python benchmarks/redis_down.py --database-url postgres://… --broker-url redis://127.0.0.1:8460/0

Starts a Redis of its own at that address, where nothing may listen, and two web processes on a database of
their own. Fails where a page had an error, or the slowest hundredth waited more than 50 ms longer than with
Redis.
"""

import argparse
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from random import sample
from statistics import quantiles
from time import monotonic
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from partnerhub.family import Family
from tests.chaos.http import BROKEN, Request, page
from tests.chaos.processes import ROOT, Site
from tests.chaos.scratch import scratch_database
from tests.chaos.surroundings import environment, free_port, listens, prepare

STATES = ("answers", "frozen", "stopped")
IN_A_ROW = 24  # requests in one state before the next, so that other work on the machine falls on all alike
WARM = 10
ALLOWED_MS = 50
FOREVER = 1e9


class Measured:
    """Milliseconds and errors by page and state."""

    def __init__(self) -> None:
        self.times: dict[tuple[str, str], list[float]] = defaultdict(list)
        self.errors: dict[tuple[str, str], int] = defaultdict(int)

    def ask(self, name: str, state: str, request: Request) -> None:
        started = monotonic()
        try:
            well = request.send().status == 200
        except BROKEN:
            well = False
        self.times[name, state].append(1000 * (monotonic() - started))
        self.errors[name, state] += not well


def main() -> int:
    wanted = options()
    if listens(urlsplit(wanted.broker_url).port or 6379):
        sys.exit(f"Something listens at {wanted.broker_url}. Name a port where nothing does.")
    measured = Measured()
    with tempfile.TemporaryDirectory() as folder, scratch_database(wanted.database_url) as database:
        env = environment(database, wanted.broker_url)
        prepare(env)
        from django.db import connection

        from tests.chaos.organisation import make_organisation

        port = wanted.port or free_port()
        person = make_organisation().people[0]
        connection.close()
        pages = pages_of(port, person.token, person.session)
        with Family(ROOT) as family:
            site = Site(family, env, port, Path(folder) / "log", only=("redis", "web"))
            if not site.wait(site.is_ready, 120):
                sys.exit("The site did not start.")
            for _ in range(WARM):
                for request in pages.values():
                    request.send()
            while sum(map(len, measured.times.values())) < wanted.requests:
                for state in sample(STATES, len(STATES)):
                    turn(site, state, pages, measured)
            site.thaw()
    return show(measured, list(pages))


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--requests", type=int, default=10_000, help="in all three states together (10000)")
    parser.add_argument("--database-url", help="postgres://user@host:5432/name: its server is used (SQLite)")
    parser.add_argument("--broker-url", default="redis://127.0.0.1:8460/0", help="where nothing listens yet")
    parser.add_argument("--port", type=int, help="where the site listens (any free one)")
    return parser.parse_args()


def pages_of(port: int, token: str, session: str) -> dict[str, Request]:
    """What is asked for, by name."""
    cookies = {"sessionid": session}
    return {
        "sign-in page": page(port, {}, "/accounts/login/"),
        "home": page(port, cookies, "/"),
        "list of deals": page(port, cookies, "/opportunities/"),
        "API read": Request(port, "GET", "/api/v1/opportunities/", {"Authorization": f"Bearer {token}"}),
    }


def turn(site: Site, state: str, pages: dict[str, Request], measured: Measured) -> None:
    """Brings Redis into a state and asks for every page in turn."""
    site.thaw()
    if state == "stopped":
        site.end_redis(FOREVER)
    else:
        site.not_before.clear()
        site.wait(lambda: listens(site.redis_port or 0), 30)
    if state == "frozen":
        site.freeze_redis(FOREVER)
    site.tend()
    for n in range(IN_A_ROW):
        name = list(pages)[n % len(pages)]
        measured.ask(name, state, pages[name])


def show(measured: Measured, names: list[str]) -> int:
    """Prints a line for each page and state; returns the exit code."""
    failed = False
    print(f"{'page':<16}{'Redis':<10}{'requests':>9}{'errors':>8}{'p50 ms':>9}{'p99 ms':>9}{'added p99':>11}")
    for name in [*names, "all"]:
        usual = 0.0
        for state in STATES:
            keys = [(one, state) for one in (names if name == "all" else [name])]
            times = [time for key in keys for time in measured.times[key]]
            errors = sum(measured.errors[key] for key in keys)
            cuts = quantiles(times, n=100, method="inclusive")
            usual = cuts[98] if state == "answers" else usual
            added = cuts[98] - usual
            failed |= bool(errors) or (name == "all" and added > ALLOWED_MS)
            print(
                f"{name:<16}{state:<10}{len(times):>9}{errors:>8}{cuts[49]:>9.0f}{cuts[98]:>9.0f}{added:>11.0f}"
            )
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
