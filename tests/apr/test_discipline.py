"""Data discipline and the verdict on a deal, on plain facts. 2026-09-15 is a Tuesday."""

from dataclasses import replace
from datetime import date

import pytest

from apr.discipline import Check, DealFacts, checks_of, passed

TODAY = date(2026, 9, 15)
GOOD = DealFacts(
    next_step_due_on=TODAY,
    expected_close_on=TODAY,
    silent_days=5,
    allowed_silence_days=5,
    days_in_stage=10,
    expected_days=10,
    has_amount=True,
    has_partner_manager=True,
    has_partner=True,
)


def test_a_deal_on_every_limit_passes_all_six():
    checks = checks_of(GOOD, TODAY)
    assert [one.check for one in checks] == list(Check)
    assert passed(checks) == 6


@pytest.mark.parametrize(
    ("change", "fails"),
    [
        ({"next_step_due_on": None}, Check.NEXT_STEP),
        ({"next_step_due_on": date(2026, 9, 14)}, Check.NEXT_STEP),
        ({"expected_close_on": date(2026, 9, 14)}, Check.CLOSE_AHEAD),
        ({"expected_close_on": None}, Check.CLOSE_AHEAD),
        ({"silent_days": 6}, Check.NOT_SILENT),
        ({"days_in_stage": 11}, Check.WITHIN_DAYS),
        ({"has_amount": False}, Check.AMOUNT),
        ({"has_partner": False}, Check.PARTNER),
    ],
)
def test_each_check_fails_alone(change, fails):
    checks = checks_of(replace(GOOD, **change), TODAY)
    assert [one.check for one in checks if not one.passed] == [fails]


def test_checks_that_do_not_apply_are_left_out():
    facts = replace(
        GOOD, allowed_silence_days=None, expected_days=None, has_partner_manager=False, has_partner=False
    )
    checks = checks_of(facts, TODAY)
    assert [one.check for one in checks] == [Check.NEXT_STEP, Check.CLOSE_AHEAD, Check.AMOUNT]
    assert passed(checks) == 3
