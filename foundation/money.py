"""Money: integer minor units and an ISO 4217 code. No float comes near it."""

import re
from dataclasses import dataclass
from decimal import Context, Decimal, Inexact, InvalidOperation, localcontext
from fractions import Fraction
from functools import lru_cache
from typing import Literal, Self

from babel.numbers import get_currency_precision, get_currency_symbol, list_currencies, parse_pattern
from django.utils.translation import gettext_lazy as _

from foundation.errors import InvalidInput
from foundation.locales import babel_locale

# Every amount of so many digits fits a 64-bit column on both databases.
MAX_DIGITS = 18
EXACT = Context(prec=MAX_DIGITS, traps=[Inexact, InvalidOperation])
NANO = 10**9
# Marks of writing direction, which come along when a shown amount is copied.
INVISIBLE = dict.fromkeys(map(ord, "\N{LEFT-TO-RIGHT MARK}\N{RIGHT-TO-LEFT MARK}\N{ARABIC LETTER MARK}"))


class InvalidMoney(InvalidInput):
    """Not an amount of money: an unknown currency, too many decimals, too large, or not a number."""

    default_code = "invalid_money"


@lru_cache(maxsize=512)
def currency_digits(code: str) -> int:
    """Decimal digits of a currency (EUR 2, JPY 0, KWD 3) by Unicode CLDR; raises InvalidMoney if unknown."""
    if code not in list_currencies():
        raise InvalidMoney(_("“%(code)s” is not a currency code. Use one such as EUR.") % {"code": code})
    return get_currency_precision(code)


@dataclass(frozen=True)
class Money:
    """An exact amount: `minor` units (cents) of `currency`."""

    minor: int
    currency: str

    @classmethod
    def from_decimal(cls, amount: Decimal, currency: str) -> Self:
        """The same amount in minor units; raises InvalidMoney rather than round."""
        digits = currency_digits(currency)
        if not amount.is_finite():
            raise InvalidMoney(_("An amount must be a number."))
        with localcontext(EXACT):
            try:
                minor = int(amount.quantize(Decimal(1).scaleb(-digits)).scaleb(digits))
            except Inexact:
                words = _("%(currency)s has no more than %(digits)s digits after the decimal sign.")
                raise InvalidMoney(words % {"currency": currency, "digits": digits}) from None
            except InvalidOperation:
                raise InvalidMoney(_("This amount is too large.")) from None
        return cls(minor, currency)

    @property
    def decimal(self) -> Decimal:
        """The amount with all digits of its currency: 1234.50."""
        return Decimal(self.minor).scaleb(-currency_digits(self.currency))

    def __add__(self, other: Self) -> "Money":
        if other.currency != self.currency:
            raise ValueError(f"cannot add {other.currency} to {self.currency} without a rate")
        return Money(self.minor + other.minor, self.currency)


def convert(minor: int, from_currency: str, to_currency: str, rate_nano: int) -> int:
    """Minor units of `to_currency`, rounded once, half to even.

    `rate_nano` is what one unit of `from_currency` costs in units of `to_currency`, times 10**9.
    """
    if rate_nano <= 0:
        raise ValueError("a rate is positive; a missing rate is reported, never guessed")
    scale = Fraction(10) ** (currency_digits(to_currency) - currency_digits(from_currency))
    return round(minor * Fraction(rate_nano, NANO) * scale)


def format_money(money: Money, locale: str, *, style: Literal["full", "thousands"] = "full") -> str:
    """The amount for a reader: `€118,400`, `€118,400.50`; in thousands `€148k`.

    Decimals are shown only when there are some. Amounts below a thousand are always in full.
    """
    unit = 10 ** currency_digits(money.currency)
    if style == "thousands" and abs(money.minor) >= 1000 * unit:
        return _format(Decimal(round(Fraction(money.minor, 1000 * unit))), money.currency, locale, 0, "k")
    digits = currency_digits(money.currency) if money.minor % unit else 0
    return _format(money.decimal, money.currency, locale, digits, "")


def _format(amount: Decimal, currency: str, locale: str, digits: int, suffix: str) -> str:
    reader = babel_locale(locale)
    written = reader.currency_formats["standard"].pattern
    if get_currency_symbol(currency, reader)[-1].isalpha():  # CHF 100 needs the space that €100 does not
        written = written.replace("¤#", "¤\N{NO-BREAK SPACE}#")
    pattern = parse_pattern(written)
    pattern.frac_prec = (digits, digits)
    pattern.suffix = (suffix + pattern.suffix[0], suffix + pattern.suffix[1])
    return str(pattern.apply(amount, reader, currency=currency, currency_digits=False))


def parse_money(text: str, currency: str, locale: str) -> Money:
    """What a person typed, read by the rules of their locale; raises InvalidMoney with what to type instead.

    The currency's sign or code, spaces and grouping are accepted. Grouping has to be in its place, so
    that `1,5` is refused in English, where it could mean either 1.5 or 15.
    """
    symbols = babel_locale(locale).number_symbols["latn"]
    group, point = rf"[\s'’{re.escape(symbols['group'])}]", re.escape(symbols["decimal"])
    plain = _without_sign(text, currency, locale)
    number = re.fullmatch(
        rf"([-−]?)\s*(\d+|\d{{1,3}}(?:{group}\d{{2,3}})*{group}\d{{3}})(?:{point}(\d+))?", plain
    )
    if number is None:
        example = _format(Decimal("1234.50"), currency, locale, currency_digits(currency), "")
        words = _("“%(text)s” is not an amount. Write it like %(example)s.")
        raise InvalidMoney(words % {"text": text.strip(), "example": example})
    sign, whole, fraction = number.groups(default="")
    return Money.from_decimal(
        Decimal(f"{'-' if sign else ''}{re.sub(group, '', whole)}.{fraction or 0}"), currency
    )


def _without_sign(text: str, currency: str, locale: str) -> str:
    """The text less one currency sign or code, in front (also after a minus) or behind."""
    text = text.translate(INVISIBLE)
    signs = {
        currency,
        get_currency_symbol(currency, babel_locale(locale)),
        get_currency_symbol(currency, "en"),
    }
    visible = {sign.translate(INVISIBLE) for sign in signs}
    sign = "|".join(re.escape(one) for one in sorted(visible, key=len, reverse=True))
    pattern = rf"^\s*([-−]?)\s*(?:{sign})|\s*(?:{sign})\s*$"
    return re.sub(pattern, r"\1", text, count=1, flags=re.IGNORECASE).strip()
