"""Means over people who were seen several times, with intervals that count a person once."""

import numpy as np

from apr.evidence.logit import Estimate, Floats, Ints


def clustered_mean(values: Floats, people: Ints) -> Estimate:
    """The mean with its error clustered by person, t(people − 1). Takes at least two people."""
    return _estimate(float(np.mean(values)), (values - np.mean(values)) / len(values), people, 1)


def clustered_gap(one: Floats, people: Ints, other: Floats, others: Ints) -> Estimate:
    """How much larger the one mean is; somebody may stand in both groups."""
    pulls = [(one - np.mean(one)) / len(one), (np.mean(other) - other) / len(other)]
    gap = float(np.mean(one) - np.mean(other))
    return _estimate(gap, np.concatenate(pulls), np.concatenate([people, others]), 2)


def _estimate(value: float, pulls: Floats, people: Ints, means: int) -> Estimate:
    """`pulls` is what each observation adds to the estimate's miss; a person's are one draw together.

    With the usual correction for few people, G/(G−1) × (N−1)/(N−K), as of the logit.
    """
    person = np.unique(people, return_inverse=True)[1]
    sums = np.bincount(person, pulls)
    n, count = len(pulls), len(sums)
    correction = count / (count - 1) * (n - 1) / (n - means)
    return Estimate(value, float(np.sqrt(correction * np.sum(sums**2))), count - 1)
