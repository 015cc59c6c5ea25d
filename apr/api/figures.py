"""Expected amounts and verdicts in the API."""

from fractions import Fraction
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apr.closing.figures import KnownMoney
from apr.scorecards import MoneyMeasure
from apr.scoring import Status
from foundation.api.fields import MONEY, money_json
from foundation.money import Money

VERDICTS = [(one.value, one.value) for one in Status]


@extend_schema_field({**MONEY, "type": ["object", "null"]})
class ExpectedMoneyField(serializers.Field[Any, Any, Any, Any]):
    """An expected amount in the currency of the measure, rounded once to its minor unit."""

    def __init__(self, figure: str) -> None:
        super().__init__(source="*", read_only=True)
        self.figure = figure

    def to_representation(self, value: MoneyMeasure | KnownMoney) -> dict[str, str] | None:
        """Money, or None where nothing is expected."""
        wanted: Fraction | None = getattr(value, self.figure)
        return None if wanted is None else money_json(Money(round(wanted), value.amount.currency))
