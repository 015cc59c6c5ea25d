"""The crash test: kills parts of a working site at random and checks that nothing is lost, doubled or wrong.

    python benchmarks/chaos.py --kills 100
    python benchmarks/chaos.py --kills 300 --database-url postgres://… --broker-url redis://127.0.0.1:8460/0

Without addresses it runs the embedded mode on SQLite. With them it makes and drops a database of its own on
that server, and starts a Redis of its own at that address, where nothing may listen: it is frozen and killed.
docs/crash-test.md says what is checked.
"""

import argparse
import secrets
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.chaos.scratch import scratch_database
from tests.chaos.surroundings import environment, free_port, listens, prepare

if TYPE_CHECKING:
    from tests.chaos.trial import Outcome


def main() -> int:
    wanted = options()
    if wanted.broker_url and listens(urlsplit(wanted.broker_url).port or 6379):
        sys.exit(f"Something listens at {wanted.broker_url}. Name a port where nothing does.")
    with tempfile.TemporaryDirectory() as folder, scratch_database(wanted.database_url) as database:
        log = Path(wanted.log or f"{folder}/log")
        env = environment(database, wanted.broker_url)
        prepare(env)
        from tests.chaos.trial import Plan, run

        plan = Plan(wanted.kills, wanted.minutes, wanted.seconds_between, wanted.seed, wanted.pace)
        print(f"seed {plan.seed}, {'PostgreSQL and Redis' if wanted.broker_url else 'SQLite, embedded'}")
        outcome = run(plan, env, wanted.port or free_port(), log)
        from django.db import connection

        connection.close()
    show(outcome)
    return 0 if outcome.is_well else 1


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--kills", type=int, default=100, help="how often something is harmed (100)")
    parser.add_argument("--minutes", type=float, default=1440, help="no more harm after so long (a day)")
    parser.add_argument("--seconds-between", type=float, default=2.0, help="on average, between two (2)")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="repeats the choices")
    parser.add_argument("--pace", type=float, default=0.1, help="seconds between two acts of a person (0.1)")
    parser.add_argument("--database-url", help="postgres://user@host:5432/name: its server is used")
    parser.add_argument("--broker-url", help="redis://127.0.0.1:PORT/0, PORT being free")
    parser.add_argument("--port", type=int, help="where the site listens (any free one)")
    parser.add_argument("--log", help="keep what the processes print in this file")
    wanted = parser.parse_args()
    if bool(wanted.database_url) != bool(wanted.broker_url):
        parser.error("--database-url and --broker-url come together, or not at all")
    return wanted


def show(outcome: "Outcome") -> None:
    """Prints what was seen, one line per figure."""
    ledger, observer, verdict = outcome.ledger, outcome.observer, outcome.verdict
    rows: list[tuple[str, object]] = [
        ("seconds", round(outcome.seconds)),
        *sorted(outcome.kills.items()),
        ("all kills", outcome.kills.total()),
        *((f"acknowledged: {act}", number) for act, number in sorted(ledger.acknowledged.items())),
        ("acknowledged in all", ledger.acknowledged.total()),
        *((f"sent again after: {why}", number) for why, number in sorted(ledger.retried.items())),
        ("answered from the key of an earlier attempt", ledger.replayed),
        ("longest wait for an acknowledgement, seconds", round(ledger.longest_wait, 1)),
        ("longest wait of a mark, seconds", round(observer.longest_mark, 1)),
        ("drained after the last act within, seconds", round(outcome.to_drain, 1)),
        ("audits meanwhile", observer.audits),
        ("audits that could not run", observer.not_run),
        ("differences they found", observer.differences),
        ("figures compared with the oracle at the end", verdict.figures_compared),
        ("lost", len(verdict.lost)),
        ("doubled", len(verdict.doubled)),
        ("wrong", len(verdict.wrong)),
    ]
    for what, figure in rows:
        print(f"{what:<46} {figure:>8}")
    for example in [*verdict.lost, *verdict.doubled, *verdict.wrong, *observer.examples][:20]:
        print(f"  {example}")
    print("Nothing lost, doubled or wrong." if outcome.is_well else "NOT WELL.")


if __name__ == "__main__":
    sys.exit(main())
