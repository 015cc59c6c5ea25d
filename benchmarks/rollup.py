"""How fast the roll-up is, as ratios against the bare database in the same run on the same data.

    DATABASE_URL=postgres://… python benchmarks/rollup.py [rebuild] [drain] [read]

Run `benchmarks/data.py` first. Prints one line per figure.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from statistics import median
from time import monotonic

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "partnerhub.settings")

import django

django.setup()

from django.db import connection, transaction

from accounts.models import Team, User
from apr.models import Action, DayTally, StaleDay
from apr.periods import parse_period
from apr.rollup.audit import audit
from apr.rollup.drain import drain, rebuild
from apr.rollup.tallies import counted, statement
from apr.scorecards import organisation_figures, organisation_scorecard, person_score, results, team_scorecard

BARE = "CREATE TEMP TABLE bare (user_id bigint, day date, kind bigint, a int, b int, c int) ON COMMIT DROP"
TODAY = date(2025, 6, 15)


def timed(act: Callable[[], object]) -> float:
    """Seconds that an act takes."""
    started = monotonic()
    act()
    return monotonic() - started


def say(what: str, figure: str) -> None:
    print(f"{what:<62} {figure}", flush=True)


def bare_tallies() -> None:
    """What the database alone needs for the same tallies, into a plain table with the same key."""
    sql, params = statement(counted(Action.objects.all()))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(BARE)
        cursor.execute("ALTER TABLE bare ADD PRIMARY KEY (user_id, day, kind)")
        cursor.execute(f"INSERT INTO bare {sql}", params)


def measure_rebuild() -> None:
    bare = timed(bare_tallies)
    full = timed(rebuild)
    say("rebuild of all tallies, scores and credits", f"{full:.1f} s")
    say("bare INSERT … SELECT … GROUP BY of the tallies", f"{bare:.1f} s")
    say("rebuild ÷ bare", f"{full / bare:.2f}")
    say("tallies", f"{DayTally.objects.count()}")
    say("audit of everything", f"{timed(lambda: say('differences', str(audit().differences))):.1f} s")


def measure_drain() -> None:
    """Every person's days of two months, marked in no order; digested by one worker and by two."""
    drain()
    speeds = []
    for workers in (1, 2):
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO apr_staleday (user_id, day, shard, marked_at) "
                "SELECT user_id, day, user_id %% 16, now() FROM (SELECT DISTINCT user_id, day "
                "FROM apr_daytally WHERE day >= %s AND day < %s) d ORDER BY random()",
                [date(2025, 3, 1), date(2025, 5, 1)],
            )
        marks = StaleDay.objects.count()
        seconds = timed(lambda workers=workers: drain_with(workers))
        speeds.append(marks / seconds)
        say(f"drain, {workers} worker(s), {marks} person-days", f"{speeds[-1]:.0f} a second")
    say("two workers ÷ one", f"{speeds[1] / speeds[0]:.2f}")


def drain_with(workers: int) -> None:
    """Digests all in separate processes; their start is not counted twice, as they start together."""
    command = [sys.executable, str(ROOT / "manage.py"), "drain"]
    running = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for _ in range(workers)]
    for process in running:
        process.wait()


def measure_reading() -> None:
    drain()
    user = User.objects.order_by("pk")[10]
    team, top = Team.objects.get(name="Team 001"), Team.objects.get(name="Sales")
    year, quarter = parse_period("2025"), parse_period("2025-Q2")
    cards: dict[str, Callable[[], object]] = {
        "person, quarter": lambda: person_score(user, quarter, today=TODAY),
        "person's results, quarter": lambda: results(user, quarter, today=TODAY),
        "team of ten, quarter": lambda: team_scorecard(team, quarter, today=TODAY),
        "team of ten, year": lambda: team_scorecard(team, year, today=TODAY),
        "all people through the top team, year": lambda: team_scorecard(top, year, today=TODAY),
        "organisation with each person, year": lambda: organisation_scorecard(year, today=TODAY),
        "organisation, year": lambda: organisation_figures(year, today=TODAY),
    }
    for name, card in cards.items():
        card()
        say(f"reading: {name}", f"{1000 * median(timed(card) for _ in range(7)):.1f} ms")


if __name__ == "__main__":
    wanted = sys.argv[1:] or ["rebuild", "drain", "read"]
    steps = {"rebuild": measure_rebuild, "drain": measure_drain, "read": measure_reading}
    for step in wanted:
        steps[step]()
