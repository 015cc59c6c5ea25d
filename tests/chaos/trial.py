"""One run: people at work, harm for as long as asked, then rest, then the verdict."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from random import Random
from time import monotonic

from django.utils import timezone

from apr.rollup.state import rollup_state
from partnerhub.family import Family
from tests.chaos.harm import harm
from tests.chaos.ledger import Ledger
from tests.chaos.observer import Observer
from tests.chaos.organisation import make_organisation
from tests.chaos.processes import ROOT, Site
from tests.chaos.verdict import Verdict, judge
from tests.chaos.writers import Writer

TO_START, TO_ANSWER, TO_DRAIN = 120.0, 120.0, 180.0
AT_WORK = 3  # acknowledgements


@dataclass(frozen=True)
class Plan:
    """How much harm, for how many minutes at most, how often on average, and how busy people are (seconds
    between two acts of one)."""

    kills: int
    minutes: float
    seconds_between: float
    seed: int
    pace: float


@dataclass(frozen=True)
class Outcome:
    """What was seen."""

    seconds: float
    kills: Counter[str]
    ledger: Ledger
    observer: Observer
    to_drain: float
    verdict: Verdict

    @property
    def is_well(self) -> bool:
        """Nothing lost, doubled or wrong, at the end and in between."""
        verdict, observer = self.verdict, self.observer
        return not (verdict.lost or verdict.doubled or verdict.wrong or observer.differences)


def run(plan: Plan, env: dict[str, str], port: int, log: Path) -> Outcome:
    """Runs a plan on the empty, migrated database that Django is set up for. Raises TimeoutError where the
    site does not start."""
    place, started = make_organisation(), monotonic()
    ledger, observer = Ledger(), Observer(every=1.0)
    with Family(ROOT) as family:
        site = Site(family, env, port, log)
        if not site.wait(site.is_ready, TO_START):
            raise TimeoutError(f"the site did not start: {log.read_text()[-2000:]}")
        writers = [Writer(one, place, ledger, port, plan.seed, plan.pace) for one in place.people]
        for thread in (*writers, observer):
            thread.start()
        kills = _do_harm(site, plan, ledger)
        _rest(site, writers)
        resting = monotonic()
        site.wait(lambda: rollup_state().marks == 0, TO_DRAIN)
        to_drain = monotonic() - resting
        observer.enough.set()
        observer.join()
        verdict = judge(ledger, place, timezone.now().date())
        verdict.wrong += [
            f"{writer.name} did not come to its end" for writer in writers if not writer.is_done
        ]
    return Outcome(monotonic() - started, kills, ledger, observer, to_drain, verdict)


def _do_harm(site: Site, plan: Plan, ledger: Ledger) -> Counter[str]:
    """Waits a while and until people got something done again, so that each harm hits a site at work."""
    random, kills = Random(plan.seed), Counter[str]()
    until = monotonic() + 60 * plan.minutes
    while kills.total() < plan.kills and monotonic() < until:
        done = ledger.acknowledged.total() + AT_WORK
        site.wait(lambda: False, random.uniform(0, 2 * plan.seconds_between))
        if not site.wait(lambda done=done: ledger.acknowledged.total() >= done, TO_ANSWER):
            ledger.refused.append(f"nobody got an answer for {TO_ANSWER} s")
        kills[harm(site, random)] += 1
    return kills


def _rest(site: Site, writers: list[Writer]) -> None:
    """Mends everything and lets everybody get their last answer."""
    site.thaw()
    for writer in writers:
        writer.enough.set()
    site.wait(lambda: not any(writer.is_alive() for writer in writers), TO_ANSWER)
    for writer in writers:
        writer.out_of_time.set()
        writer.join()
