"""Dates and amounts as people and programs write them. What can be read in two ways is told, not guessed."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from babel.numbers import get_currency_symbol, list_currencies

from exchange.importing.dialects.sheets import Exact
from foundation.locales import babel_locale

DAY_FIRST, MONTH_FIRST = "dmy", "mdy"
POINT, COMMA = "point", "comma"
# Month names of these languages are read as well; numbers alone follow the order of the file.
LANGUAGES = ("en", "de", "es", "fr", "nl", "it", "pl")
FIRST_YEAR, LAST_YEAR = 1970, 2200
FIRST_SERIAL, LAST_SERIAL = 25_569, 80_000  # 1970 to 2119 as a spreadsheet counts days
SHOWN = 3
SPREADSHEET_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet knows no zones

NUMERIC = re.compile(r"(\d{1,4})([./-])(\d{1,2})\2(\d{1,4})(?![\d./-])")
DAY_MONTH = re.compile(r"(?:[^\W\d_]+,\s*)?(\d{1,2})[.\s-]*([^\W\d_]+)\.?,?[\s-]*(\d{4}|\d{2})(?!\d)")
MONTH_DAY = re.compile(r"(?:[^\W\d_]+,\s*)?([^\W\d_]+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})(?!\d)")
CLOCK = re.compile(
    r"(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(am|pm|a\.m\.|p\.m\.)?\s*"
    r"(z|utc|gmt|[+-]\d{2}:?\d{2})?(?:\s*\([^)]*\))?",
    re.IGNORECASE,
)
SERIAL = re.compile(r"\d{5}(\.\d+)?")


@dataclass(frozen=True)
class When:
    """A day, with the time and the offset where the cell says them."""

    day: date
    clock: time | None = None
    zone: tzinfo | None = None

    def date_in(self, zone: tzinfo) -> date:
        """The day there: another one only where the cell has a time with an offset."""
        if self.clock is None or self.zone is None:
            return self.day
        return datetime.combine(self.day, self.clock, self.zone).astimezone(zone).date()

    def instant(self, zone: tzinfo) -> datetime:
        """The instant, in `zone` where the cell says no offset; noon where it says no time."""
        return datetime.combine(self.day, self.clock or time(12), self.zone or zone)


def orders_of(text: str) -> set[str]:
    """The orders in which a date of numbers can be read; empty where the order does not matter."""
    found = NUMERIC.match(text.strip())
    if found is None or len(found[1]) > 2:
        return set()
    if found[2] == ".":
        return {DAY_FIRST}  # nobody writes the month first with dots
    first, second = int(found[1]), int(found[3])
    possible = {DAY_FIRST} if 1 <= second <= 12 else set()
    return possible | ({MONTH_FIRST} if 1 <= first <= 12 else set())


def read_when(text: str, order: str) -> When:
    """The day and time that a cell says; raises ValueError for what is none."""
    text = " ".join(text.split())
    if SERIAL.fullmatch(text):
        return _from_serial(text)
    for pattern, parts in ((NUMERIC, _numeric), (DAY_MONTH, _day_month), (MONTH_DAY, _month_day)):
        if found := pattern.match(text):
            year, month, day = parts(found, order)
            rest = text[found.end() :].strip(" ,Tt")
            clock, zone = _clock(rest) if rest else (None, None)
            if not FIRST_YEAR <= year <= LAST_YEAR:
                raise ValueError(text)
            return When(date(year, month, day), clock, zone)
    raise ValueError(text)


def _from_serial(text: str) -> When:
    days = float(text)
    if not FIRST_SERIAL <= days <= LAST_SERIAL:
        raise ValueError(text)
    at = SPREADSHEET_EPOCH + timedelta(seconds=round(days * 86_400))
    return When(at.date(), at.time() if days % 1 else None)


def _numeric(found: re.Match[str], order: str) -> tuple[int, int, int]:
    first, second, third = found[1], int(found[3]), found[4]
    if len(first) == 4:
        return int(first), second, int(third)
    if len(first) > 2 or len(third) not in (2, 4):
        raise ValueError(found[0])
    day_first = found[2] == "." or order == DAY_FIRST
    day, month = (int(first), second) if day_first else (second, int(first))
    return _year(third), month, day


def _day_month(found: re.Match[str], order: str) -> tuple[int, int, int]:
    return _year(found[3]), _month(found[2]), int(found[1])


def _month_day(found: re.Match[str], order: str) -> tuple[int, int, int]:
    return int(found[3]), _month(found[1]), int(found[2])


def _year(text: str) -> int:
    return int(text) if len(text) == 4 else 2000 + int(text)


def _month(name: str) -> int:
    month = _months().get(name.casefold())
    if month is None:
        raise ValueError(name)
    return month


@lru_cache(maxsize=1)
def _months() -> dict[str, int]:
    names: dict[str, int] = {}
    for language in LANGUAGES:
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in babel_locale(language).months[context][width].items():
                    names.setdefault(name.rstrip(".").casefold(), number)
                    names.setdefault(name.rstrip(".").casefold()[:3], number) if language == "en" else None
    return names


def _clock(text: str) -> tuple[time, tzinfo | None]:
    found = CLOCK.fullmatch(text)
    if found is None:
        raise ValueError(text)
    hour, half = int(found[1]), (found[5] or "").replace(".", "").casefold()
    if half:
        if not 1 <= hour <= 12:
            raise ValueError(text)
        hour = hour % 12 + (12 if half == "pm" else 0)
    return time(hour, int(found[2]), int(found[3] or 0)), _offset(found[6] or "")


def _offset(text: str) -> tzinfo | None:
    if not text:
        return None
    if text[0] not in "+-":
        return UTC
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))


# --- amounts --------------------------------------------------------------------------------------

AMOUNT = re.compile(
    r"([^\d.,'’\s=+*/@<>()-]*)\s*(-?)\s*([^\d.,'’\s=+*/@<>()-]*)\s*(\d[\d.,'’\s]*|[.,]\d+)\s*(-?)\s*([^\d.,'’\s=+*/@<>()-]*)"
)


@dataclass(frozen=True)
class Written:
    """An amount as it stands: its digits with separators, whether it is below zero, and its currency sign."""

    digits: str
    is_negative: bool
    sign: str


def split_amount(text: str) -> Written:
    """Takes an amount apart; raises ValueError for what is none."""
    plain = (
        text.replace("−", "-")
        .replace("\N{NO-BREAK SPACE}", " ")
        .replace("\N{NARROW NO-BREAK SPACE}", " ")
        .strip()
    )
    in_brackets = plain.startswith("(") and plain.endswith(")")
    found = AMOUNT.fullmatch(plain[1:-1].strip() if in_brackets else plain)
    if found is None:
        raise ValueError(text)
    signs = [found[group] for group in (1, 3, 6) if found[group]]
    if len(signs) > 1 or (found[2] and found[5]):
        raise ValueError(text)
    digits = re.sub(r"(?<=\d)[\s'’](?=\d{3}(?:\D|$))", "", found[4].strip())
    return Written(digits, in_brackets or bool(found[2] or found[5]), signs[0] if signs else "")


def styles_of(text: str) -> set[str]:
    """The decimal signs with which an amount can be read; empty where it does not matter."""
    if isinstance(text, Exact):
        return set()
    try:
        digits = split_amount(text).digits
    except ValueError:
        return set()
    points, commas = digits.count("."), digits.count(",")
    if points and commas:
        return {POINT} if digits.rindex(".") > digits.rindex(",") else {COMMA}
    if points + commas == 0:
        return set()
    own, other = (POINT, COMMA) if points else (COMMA, POINT)
    if points + commas > 1:
        return {other}  # a sign that stands there twice parts thousands
    before, _sign, after = digits.partition("." if points else ",")
    is_group = len(after) == 3 and 1 <= len(before) <= 3 and not before.startswith("0")
    return {own, other} if is_group else {own}


def read_amount(text: str, style: str) -> Decimal:
    """The number of an amount; raises ValueError for what is none in this style."""
    if isinstance(text, Exact):
        return Decimal(text)
    written = split_amount(text)
    group, point = (",", ".") if style != COMMA else (".", ",")
    whole, _sign, fraction = written.digits.partition(point)
    if not re.fullmatch(rf"\d*|\d{{1,3}}(?:{re.escape(group)}\d{{2,3}})*{re.escape(group)}\d{{3}}", whole):
        raise ValueError(text)
    if fraction and not fraction.isdigit():
        raise ValueError(text)
    try:
        number = Decimal(f"{whole.replace(group, '') or 0}.{fraction or 0}")
    except InvalidOperation as error:
        raise ValueError(text) from error
    return -number if written.is_negative else number


def sign_fits(sign: str, currency: str) -> bool:
    """Whether a sign or code beside an amount can mean this currency."""
    if not sign or sign.upper() == currency:
        return True
    symbols = {get_currency_symbol(currency, babel_locale(one)) for one in ("en", "de", "es")}
    return any(
        sign == symbol or sign == symbol[-1:] or sign.upper() == symbol.upper()
        for symbol in symbols | _narrow(currency)
    )


def _narrow(currency: str) -> set[str]:
    """Signs that several currencies share in their own countries."""
    shared = {
        "$": ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "CLP", "COP", "ARS"),
        "kr": ("SEK", "NOK", "DKK"),
        "¥": ("JPY", "CNY"),
        "zł": ("PLN",),
        "R$": ("BRL",),
        "Fr.": ("CHF",),
        "Rs": ("INR",),
    }
    return {sign for sign, codes in shared.items() if currency in codes}


def code_of(sign: str) -> str:
    """The currency that a code or an unmistakable sign names, or "" where several share it."""
    if sign.upper() in list_currencies():
        return sign.upper()
    return {"€": "EUR", "£": "GBP", "₹": "INR", "zł": "PLN", "R$": "BRL", "US$": "USD"}.get(sign, "")


class Evidence:
    """What all cells leave possible of two ways of reading them, and a few that could be either."""

    def __init__(self) -> None:
        self.possible: set[str] | None = None
        self.samples: list[str] = []

    def hear(self, ways: set[str], cell: str) -> None:
        """One cell more."""
        if not ways:
            return
        self.possible = ways if self.possible is None else self.possible & ways
        if len(ways) > 1 and len(self.samples) < SHOWN and cell not in self.samples:
            self.samples.append(cell)

    def settle(self, chosen: str, usual: str) -> str:
        """The one way left, else the chosen one; the usual one where no cell spoke; "" for a question."""
        if self.possible is None:
            return chosen or usual
        if len(self.possible) == 1:
            return next(iter(self.possible))
        return chosen
