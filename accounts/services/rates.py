"""Exchange rates, as text from people and whole numbers in the database."""

import re
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from accounts.models import ExchangeRate, Organisation
from foundation.dated import check_day
from foundation.errors import InvalidInput
from foundation.money import NANO, currency_digits

DIGITS = 9
LARGEST = 10**9


def parse_rate(text: str) -> int:
    """A rate such as `1.0834` times 10**9; raises InvalidInput rather than round or guess a grouping."""
    plain = text.strip().replace(",", ".")
    if not re.fullmatch(r"\d{1,9}(\.\d+)?", plain):
        raise InvalidInput(_("Write the rate as a number such as 1.0834."), field="rate")
    nano = Decimal(plain) * NANO
    if nano != nano.to_integral_value():
        raise InvalidInput(_("A rate has at most nine digits after the point."), field="rate")
    if not 0 < nano < LARGEST * NANO:
        raise InvalidInput(_("A rate is more than nothing."), field="rate")
    return int(nano)


def set_rate(*, currency: str, effective_from: date, rate_nano: int) -> ExchangeRate:
    """What one unit of the currency is worth in the reporting currency from a day on.

    A rate of the same day is corrected. Raises InvalidInput for the reporting currency itself.
    """
    reporting = Organisation.current().reporting_currency
    currency_digits(currency)
    check_day(effective_from, "effective_from")
    if currency == reporting:
        raise InvalidInput(
            _("%(currency)s is the reporting currency.") % {"currency": currency}, field="currency"
        )
    rate, _made = ExchangeRate.objects.update_or_create(
        currency=currency,
        reporting_currency=reporting,
        effective_from=effective_from,
        defaults={"rate_nano": rate_nano},
    )
    return rate
