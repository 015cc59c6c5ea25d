"""Our statistics beside statsmodels, SciPy and lifelines, to six decimals."""

import warnings

import numpy as np
import pytest

from apr.evidence.distributions import chi_squared_tail, t_quantile, t_tail
from apr.evidence.logit import CannotFitError, fit_logit
from apr.evidence.means import clustered_gap, clustered_mean
from apr.evidence.proportions import Share, difference
from apr.evidence.study import benjamini_hochberg
from apr.evidence.survival import kaplan_meier, log_rank

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import statsmodels.api as sm
    from lifelines import KaplanMeierFitter
    from lifelines.statistics import logrank_test
    from scipy import stats
    from statsmodels.stats.multitest import multipletests
    from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

pytestmark = pytest.mark.filterwarnings("ignore")
CLOSE = 1e-6


@pytest.mark.parametrize("degrees", [1, 2, 14, 39, 499])
@pytest.mark.parametrize("value", [-4.2, -0.3, 0.0, 0.7, 1.96, 8.5])
def test_t_is_that_of_scipy(value: float, degrees: int) -> None:
    assert t_tail(value, degrees) == pytest.approx(stats.t.sf(value, degrees), abs=1e-12)


@pytest.mark.parametrize("degrees", [1, 14, 39, 499])
@pytest.mark.parametrize("probability", [0.001, 0.2, 0.8, 0.975])
def test_quantiles_of_t_are_those_of_scipy(probability: float, degrees: int) -> None:
    expected = stats.t.ppf(probability, degrees)
    assert t_quantile(probability, degrees) == pytest.approx(expected, rel=1e-9)


def test_the_tail_of_chi_squared_is_that_of_scipy() -> None:
    for value in (0, 0.01, 1, 3.84, 40):
        assert chi_squared_tail(value) == pytest.approx(stats.chi2.sf(value, 1), abs=1e-12)


def _clustered_data(seed: int) -> tuple[np.ndarray, ...]:
    """Thirty people in sixty pairs; three columns, the second the same as the first but for a little."""
    dice = np.random.default_rng(seed)
    group = np.repeat(np.arange(60), 40)
    cluster = group // 2
    x = dice.normal(size=(len(group), 3))
    x[:, 1] = 0.7 * x[:, 0] + 0.5 * x[:, 1]
    odds = (
        0.4 * x[:, 0] - 0.8 * x[:, 2] - 1 + dice.normal(0, 0.6, 60)[group] + dice.normal(0, 0.4, 30)[cluster]
    )
    return (dice.random(len(group)) < 1 / (1 + np.exp(-odds))).astype(float), x, group, cluster


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_logit_is_that_of_statsmodels(seed: int) -> None:
    y, x, group, cluster = _clustered_data(seed)
    fit = fit_logit(y, x, group, cluster)

    dummies = (group[:, None] == np.unique(group)).astype(float)
    oracle = sm.Logit(y, np.hstack([x, dummies])).fit(
        disp=0, tol=1e-12, maxiter=100, cov_type="cluster", cov_kwds={"groups": cluster}
    )
    low, high = (oracle.params[0] + sign * stats.t.ppf(0.975, 29) * oracle.bse[0] for sign in (-1, 1))
    ours = fit.estimate
    assert ours.degrees == 29
    assert ours.value == pytest.approx(oracle.params[0], abs=CLOSE)
    assert ours.error == pytest.approx(oracle.bse[0], abs=CLOSE)
    assert (ours.low, ours.high) == pytest.approx((low, high), abs=CLOSE)
    assert ours.p == pytest.approx(2 * stats.t.sf(abs(oracle.params[0] / oracle.bse[0]), 29), abs=CLOSE)


def test_chances_are_means_of_the_fitted_ones() -> None:
    y, x, group, cluster = _clustered_data(4)
    fit = fit_logit(y, x, group, cluster)
    dummies = (group[:, None] == np.unique(group)).astype(float)
    oracle = sm.Logit(y, np.hstack([x, dummies])).fit(disp=0, tol=1e-12, maxiter=100)
    everywhere = np.hstack([np.full((len(y), 1), 1.5), x[:, 1:], dummies])
    assert fit.chance(fit.estimate.value, 1.5) == pytest.approx(oracle.predict(everywhere).mean(), abs=CLOSE)


