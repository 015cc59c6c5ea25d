"""Results of a person, a team or the organisation, from the credits of deals."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from fractions import Fraction

from apr.models import CreditKind, Metric
from apr.rollup.lines import Line
from apr.scorecards.expectations import Expectation, Frame
from apr.scorecards.figures import MoneyMeasure, Results, Subject
from foundation.money import Money

PARTNERED_WINS = {CreditKind.SOURCED_WON, CreditKind.INFLUENCED_WON, CreditKind.SUPPORTED_WON}
WINS = {CreditKind.WON, *PARTNERED_WINS}
LOSSES = {CreditKind.LOST, CreditKind.SUPPORTED_LOST}
CREATED = {CreditKind.CREATED, CreditKind.BROUGHT}

Expect = Callable[[Metric], Expectation]


def results_of(
    subject: Subject, frame: Frame, found: Iterable[Line], expect: Expect, pending_changes: int
) -> Results:
    """The results of a subject from its lines, each deal once in each figure.

    A shared deal is counted with its account executive, so the partner manager's line is left out there.
    """
    own = list(found)
    once = [line for line in own if not line.shared]

    def measure(lines: list[Line], kinds: set[CreditKind], metric: Metric) -> MoneyMeasure:
        return _measure(frame, [line for line in lines if line.kind in kinds], expect(metric))

    won = measure(own, {CreditKind.WON}, Metric.WON_AMOUNT)
    sourced = measure(own, {CreditKind.SOURCED_WON}, Metric.SOURCED_WON_AMOUNT)
    influenced = measure(own, {CreditKind.INFLUENCED_WON}, Metric.INFLUENCED_WON_AMOUNT)
    pipeline = measure(once, CREATED, Metric.PIPELINE_CREATED)
    wins = sum(line.count for line in once if line.kind in WINS)
    losses = sum(line.count for line in once if line.kind in LOSSES)
    rate = Fraction(wins, wins + losses) if wins + losses else None
    rate_target, rate_status = frame.judge_rate(rate, expect(Metric.WIN_RATE).why)
    overlap = sum(line.minor for line in own if line.shared and line.kind in PARTNERED_WINS)
    left_out = {money.currency for each in (won, sourced, influenced, pipeline) for money in each.left_out}
    return Results(
        subject=subject,
        period=frame.period,
        won=won,
        sourced_won=sourced,
        influenced_won=influenced,
        pipeline_created=pipeline,
        wins=wins,
        losses=losses,
        win_rate=rate,
        win_rate_target=rate_target,
        win_rate_status=rate_status,
        missing_rates=tuple(sorted(left_out)),
        overlap=Money(overlap, frame.organisation.reporting_currency),
        pending_changes=pending_changes,
    )


def _measure(frame: Frame, lines: list[Line], wanted: Expectation) -> MoneyMeasure:
    left_out: dict[str, int] = defaultdict(int)
    for line in lines:
        if line.left_out:
            left_out[line.left_out[0]] += line.left_out[1]
    minor = sum(line.minor for line in lines)
    judged = frame.judge(minor, wanted)
    return MoneyMeasure(
        amount=Money(minor, frame.organisation.reporting_currency),
        count=sum(line.count for line in lines),
        left_out=tuple(Money(left_out[code], code) for code in sorted(left_out)),
        target=judged.target,
        expected_to_date=judged.expected_to_date,
        attainment=judged.attainment,
        pace=judged.pace,
        status=judged.status,
    )
