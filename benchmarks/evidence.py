"""Time and memory of the study of a large organisation: `python -m benchmarks.evidence`.

A simulated world (500 people, three years) with twelve kinds of action; all questions of a report are asked
one after another, as the worker does. Prints the size, the seconds and the most memory that was used.
"""

import argparse
import resource
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from apr.evidence.panel import Panel, lead_lag
from apr.evidence.study import Question, answer, answer_family
from benchmarks.worlds import WORLDS, simulate

KINDS = 12


def _world(people: int, weeks: int) -> Panel:
    """The fifth world, its actions dealt out to the kinds, a partner manager for every four people."""
    panel = simulate(WORLDS[4], 1, people=people, weeks=weeks)
    dice = np.random.default_rng(1)
    deeds = replace(panel.deeds, kind=dice.integers(0, KINDS, len(panel.deeds.deal)))
    return Panel(replace(panel.rows, manager=people + panel.rows.owner // 4), deeds, panel.weeks)


def _family() -> list[Question]:
    everything = frozenset(range(KINDS))
    thirds = [frozenset(range(one, KINDS, 3)) for one in range(3)]
    return [
        *(Question(f"capacity {place}", kinds) for place, kinds in enumerate(thirds)),
        Question("early", everything, frozenset({0, 1})),
        Question("late", everything, frozenset({2, 3})),
        *(Question(f"type {kind}", frozenset({kind})) for kind in range(KINDS)),
    ]


def _memory() -> float:
    """The most memory that this process ever held, in MB."""
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return held / (1024 if sys.platform != "darwin" else 1024 * 1024)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--weeks", type=int, default=156)
    options = parser.parse_args()
    panel = _world(options.people, options.weeks)
    print(f"{len(panel.rows):,} weeks of open deals, {len(panel.deeds.deal):,} actions")
    before, begun = _memory(), time.process_time()
    headline = answer(panel, Question("all", frozenset(range(KINDS))))
    print(f"headline: {time.process_time() - begun:.0f} s of processor", flush=True)
    findings = answer_family(panel, _family(), headline)
    lead_lag(panel, range(KINDS))
    seconds = time.process_time() - begun
    print(f"report of {len(findings) + 1} questions: {seconds:.0f} s of processor")
    print(f"memory: at most {_memory():.0f} MB, {before:.0f} MB of it before the first question")


if __name__ == "__main__":
    main()
