"""Worlds whose truth is known, and what the study says in each: `python -m benchmarks.worlds --runs 80`.

Forty people drive ten deals each through four stages for a year. What differs is why deals advance and why
people act. A verdict in favour is wrong in the first four worlds and right in the fifth.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from apr.evidence.logit import Ints
from apr.evidence.panel import NOBODY, Deeds, Panel, Rows, staying
from apr.evidence.study import Finding, Question, Verdict, answer

PEOPLE, WEEKS, DEALS = 40, 52, 10
WARM_UP = 12  # weeks before the history, so that it does not begin with all deals new
STAGES = 4
HEAD = [
    "world",
    "actions come first",
    "both ways or hot deals",
    "no visible link",
    "effect alone believed",
    "mean estimate",
    "95 % interval covers the truth",
    "interval shown",
    "those shown cover",
]
EVERYTHING = Question("all", frozenset({0}))


@dataclass(frozen=True)
class World:
    """How things are: `effect` of log(1 + actions of the two weeks before) on the log-odds of advancing,
    `people` and `hot` the spread of what makes a person, or a deal nobody sees to be hot, both act more and
    advance more, `reverse` how many times as many actions follow in the two weeks after an advance.
    """

    name: str
    effect: float = 0.0
    people: float = 0.0
    hot: float = 0.0
    reverse: float = 1.0
    may_say_first: bool = False
    base: float = 0.08  # chance of advancing in a week
    lost: float = 0.015
    actions: float = 0.5  # a deal and week


WORLDS = [
    World("no effect"),
    World("good people do more and win more", people=0.5),
    World("advances cause actions", reverse=2.0),
    World("hidden hot deals", hot=0.6),
    World("true effect 0.25", effect=0.25, may_say_first=True),
    World("true effect 0.25, and reverse", effect=0.25, reverse=2.0),
]


@dataclass
class _Slots:
    """The deals as they go; when one ends, another begins in its place."""

    person: Ints
    number: Ints
    stage: Ints
    entered: Ints
    opened: Ints
    hot: np.ndarray
    advanced_in: Ints
    next_number: int


def simulate(world: World, seed: int, *, people: int = PEOPLE, weeks: int = WEEKS) -> Panel:
    """A history of that world: the same for the same seed."""
    dice = np.random.default_rng(seed)
    slots = _start(people, dice)
    good = dice.normal(0, 1, people) * world.people
    rows: list[tuple[np.ndarray, ...]] = []
    deeds: list[tuple[np.ndarray, ...]] = []
    before, last = np.zeros(len(slots.person)), np.zeros(len(slots.person))
    for week in range(-WARM_UP, weeks):
        push = good[slots.person] + slots.hot * world.hot
        log_odds = np.log(world.base / (1 - world.base)) + world.effect * np.log1p(before + last) + push
        advanced = dice.random(len(log_odds)) < 1 / (1 + np.exp(-log_odds))
        lost = ~advanced & (dice.random(len(log_odds)) < world.lost)
        busy = np.where(week - slots.advanced_in <= 2, world.reverse, 1.0)
        done = dice.poisson(world.actions * np.exp(push) * busy)
        deeds.append((np.repeat(slots.number, done), np.full(int(done.sum()), week)))
        if week >= 0:
            rows.append(
                (slots.number.copy(), np.full(len(done), week), slots.person.copy(), slots.stage.copy(),
                 week - slots.entered, week - slots.opened, advanced)
            )  # fmt: skip
        before, last = last, done.astype(float)
        _step(slots, advanced, lost, week, before, last, dice)
    return _panel(rows, deeds, weeks)


def _start(people: int, dice: np.random.Generator) -> _Slots:
    person = np.repeat(np.arange(people), DEALS)
    size = len(person)
    begun = np.full(size, -WARM_UP)
    return _Slots(
        person, np.arange(size), np.zeros(size, dtype=np.int64), begun, begun.copy(),
        dice.normal(0, 1, size), np.full(size, -99), size,
    )  # fmt: skip


def _step(
    slots: _Slots, advanced: np.ndarray, lost: np.ndarray, week: int, before: np.ndarray, last: np.ndarray,
    dice: np.random.Generator,
) -> None:  # fmt: skip
    """Deals move on; those won or lost make room for new ones that nothing was done on yet."""
    slots.stage = slots.stage + advanced
    slots.entered = np.where(advanced, week + 1, slots.entered)
    slots.advanced_in = np.where(advanced, week, slots.advanced_in)
    ended = np.flatnonzero(lost | (slots.stage == STAGES))
    slots.number[ended] = slots.next_number + np.arange(len(ended))
    slots.next_number += len(ended)
    slots.stage[ended], slots.advanced_in[ended] = 0, -99
    slots.entered[ended] = slots.opened[ended] = week + 1
    slots.hot[ended] = dice.normal(0, 1, len(ended))
    before[ended] = last[ended] = 0


def _panel(rows: list[tuple[np.ndarray, ...]], deeds: list[tuple[np.ndarray, ...]], weeks: int) -> Panel:
    columns = [np.concatenate(column) for column in zip(*rows, strict=True)]
    order = np.lexsort((columns[1], columns[0]))
    deal, week, owner, *rest = (column[order] for column in columns)
    nobody = np.full(len(deal), NOBODY)
    listed = Rows(deal, week, owner, nobody, *rest, staying(deal, week))
    on, when = (np.concatenate(column) for column in zip(*deeds, strict=True))
    return Panel(listed, Deeds(on, when, np.zeros(len(on), dtype=np.int64)), weeks)


@dataclass(frozen=True)
class Result:
    """What came of many runs of one world."""

    world: World
    findings: list[Finding]

    def share(self, verdict: Verdict) -> float:
        return Counter(finding.verdict for finding in self.findings)[verdict] / len(self.findings)

    @property
    def effects(self) -> list[tuple[float, float, float]]:
        return [(f.effect.low, f.effect.value, f.effect.high) for f in self.findings if f.effect]

    @property
    def without_placebo(self) -> float:
        """How often the effect alone would have been believed."""
        return sum(low > 0 for low, _value, _high in self.effects) / len(self.findings)

    @property
    def coverage(self) -> float:
        truth = self.world.effect
        return sum(low <= truth <= high for low, _value, high in self.effects) / len(self.findings)

    @property
    def shown(self) -> list[Finding]:
        """Those whose placebo is clean: the page shows an interval for no other."""
        return [finding for finding in self.findings if finding.is_clean]

    @property
    def coverage_shown(self) -> float | None:
        truth = self.world.effect
        covered = [f.effect.low <= truth <= f.effect.high for f in self.shown if f.effect]
        return sum(covered) / len(covered) if covered else None

    @property
    def mean(self) -> float:
        return sum(value for _low, value, _high in self.effects) / len(self.effects)


def run(runs: int, first_seed: int = 1, only: str = "") -> Iterator[Result]:
    """Every world (or those with `only` in the name), so many times."""
    for place, world in enumerate(WORLDS):
        if only not in world.name:
            continue
        seeds = range(first_seed + 10_000 * place, first_seed + 10_000 * place + runs)
        yield Result(world, [answer(simulate(world, seed), EVERYTHING) for seed in seeds])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=80)
    parser.add_argument("--first-seed", type=int, default=1, help="another one gives other runs")
    parser.add_argument("--only", default="", metavar="NAME", help="worlds with this in their name")
    options = parser.parse_args()
    print(f"| {' | '.join(HEAD)} |", "|---" * len(HEAD) + "|", sep="\n")
    for result in run(options.runs, options.first_seed, options.only):
        shares = [result.share(verdict) for verdict in (Verdict.FIRST, Verdict.BOTH_WAYS, Verdict.NO_LINK)]
        cells = [f"{share:.1%}" for share in [*shares, result.without_placebo]]
        of_shown = result.coverage_shown
        line = [
            result.world.name,
            *cells,
            f"{result.mean:.3f}",
            f"{result.coverage:.1%}",
            f"{len(result.shown) / len(result.findings):.1%}",
            "–" if of_shown is None else f"{of_shown:.1%}",
        ]
        print(f"| {' | '.join(line)} |", flush=True)


if __name__ == "__main__":
    main()
