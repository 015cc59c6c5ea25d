"""Results of a person, a team or the organisation, from the credits of deals."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from fractions import Fraction
from functools import partial

from django.db.models import Q

from apr.models import CreditKind, Metric
from apr.periods import Period
from apr.rollup.credits import Credit, credits_of
from apr.scorecards.expectations import Expectation, Frame
from apr.scorecards.figures import MoneyMeasure, Results, Subject
from apr.scorecards.pricing import Rates
from foundation.money import Money
from opportunities.models import Opportunity

WINS = {
    CreditKind.WON,
    CreditKind.SOURCED_WON,
    CreditKind.INFLUENCED_WON,
    CreditKind.SUPPORTED_WON,
}
LOSSES = {CreditKind.LOST, CreditKind.SUPPORTED_LOST}
CREATED = {CreditKind.CREATED, CreditKind.BROUGHT}
# Each deal that a partner manager is credited with may be in the account executive's figures too.
OF_PARTNER_MANAGER = (WINS - {CreditKind.WON}) | {CreditKind.SUPPORTED_LOST, CreditKind.BROUGHT}

# Whether somebody belongs to the subject on a day.
Belongs = Callable[[int, date], bool]
Expect = Callable[[Metric], Expectation]


def credits_in(period: Period) -> list[Credit]:
    """The credits dated in a period, of everybody."""
    dates = (period.start, period.end)
    deals = Opportunity.objects.filter(
        Q(opened_on__gte=dates[0], opened_on__lt=dates[1])
        | Q(closed_on__gte=dates[0], closed_on__lt=dates[1])
    )
    return [credit for credit in credits_of(deals) if period.contains(credit.day)]


def results_of(
    subject: Subject,
    frame: Frame,
    rates: Rates,
    credits_: Iterable[Credit],
    belongs: Belongs,
    expect: Expect,
    pending: int = 0,
) -> Results:
    """The results of a subject: the credits of those who belong to it, each deal once in each figure."""
    own = [credit for credit in credits_ if belongs(credit.user_id, credit.day)]
    once = [credit for credit in own if not _is_shared(credit, belongs)]
    measure = partial(_measure, frame, rates)
    won = measure([c for c in own if c.kind == CreditKind.WON], expect(Metric.WON_AMOUNT))
    sourced = measure([c for c in own if c.kind == CreditKind.SOURCED_WON], expect(Metric.SOURCED_WON_AMOUNT))
    influenced = measure(
        [c for c in own if c.kind == CreditKind.INFLUENCED_WON], expect(Metric.INFLUENCED_WON_AMOUNT)
    )
    pipeline = measure([c for c in once if c.kind in CREATED], expect(Metric.PIPELINE_CREATED))
    shared = [c for c in own if c.kind in WINS and _is_shared(c, belongs)]
    wins = sum(c.kind in WINS for c in once)
    losses = sum(c.kind in LOSSES for c in once)
    rate = Fraction(wins, wins + losses) if wins + losses else None
    rate_target, rate_status = frame.judge_rate(rate, expect(Metric.WIN_RATE).why)
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
        missing_rates=tuple(
            sorted({m.currency for each in (won, sourced, influenced, pipeline) for m in each.left_out})
        ),
        overlap=measure(shared, Expectation()).amount,
        pending_changes=pending,
    )


def _is_shared(credit: Credit, belongs: Belongs) -> bool:
    """Whether the deal is a partner manager's and also stands with an account executive of the subject."""
    return (
        credit.kind in OF_PARTNER_MANAGER
        and credit.colleague_id is not None
        and belongs(credit.colleague_id, credit.day)
    )


def _measure(frame: Frame, rates: Rates, rows: list[Credit], wanted: Expectation) -> MoneyMeasure:
    minor, left_out = 0, defaultdict[str, int](int)
    for credit in rows:
        amount = credit.amount_minor or 0
        priced = rates.price(amount, credit.currency, credit.priced_on or frame.priced_today)
        if priced is None:
            left_out[credit.currency] += amount
        else:
            minor += priced
    judged = frame.judge(minor, wanted)
    return MoneyMeasure(
        amount=Money(minor, rates.reporting_currency),
        count=len(rows),
        left_out=tuple(Money(left_out[code], code) for code in sorted(left_out)),
        target=judged.target,
        expected_to_date=judged.expected_to_date,
        attainment=judged.attainment,
        pace=judged.pace,
        status=judged.status,
    )
