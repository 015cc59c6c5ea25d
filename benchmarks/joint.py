"""How fast joint scorecards are reckoned and read, with as many pairs as asked for.

    DATABASE_URL=… python benchmarks/joint.py [--pairs 500] [--deals 10]

Fills an empty, migrated database with pairs that share deals of the running quarter, and prints one line per
figure: queries and the median time of seven readings.
"""

import argparse
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from statistics import median
from time import monotonic

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "partnerhub.settings")

import django

django.setup()

from django.db import connection, reset_queries
from django.test.utils import CaptureQueriesContext

from accounts.models import Organisation, Role, RoleGrant, User
from apr.joint import joint_scorecard, joint_trend, pairs_of
from apr.models import Action, ActionType, JointFact, JointReckoning, StaleJoint, StaleWide, WideReason
from apr.periods import PeriodKind, period_containing
from apr.rollup.audit import audit
from apr.rollup.drain import drain
from opportunities.models import Opportunity, Stage
from opportunities.services.history import DealHistory, write_histories

SPREAD = 5  # account executives of one partner manager


def say(what: str, figure: str) -> None:
    print(f"{what:<58} {figure}", flush=True)


def timed(act: Callable[[], object]) -> float:
    """Seconds that an act takes."""
    started = monotonic()
    act()
    return monotonic() - started


def fill(pairs: int, deals: int) -> User:
    """An administrator, and pairs with deals opened over the last hundred days, an action a week on each."""
    today = Organisation.current().today()
    noon = datetime.combine(today, time(12), UTC)
    people = User.objects.bulk_create(
        User(name=f"Person {n:04}", email=f"person{n}@fieldstone.example", password="!")
        for n in range(pairs // SPREAD + pairs + 1)
    )
    admin, managers, owners = people[0], people[1 : pairs // SPREAD + 1], people[pairs // SPREAD + 1 :]
    RoleGrant.objects.create(user=admin, role=Role.ADMIN, starts_on=today - timedelta(days=400))
    first, second = Stage.objects.filter(kind="open").order_by("position")[:2]
    made = write_histories(
        [
            DealHistory(
                name=f"Deal {pair}-{n}",
                steps=[(first, noon - timedelta(days=100 - n)), (second, noon - timedelta(days=40 + n))],
                currency="EUR",
                owner=owners[pair],
                partner_manager=managers[pair % len(managers)],
            )
            for pair in range(pairs)
            for n in range(deals)
        ],
        by=None,
    )
    kind = ActionType.objects.get(key="call_to")
    Action.objects.bulk_create(
        (
            Action(
                action_type=kind,
                actor=deal.owner if week % 2 else deal.partner_manager,
                capacity="account_executive" if week % 2 else "partner_manager",
                occurred_at=noon - timedelta(weeks=week),
                occurred_on=today - timedelta(weeks=week),
                opportunity=deal,
            )
            for deal in made
            for week in range(14)
        ),
        batch_size=2_000,
    )
    return admin


def measure(what: str, read: Callable[[], object]) -> None:
    reset_queries()  # a full log counts nothing
    with CaptureQueriesContext(connection) as captured:
        read()
    seconds = median(timed(read) for _ in range(7))
    say(what, f"{len(captured)} queries, {1000 * seconds:.0f} ms")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--pairs", type=int, default=500)
    parser.add_argument("--deals", type=int, default=10)
    wanted = parser.parse_args()
    admin = fill(wanted.pairs, wanted.deals)
    count = Opportunity.objects.count()
    seconds = timed(drain)
    say(f"drain of {count} deals with {Action.objects.count()} actions", f"{seconds:.1f} s")
    say("facts stored", str(JointFact.objects.count()))
    StaleJoint.objects.bulk_create(
        StaleJoint(shard=pk % 16, opportunity_id=pk)
        for pk in Opportunity.objects.values_list("pk", flat=True)
    )
    seconds = timed(drain)
    say("deals reckoned again by one worker", f"{count / seconds:.0f} a second")
    period = period_containing(Organisation.current().today(), PeriodKind.QUARTER)
    pairs = pairs_of(period, viewer=admin)
    measure(f"list of {len(pairs)} pairs, quarter", lambda: pairs_of(period, viewer=admin))
    one = pairs[0]
    measure("one pair with all rows", lambda: joint_scorecard(one.pm, one.ae, period, viewer=admin))
    measure("its trend over six quarters", lambda: joint_trend(one.pm, one.ae, period))
    everything = StaleWide.objects.create(shard=16, reason=WideReason.CALENDAR)
    say("the list with nothing stored", f"{timed(lambda: pairs_of(period, viewer=admin)):.1f} s")
    everything.delete()
    JointReckoning.objects.update(valid_until=period.start)
    say("the list just after midnight", f"{timed(lambda: pairs_of(period, viewer=admin)):.1f} s")
    drain()
    say("audit of everything", f"{timed(lambda: say('differences', str(audit().differences))):.1f} s")


if __name__ == "__main__":
    main()
