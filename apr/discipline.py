"""Data discipline: what should hold of an open deal, so that figures can be believed. No database here."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Check(StrEnum):
    """What is checked (scoring.md, "Data discipline"), in the order in which it is shown."""

    NEXT_STEP = "next_step"
    CLOSE_AHEAD = "close_ahead"
    NOT_SILENT = "not_silent"
    WITHIN_DAYS = "within_days"
    AMOUNT = "amount"
    PARTNER = "partner"


@dataclass(frozen=True)
class DealFacts:
    """What the checks look at. `silent_days` and `days_in_stage` are working days, through yesterday; the
    allowed and expected ones are None where the stage sets none.
    """

    next_step_due_on: date | None
    expected_close_on: date | None
    silent_days: int
    allowed_silence_days: int | None
    days_in_stage: int
    expected_days: int | None
    has_amount: bool
    has_partner_manager: bool
    has_partner: bool


@dataclass(frozen=True)
class Checked:
    """A check and whether the deal passes it."""

    check: Check
    passed: bool


def checks_of(facts: DealFacts, today: date) -> list[Checked]:
    """The checks that apply to an open deal. A close without a date is not ahead."""
    due, close = facts.next_step_due_on, facts.expected_close_on
    found: dict[Check, bool] = {
        Check.NEXT_STEP: due is not None and due >= today,
        Check.CLOSE_AHEAD: close is not None and close >= today,
    }
    if facts.allowed_silence_days is not None:
        found[Check.NOT_SILENT] = facts.silent_days <= facts.allowed_silence_days
    if facts.expected_days is not None:
        found[Check.WITHIN_DAYS] = facts.days_in_stage <= facts.expected_days
    found[Check.AMOUNT] = facts.has_amount
    if facts.has_partner_manager:
        found[Check.PARTNER] = facts.has_partner
    return [Checked(check, passed) for check, passed in found.items()]


def passed(checks: Iterable[Checked]) -> int:
    """How many checks hold."""
    return sum(one.passed for one in checks)
