"""Numbers, money and dates as the reader's language writes them. Rounding happens here, at the edge."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.numbers import format_decimal, format_percent
from django.utils import timezone
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext as _

from foundation.money import Money, format_money

Number = int | Decimal | Fraction | float


def reader_locale() -> Locale:
    """Babel's locale for the language of this request."""
    return Locale.parse(to_locale(get_language() or "en"))


def exact(value: Number) -> Decimal:
    """`value` as a Decimal; a Fraction keeps 28 digits."""
    if isinstance(value, Fraction):
        return Decimal(value.numerator) / Decimal(value.denominator)
    return Decimal(str(value))


def number(value: Number, decimals: int = 0) -> str:
    """With the reader's separators and exactly `decimals` decimals, half to even."""
    rounded = exact(value).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_EVEN)
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    return format_decimal(rounded, format=pattern, locale=reader_locale())


def in_letters(count: int) -> str:
    """A count inside a sentence: in letters up to ten."""
    words = [_("none"), _("one"), _("two"), _("three"), _("four"), _("five")]
    words += [_("six"), _("seven"), _("eight"), _("nine"), _("ten")]
    return words[count] if count < len(words) else number(count)


def percent(ratio: Number) -> str:
    """0.744 as 74%."""
    return format_percent(exact(ratio).quantize(Decimal("0.01"), ROUND_HALF_EVEN), locale=reader_locale())


def money_in_full(amount: Money) -> str:
    """`€118,400`, where people decide."""
    return format_money(amount, str(reader_locale()))


def money_in_thousands(amount: Money) -> str:
    """`€148k`, on cards and in dense tables."""
    return format_money(amount, str(reader_locale()), style="thousands")


def _as_date(value: date | datetime) -> date:
    if isinstance(value, datetime):
        return timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return value


def _written(day: date, english: str, skeleton: str) -> str:
    locale = reader_locale()
    if locale.language == "en":
        return format_date(day, format=english, locale=locale)
    return format_skeleton(skeleton, datetime.combine(day, datetime.min.time()), locale=locale, fuzzy=True)


def day(value: date | datetime) -> str:
    """`Thu 17 Sep`; with the year when it is not this year's."""
    when = _as_date(value)
    return (
        weekday_in_record(when)
        if when.year != timezone.localdate().year
        else _written(when, "EEE d MMM", "MMMEd")
    )


def short_day(value: date | datetime) -> str:
    """`17 Sep`; with the year when it is not this year's."""
    when = _as_date(value)
    return day_in_record(when) if when.year != timezone.localdate().year else _written(when, "d MMM", "MMMd")


def day_in_record(value: date | datetime) -> str:
    """`1 Jan 2025`: always with the year."""
    return _written(_as_date(value), "d MMM y", "yMMMd")


def weekday_in_record(value: date | datetime) -> str:
    """`Thu 24 Sep 2026`: always with the year."""
    return _written(_as_date(value), "EEE d MMM y", "yMMMEd")


def long_day(value: date | datetime) -> str:
    """`Tuesday 15 September 2026`, for the line above the sentence."""
    return _written(_as_date(value), "EEEE d MMMM y", "yMMMMEEEEd")


def month_name(value: date) -> str:
    """`Sep`, for the scale of a drawing."""
    return format_date(value, format="LLL", locale=reader_locale()).rstrip(".")


def initials(name: str) -> str:
    """First letters of the first and last word: Nora Lindqvist is NL."""
    words = name.split()
    letters = [words[0][0], words[-1][0]] if len(words) > 1 else [name.strip()[:2]]
    return "".join(letters).upper()


FILTERS: dict[str, Callable[..., str]] = {
    "number": number,
    "percent": percent,
    "money": money_in_full,
    "money_short": money_in_thousands,
    "day": day,
    "short_day": short_day,
    "day_in_record": day_in_record,
    "weekday_in_record": weekday_in_record,
    "long_day": long_day,
    "initials": initials,
}
