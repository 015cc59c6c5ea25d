"""A logit with a term per group and standard errors clustered by person.

The terms (thousands of pairs of people, perhaps) never stand in a matrix: Newton's step for them is one
division each, once the few columns of interest are solved for (Schur's complement).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from apr.evidence.distributions import t_quantile, t_tail

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
STEPS = 60
CLOSE_ENOUGH = 1e-10
# A column whose spread within the groups is less than this part of its length says nothing.
SPREAD = 1e-8


class CannotFitError(Exception):
    """The data say nothing about the first column: it does not vary, or it separates the outcomes."""


@dataclass(frozen=True)
class Estimate:
    """A coefficient with its interval of 95 % and its p, two-sided, by t with `degrees`."""

    value: float
    error: float
    degrees: int

    @property
    def half_width(self) -> float:
        return t_quantile(0.975, self.degrees) * self.error

    @property
    def low(self) -> float:
        return self.value - self.half_width

    @property
    def high(self) -> float:
        return self.value + self.half_width

    @property
    def p(self) -> float:
        return 2 * t_tail(abs(self.value / self.error), self.degrees)

    @property
    def smallest(self) -> float:
        """The smallest coefficient that this much data would have shown four times in five."""
        return (t_quantile(0.975, self.degrees) + t_quantile(0.8, self.degrees)) * self.error


@dataclass(frozen=True)
class Fit:
    """The first column's coefficient, and the linear predictor of the rows used less that column's part.

    `rows` are the places of the rows used: groups in which always or never anything happened say nothing.
    """

    estimate: Estimate
    rows: Ints
    base: Floats

    def chance(self, coefficient: float, level: float) -> float:
        """The mean chance of the outcome over the rows, were the first column `level` in all of them."""
        return float(np.mean(_logistic(self.base + coefficient * level)))


def fit_logit(outcome: Floats, columns: Floats, groups: Ints, clusters: Ints) -> Fit:
    """Fits outcome (0 or 1) ~ columns (rows × k) + a term per group, by maximum likelihood.

    The covariance is the sandwich over clusters, with the correction G/(G−1) × (N−1)/(N−K) that is usual.
    Each group must lie in one cluster. Raises CannotFitError.
    """
    rows = _informative(outcome, groups)
    if not len(rows):
        raise CannotFitError("no group with both outcomes")
    y, x = outcome[rows], columns[rows]
    term = np.unique(groups[rows], return_inverse=True)[1]
    cluster = np.unique(clusters[rows], return_inverse=True)[1]
    x = x[:, _independent(x, term)]
    coefficients, terms, inverse = _maximise(y, x, term)
    predictor = x @ coefficients + terms[term]
    scores = _sums(x * (y - _logistic(predictor))[:, None], cluster)
    people, k = len(scores), x.shape[1] + len(terms)
    if people < 2 or len(y) <= k:
        raise CannotFitError("fewer than two people, or fewer rows than terms")
    correction = people / (people - 1) * (len(y) - 1) / (len(y) - k)
    covariance = correction * inverse @ (scores.T @ scores) @ inverse
    error = float(np.sqrt(covariance[0, 0]))
    if not np.isfinite(error) or error <= 0:
        raise CannotFitError("no standard error")
    estimate = Estimate(float(coefficients[0]), error, people - 1)
    return Fit(estimate, rows, predictor - coefficients[0] * x[:, 0])


def _informative(outcome: Floats, groups: Ints) -> Ints:
    """Rows of groups in which it happened at least once and failed to at least once."""
    _, term, size = np.unique(groups, return_inverse=True, return_counts=True)
    happened = np.bincount(term, outcome)
    return np.flatnonzero(((happened > 0) & (happened < size))[term])


def _independent(x: Floats, term: Ints) -> list[int]:
    """Columns that vary within groups and do not follow from those before them."""
    size = np.bincount(term)
    centred = x - (_sums(x, term) / size[:, None])[term]
    kept: list[int] = []
    basis: list[Floats] = []
    for place in range(x.shape[1]):
        rest = centred[:, place].copy()
        for one in basis:
            rest -= (one @ rest) * one
        length = float(np.linalg.norm(rest))
        if length > SPREAD * max(float(np.linalg.norm(x[:, place])), 1e-12):
            kept.append(place)
            basis.append(rest / length)
        elif place == 0:
            raise CannotFitError("the column of interest does not vary")
    return kept


def _maximise(y: Floats, x: Floats, term: Ints) -> tuple[Floats, Floats, Floats]:
    """Coefficients, terms, and the columns' block of the inverse information."""
    share = np.bincount(term, y) / np.bincount(term)
    terms: Floats = np.log(share / (1 - share))
    coefficients: Floats = np.zeros(x.shape[1])
    for _step in range(STEPS):
        chance = _logistic(x @ coefficients + terms[term])
        miss, weight = y - chance, chance * (1 - chance)
        weighted = x * weight[:, None]
        cross, own = _sums(weighted, term), np.bincount(term, weight)
        pull = np.bincount(term, miss)
        reduced = x.T @ weighted - (cross / own[:, None]).T @ cross
        try:
            inverse = np.asarray(np.linalg.inv(reduced), dtype=np.float64)
        except np.linalg.LinAlgError as error:
            raise CannotFitError("separated outcomes") from error
        move = inverse @ (x.T @ miss - (cross / own[:, None]).T @ pull)
        move_terms = (pull - cross @ move) / own
        longest = max(float(np.max(np.abs(move))), float(np.max(np.abs(move_terms))))
        damping = min(1.0, 4.0 / longest) if longest else 1.0
        coefficients, terms = coefficients + damping * move, terms + damping * move_terms
        if longest < CLOSE_ENOUGH:
            return coefficients, terms, inverse
        if not np.isfinite(longest) or float(np.max(np.abs(terms))) > 30:
            break
    raise CannotFitError("separated outcomes")


def _sums(columns: Floats, places: Ints) -> Floats:
    """Column sums by place."""
    return np.stack([np.bincount(places, column) for column in columns.T], axis=1)


def _logistic(value: Floats) -> Floats:
    bounded = np.clip(value, -35, 35)
    result: Floats = 1 / (1 + np.exp(-bounded))
    return result
