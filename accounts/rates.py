"""Amounts in the reporting currency: each deal is converted by itself and rounded once."""

from bisect import bisect_right
from collections import defaultdict
from datetime import date
from functools import cached_property

from accounts.models import ExchangeRate
from foundation.money import convert


class Rates:
    """The exchange rates into one reporting currency, read (one query) when the first one is needed."""

    def __init__(self, reporting_currency: str) -> None:
        self.reporting_currency = reporting_currency

    @cached_property
    def _rates(self) -> dict[str, list[tuple[date, int]]]:
        rates: dict[str, list[tuple[date, int]]] = defaultdict(list)
        rows = ExchangeRate.objects.filter(reporting_currency=self.reporting_currency)
        for currency, day, nano in rows.order_by("effective_from").values_list(
            "currency", "effective_from", "rate_nano"
        ):
            rates[currency].append((day, nano))
        return rates

    def price(self, minor: int, currency: str, day: date) -> int | None:
        """Minor units of the reporting currency by the rate in force on a day; None where there is none."""
        if currency == self.reporting_currency:
            return minor
        nano = _in_force(self._rates.get(currency, []), day)
        return None if nano is None else convert(minor, currency, self.reporting_currency, nano)

    def on(self, day: date) -> dict[str, int]:
        """The rate × 10⁹ of each other currency that has one on a day."""
        found = {code: _in_force(rates, day) for code, rates in self._rates.items()}
        return {code: nano for code, nano in found.items() if nano is not None}


def _in_force(rates: list[tuple[date, int]], day: date) -> int | None:
    at = bisect_right(rates, day, key=lambda rate: rate[0])
    return rates[at - 1][1] if at else None
