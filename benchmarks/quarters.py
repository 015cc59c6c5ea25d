"""Forecasts of simulated quarters with shared shocks: `python -m benchmarks.quarters`.

Twelve worlds of 36 quarters. Deals come and move by chance, and all deals of a quarter share its luck: some
quarters win more, some bring more. The last sixteen quarters of each world are forecast after four weeks.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from apr.evidence.forecast import STEPS, Backtest, Steps, backtest

QUARTERS, WARM_UP, TESTED = 36, 4, 16
STAGES = 4
FORWARD, LOST = 0.16, 0.05  # chances in a week
PROMISED = (0.10, 0.30, 0.55, 0.80)  # what an administrator wrote beside the stages
ARRIVALS = 8.0  # a week


def simulate(seed: int, *, luck: float = 0.35, inflow: float = 0.25, quarters: int = QUARTERS) -> Steps:
    """Steps of one world: `luck` and `inflow` are the spread of what a quarter's deals share."""
    dice = np.random.default_rng(seed)
    moods, floods = dice.normal(0, luck, quarters), np.exp(dice.normal(0, inflow, quarters))
    place = np.zeros(0, dtype=np.int64)
    amount = np.zeros(0)
    rows: list[tuple[np.ndarray, ...]] = []

    def write(deals: np.ndarray, at: int) -> None:
        left = (STAGES - place[deals]) / FORWARD * dice.uniform(0.6, 1.2, len(deals))
        promised = np.array([*PROMISED, 1.0, 0.0])[place[deals]]
        closes = ((at + left) // STEPS).astype(np.int64)
        rows.append((deals, np.full(len(deals), at), place[deals], amount[deals], promised, closes))

    for at in range(quarters * STEPS):
        mood = moods[at // STEPS]
        ahead = 1 / (1 + np.exp(-(np.log(FORWARD / (1 - FORWARD)) + mood)))
        behind = 1 / (1 + np.exp(-(np.log(LOST / (1 - LOST)) - mood)))
        fate = dice.random(len(place))
        is_open = place < STAGES
        moved, lost = is_open & (fate < ahead), is_open & (fate > 1 - behind)
        place = np.where(lost, STAGES + 1, place + moved)
        write(np.flatnonzero(moved | lost), at)
        born = int(dice.poisson(ARRIVALS * floods[at // STEPS]))
        place = np.append(place, np.zeros(born, dtype=np.int64))
        amount = np.append(amount, np.round(dice.lognormal(10, 0.8, born)))
        write(np.arange(len(place) - born, len(place)), at)
    deal, when, to, what, promised, closes = (np.concatenate(column) for column in zip(*rows, strict=True))
    order = np.lexsort((when, deal))
    deal, when, to, what, promised, closes = (
        column[order] for column in (deal, when, to, what, promised, closes)
    )
    return Steps(STAGES, deal, when, when, to, what, promised, closes)


def run(worlds: int, elapsed: int) -> Backtest:
    """The last quarters of so many worlds in one test."""
    tested = [
        one
        for seed in range(1, worlds + 1)
        for one in backtest(simulate(seed), QUARTERS, elapsed, first=WARM_UP).tested[-TESTED:]
    ]
    return Backtest(tested)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=12)
    options = parser.parse_args()
    head = [
        "weeks into the quarter",
        "quarters",
        "80 % interval held",
        "error",
        "past mean",
        "stage-weighted sum",
    ]
    print(f"| {' | '.join(head)} |", "|---" * len(head) + "|", sep="\n")
    for elapsed in (0, 4, 8):
        found = run(options.worlds, elapsed)
        mean = np.mean([one.actual for one in found.tested])
        errors = [found.error, found.mean_error, found.weighted_error]
        shares = [f"{error / mean:.1%}" for error in errors]
        held = f"{found.covered / len(found.tested):.1%}"
        print(f"| {elapsed} | {len(found.tested)} | {held} | {' | '.join(shares)} |", flush=True)


if __name__ == "__main__":
    main()
