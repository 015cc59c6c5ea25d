"""Comparing the halves of trials that are over: once, by the rule that was stated, and kept."""

from dataclasses import asdict
from datetime import date

import numpy as np
import structlog

from accounts.models import Organisation
from apr.models import Trial, TrialMeasure, TrialResult
from apr.trials.drawing import Half, digest
from apr.trials.measures import measured
from apr.trials.permutation import Compared, Halves, compare

log = structlog.get_logger(__name__)
VERSION = "1"
NOT_AS_DRAWN = "not_as_drawn"


def count_trials(today: date | None = None) -> int:
    """Computes the results of trials that are over and have none; returns how many."""
    day = today or Organisation.current().today()
    waiting = Trial.objects.standing().filter(result__isnull=True).order_by("pk")
    over = [trial for trial in waiting if trial.counted_on <= day]
    return sum(count_trial(trial) for trial in over)


def count_trial(trial: Trial) -> bool:
    """Computes the result of one trial; whether it was not there yet."""
    halves = list(trial.members.order_by("stratum", "person").values_list("person", "stratum", "gets_nudge"))
    kept: dict[str, object] = {"version": VERSION, "problem": NOT_AS_DRAWN}
    if digest(halves, trial.seed) != trial.drawn:
        log.error("trial not as drawn", trial=trial.pk)
    else:
        values = measured(
            TrialMeasure(trial.measure), [person for person, *_ in halves], trial.starts_on, trial.ends_on
        )
        kept |= {"problem": "", "values": values, "findings": _findings(halves, values, trial.seed)}
    return TrialResult.objects.get_or_create(trial=trial, defaults=kept)[1]


def _findings(halves: list[Half], values: dict[int, float], seed: int) -> dict[str, object]:
    """The comparison, and each half by itself."""
    people, stratum, nudged = (np.array(column) for column in zip(*halves, strict=True))
    done = np.array([values[person] for person in people.tolist()])
    means = Halves.of(nudged, stratum).means(done, nudged)
    return {
        "compared": asdict(compare(done, nudged, stratum, seed=seed)),
        "with": {"people": int(nudged.sum()), "mean": means[0]},
        "without": {"people": int((~nudged).sum()), "mean": means[1]},
    }


def compared_from(kept: dict[str, float]) -> Compared:
    """A comparison as it was stored."""
    return Compared(**kept)  # type: ignore[arg-type] # as `asdict` wrote it
