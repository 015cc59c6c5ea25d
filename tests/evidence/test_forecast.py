"""Forecasts of simulated quarters, and what a forecast may know."""

from dataclasses import replace

import numpy as np
import pytest

from apr.evidence.forecast import STEPS, Backtest, Outlook, PastQuarter, Steps, backtest, forecast
from benchmarks.quarters import QUARTERS, WARM_UP, run, simulate


def _steps(rows: list[tuple[int, int, int, int, float]]) -> Steps:
    """Rows of (deal, at, known, to, amount) with two open places; 2 is won, 3 lost."""
    deal, at, known, to, amount = (np.array(column) for column in zip(*rows, strict=True))
    nothing = np.zeros(len(deal))
    return Steps(2, deal, at, known, to, amount.astype(float), nothing, nothing.astype(int) - 1)


def test_intervals_hold_and_the_forecast_beats_both_simple_rules() -> None:
    found = run(worlds=6, elapsed=4)
    assert len(found.tested) == 96
    assert 0.7 <= found.covered / 96 <= 0.9
    assert found.error < found.mean_error
    assert found.error < found.weighted_error


def test_intervals_of_independent_deals_would_be_far_too_narrow() -> None:
    """The same quarters drawn as if they did not share their luck: far fewer hold."""
    found = backtest(simulate(1), QUARTERS, 4, first=WARM_UP).tested[-16:]
    spread = [one.outlook.high - one.outlook.low for one in found]
    calm = backtest(simulate(1, luck=0.0, inflow=0.0), QUARTERS, 4, first=WARM_UP).tested[-16:]
    assert np.mean([one.outlook.high - one.outlook.low for one in calm]) < 0.8 * np.mean(spread)


def test_a_forecast_sees_nothing_of_the_future() -> None:
    steps = simulate(2, quarters=12)
    now = 10 * STEPS + 4
    seen = forecast(steps, 10, 4, first=WARM_UP)
    past = replace(
        steps, to=np.where(steps.at < now, steps.to, 0), amount=np.where(steps.at < now, steps.amount, 9e9)
    )
    assert forecast(past, 10, 4, first=WARM_UP) == seen


def test_what_was_recorded_later_was_not_known() -> None:
    steps = simulate(2, quarters=12)
    late = (steps.at == 10 * STEPS + 1) & (steps.to == 4)
    assert late.any()
    before = forecast(steps, 10, 4, first=WARM_UP)
    told_late = forecast(replace(steps, known=np.where(late, 11 * STEPS, steps.known)), 10, 4, first=WARM_UP)
    assert before is not None
    assert told_late is not None
    assert told_late.won == pytest.approx(before.won - steps.amount[late].sum())


def test_with_fewer_than_four_past_quarters_there_is_none() -> None:
    steps = simulate(3, quarters=12)
    assert forecast(steps, WARM_UP + 3, 4, first=WARM_UP) is None
    assert forecast(steps, WARM_UP + 4, 4, first=WARM_UP) is not None


def test_a_deal_opened_again_leaves_the_quarter_in_which_it_was_won() -> None:
    won, again = (0, 3, 3, 2, 100.0), (0, 20, 20, 1, 100.0)
    other = (1, 5, 5, 2, 40.0)
    assert _steps([(0, 0, 0, 0, 100.0), won, other]).won_in(0) == 140
    assert _steps([(0, 0, 0, 0, 100.0), won, again, other]).won_in(0) == 40


def test_the_last_step_before_a_moment_is_where_a_deal_stood() -> None:
    steps = _steps([(0, 0, 0, 0, 1.0), (0, 4, 4, 1, 1.0), (1, 6, 6, 0, 1.0)])
    assert steps.last(0).tolist() == [-1, -1]
    assert steps.last(4).tolist() == [0, -1]
    assert steps.last(7).tolist() == [1, 2]


def test_where_every_quarter_went_alike_the_forecast_is_what_they_won() -> None:
    """Each quarter a hundred deals of 10 come in its first step and half of them are won in its second."""
    rows = []
    for quarter in range(8):
        for deal in range(100):
            number, at = quarter * 100 + deal, quarter * STEPS
            rows.append((number, at, at, 0, 10.0))
            rows.append((number, at + 1, at + 1, 2 if deal % 2 else 3, 10.0))
    outlook = forecast(_steps(rows), 7, 0, first=1)
    assert outlook is not None
    assert outlook.value == pytest.approx(500, rel=0.01)
    assert outlook.mean_rule == 500
    # fifty wins of 10 that come by themselves: 1.28 standard deviations of 10 × √50 each way
    assert outlook.high - outlook.low == pytest.approx(2 * 1.2816 * 10 * 50**0.5, rel=0.01)
    half_way = forecast(_steps(rows), 7, 2, first=1)
    assert half_way is not None
    assert (half_way.won, half_way.value) == (500, pytest.approx(500))


def _test(n: int, covered: int, said: float, mean_rule: float, weighted: float) -> Backtest:
    wide, narrow = (50.0, 150.0), (10.0, 20.0)
    return Backtest(
        [
            PastQuarter(
                q, Outlook(said, *(wide if q < covered else narrow), 0.0, 8, mean_rule, weighted), 100.0
            )
            for q in range(n)
        ]
    )


@pytest.mark.parametrize(
    ("found", "holds"),
    [
        (_test(12, 10, 95, 80, 120), True),
        (_test(11, 9, 95, 80, 120), False),  # too few quarters
        (_test(12, 8, 95, 80, 120), False),  # held too seldom
        (_test(12, 11, 95, 80, 120), False),  # so wide that it says nothing
        (_test(12, 10, 95, 98, 120), False),  # the mean was closer
        (_test(12, 10, 95, 80, 103), False),  # the weighted sum was closer
    ],
)
def test_a_forecast_is_shown_only_where_its_backtest_holds(found: Backtest, holds: bool) -> None:
    assert found.holds is holds