def test_groups_in_which_all_went_one_way_say_nothing() -> None:
    y, x, group, cluster = _clustered_data(5)
    told = fit_logit(y, x, group, cluster)
    more = (np.append(y, np.ones(40)), np.vstack([x, x[:40]]), np.append(group, np.full(40, 60)))
    same = fit_logit(*more, np.append(cluster, np.full(40, 30)))
    assert same.estimate == told.estimate
    assert list(same.rows) == list(range(len(y)))


def test_a_column_that_follows_from_the_others_is_left_out() -> None:
    y, x, group, cluster = _clustered_data(6)
    doubled = np.hstack([x, x[:, 1:2] - 2 * x[:, 2:3], group[:, None].astype(float)])
    assert fit_logit(y, doubled, group, cluster).estimate.value == pytest.approx(
        fit_logit(y, x, group, cluster).estimate.value, abs=1e-9
    )


def test_a_column_of_interest_that_separates_or_never_varies_is_refused() -> None:
    y, x, group, cluster = _clustered_data(7)
    with pytest.raises(CannotFitError):
        fit_logit(y, np.hstack([np.ones((len(y), 1)), x]), group, cluster)
    with pytest.raises(CannotFitError):
        fit_logit(y, np.hstack([y[:, None], x]), group, cluster)


def test_benjamini_and_hochberg_are_those_of_statsmodels() -> None:
    ps = np.random.default_rng(8).random(23) ** 2
    oracle = multipletests(ps, method="fdr_bh")[1]
    assert benjamini_hochberg(ps.tolist()) == pytest.approx(oracle.tolist(), abs=1e-12)


@pytest.mark.parametrize(("part", "whole"), [(0, 20), (3, 21), (20, 20), (412, 1_000)])
def test_shares_have_the_interval_of_wilson(part: int, whole: int) -> None:
    assert Share(part, whole).interval == pytest.approx(
        proportion_confint(part, whole, method="wilson"), abs=1e-12
    )


@pytest.mark.parametrize("counts", [(30, 60, 20, 55), (0, 25, 4, 30), (25, 25, 1, 40)])
def test_differences_have_the_interval_of_newcombe(counts: tuple[int, int, int, int]) -> None:
    a, n, b, m = counts
    _gap, *ours = difference(Share(a, n), Share(b, m))
    oracle = confint_proportions_2indep(a, n, b, m, compare="diff", method="newcomb")
    assert ours == pytest.approx(list(oracle), abs=1e-9)


def _lifetimes(seed: int, scale: float) -> tuple[np.ndarray, np.ndarray]:
    dice = np.random.default_rng(seed)
    return np.ceil(dice.exponential(scale, 150)), dice.random(150) < 0.8


def test_the_curve_is_that_of_lifelines() -> None:
    durations, ended = _lifetimes(9, 20)
    curve, oracle = kaplan_meier(durations, ended), KaplanMeierFitter().fit(durations, ended)
    for time in (0, 1, 5, 17, 40, 200):
        assert curve.at(time) == pytest.approx(float(oracle.predict(time)), abs=1e-12)
    assert curve.median == oracle.median_survival_time_


def test_the_log_rank_test_is_that_of_lifelines() -> None:
    (one, one_ended), (other, other_ended) = _lifetimes(10, 20), _lifetimes(11, 26)
    oracle = logrank_test(one, other, one_ended, other_ended).p_value
    assert log_rank(one, one_ended, other, other_ended) == pytest.approx(oracle, abs=1e-12)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_means_and_gaps_are_the_clustered_regressions_of_statsmodels(seed: int) -> None:
    dice = np.random.default_rng(seed)
    people, is_top = dice.integers(0, 12, 90), dice.random(90) < 0.4
    values = dice.gamma(1.5, 0.6, 90) + 0.3 * dice.normal(size=12)[people] + 0.2 * is_top

    def fitted(chosen: np.ndarray, columns: np.ndarray) -> tuple[float, float, float]:
        fit = sm.OLS(values[chosen], columns[chosen]).fit(
            cov_type="cluster", cov_kwds={"groups": people[chosen], "df_correction": True}, use_t=True
        )
        return (fit.params[-1], *fit.conf_int()[-1])

    everybody = np.ones(90, dtype=bool)
    top = clustered_mean(values[is_top], people[is_top])
    assert (top.value, top.low, top.high) == pytest.approx(fitted(is_top, np.ones((90, 1))), abs=CLOSE)
    gap = clustered_gap(values[is_top], people[is_top], values[~is_top], people[~is_top])
    columns = np.column_stack([np.ones(90), is_top])
    assert (gap.value, gap.low, gap.high) == pytest.approx(fitted(everybody, columns), abs=CLOSE)
