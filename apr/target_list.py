"""Targets for a reader: what is measured, in its unit, for whom, whether it holds, and what a day owes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from django.utils.translation import gettext as _

from accounts.calendars import organisation_calendar
from accounts.models import Organisation, Role
from apr.models import ActionCategory, ActionType, Metric, Target, TargetScope
from apr.periods import PeriodKind, period_containing
from apr.scoring import daily_rate
from foundation.money import Money
from foundation.wording import money_in_full, number, reader_locale

MONEY = frozenset(
    {Metric.WON_AMOUNT, Metric.SOURCED_WON_AMOUNT, Metric.INFLUENCED_WON_AMOUNT, Metric.PIPELINE_CREATED}
)


class Standing(StrEnum):
    """Whether a target holds."""

    PLANNED = "planned"
    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"


@dataclass(frozen=True)
class TargetLine:
    """A target with the words that stand for it."""

    target: Target
    subject: str
    value: str
    standing: Standing


def measure_words(metric: str, key: str, type_names: dict[str, str]) -> str:
    """What is measured: `APR points`, `Points: Coaching`, `Number of: Call to`."""
    if metric == Metric.CATEGORY_POINTS:
        return _("Points: %(category)s") % {"category": ActionCategory(key).label}
    if metric == Metric.ACTION_COUNT:
        return _("Number of: %(type)s") % {"type": type_names.get(key, key)}
    return str(Metric(metric).label)


def value_words(metric: str, value: int | Fraction, currency: str, decimals: int = 0) -> str:
    """The value in the unit of its metric: `60 points`, `€120,000`, `63.15 %`."""
    if metric in MONEY:
        return money_in_full(Money(round(value), currency))
    if metric == Metric.WIN_RATE:
        return _("%(rate)s %%") % {"rate": number(Fraction(value, 100), 2 if value % 100 else 0)}
    counted = number(value, decimals)
    if metric == Metric.ACTION_COUNT:
        return _("%(count)s actions") % {"count": counted}
    return _("%(count)s points") % {"count": counted}


def subject_words(target: Target) -> str:
    """Whom it is for: a name, a team with its scope, or everybody of a role."""
    if target.user:
        return target.user.name
    if target.team:
        words = _("%(team)s, in total") if target.scope == TargetScope.TOTAL else _("%(team)s, each")
        return words % {"team": target.team}
    return _("Everybody as %(role)s") % {"role": str(Role(target.role).label).lower()}


def target_lines(targets: Iterable[Target], organisation: Organisation) -> dict[str, list[TargetLine]]:
    """The targets by what they measure; of each subject planned ones first, then back in time."""
    today, currency = organisation.today(), organisation.reporting_currency
    type_names = dict(ActionType.objects.values_list("key", "name"))
    lines: dict[str, list[TargetLine]] = {}
    in_force: set[tuple[object, ...]] = set()
    newest_first = sorted(targets, key=lambda one: (one.effective_from, one.pk), reverse=True)
    for one in newest_first:
        series = (one.user_id, one.team_id, one.role, one.scope, one.metric, one.metric_key, one.period_kind)
        standing = Standing.SUPERSEDED if series in in_force else Standing.IN_FORCE
        if one.effective_from > today:
            standing = Standing.PLANNED
        else:
            in_force.add(series)
        words = measure_words(one.metric, one.metric_key, type_names)
        value = value_words(one.metric, one.value, currency)
        lines.setdefault(words, []).append(TargetLine(one, subject_words(one), value, standing))
    return {words: sorted(rows, key=lambda row: row.subject) for words, rows in sorted(lines.items())}


def daily_sentence(metric: str, value: int, kind: PeriodKind, day: date, organisation: Organisation) -> str:
    """What a working day owes to a target in the period around `day`; a rate is not spread over days."""
    currency = organisation.reporting_currency
    if metric == Metric.WIN_RATE:
        return _("A rate is judged over the whole period; no day owes a part of it.")
    period = period_containing(day, kind, organisation.fiscal_first_month)
    days = organisation_calendar(organisation).working_days(period.start, period.end)
    return _("That is %(rate)s on each of the %(days)s working days of %(period)s.") % {
        "rate": value_words(metric, daily_rate(value, days), currency, decimals=2),
        "days": number(days),
        "period": period.label(str(reader_locale())),
    }
