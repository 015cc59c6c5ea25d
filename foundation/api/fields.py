"""Ids as opaque strings, money as decimal strings, instants with their offset."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Model, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from foundation.money import InvalidMoney, Money

ID = re.compile(r"[0-9]{1,18}", re.ASCII)
# Dates outside are typing errors, and arithmetic on them leaves the calendar.
FIRST_YEAR, LAST_YEAR = 1900, 2200


@extend_schema_field({"type": "string", "pattern": "^[0-9]{1,18}$"})
class IdRelated(serializers.PrimaryKeyRelatedField[Model]):
    """Another row by its id, written and read as a string.

    A row that the person of the request may not see is refused in the words for one that does not exist.
    `context["rows"]` (by field name, then by id) spares the queries of many bodies at once.
    """

    default_error_messages = {
        "does_not_exist": _("There is no such row, or it is not for you to see."),
        "incorrect_type": _("Write the id as a string."),
    }

    def get_queryset(self) -> QuerySet[Model]:
        """The rows that may be named."""
        rows: Any = super().get_queryset()
        mine: QuerySet[Model] = rows
        if hasattr(rows, "visible_to"):
            mine = rows.visible_to(self.context["request"].user)
        return mine

    def to_internal_value(self, data: object) -> Model:
        """The row with that id."""
        if not isinstance(data, str):
            self.fail("incorrect_type")
        if not ID.fullmatch(data):
            self.fail("does_not_exist")
        prefetched = self.context.get("rows", {}).get(self.source)
        if prefetched is not None:
            return self._known(prefetched, int(data))
        row: Model | None = self.get_queryset().filter(pk=int(data)).first()
        return row if row is not None else self.fail("does_not_exist")

    def _known(self, rows: dict[int, Model], pk: int) -> Model:
        return rows[pk] if pk in rows else self.fail("does_not_exist")

    def to_representation(self, value: Any) -> str:
        """The id as a string."""
        return str(value.pk)


MONEY = {
    "type": "object",
    "required": ["amount", "currency"],
    "additionalProperties": False,
    "properties": {
        "amount": {"type": "string", "pattern": r"^[0-9]{1,18}(\.[0-9]{1,4})?$", "example": "1234.50"},
        "currency": {"type": "string", "pattern": "^[A-Z]{3}$", "example": "EUR"},
    },
}


def money_json(money: Money) -> dict[str, str]:
    """`{"amount": "1234.50", "currency": "EUR"}`."""
    return {"amount": f"{money.decimal:f}", "currency": money.currency}


@extend_schema_field(MONEY)
class MoneyField(serializers.Field[Money, object, dict[str, str], object]):
    """An amount that is not negative, exact, with its currency."""

    default_error_messages = {"invalid": _("Write it like {example}.")}
    _amount = re.compile(r"[0-9]{1,18}(\.[0-9]{1,4})?", re.ASCII)

    def to_internal_value(self, data: Any) -> Money:
        """The amount in minor units; refuses numbers that are not strings, because floats are not money."""
        if not (isinstance(data, dict) and set(data) == {"amount", "currency"}):
            self._refuse()
        amount, currency = data["amount"], data["currency"]
        if not (isinstance(amount, str) and isinstance(currency, str) and self._amount.fullmatch(amount)):
            self._refuse()
        try:
            return Money.from_decimal(Decimal(amount), currency)
        except InvalidMoney as refusal:
            raise serializers.ValidationError(refusal.message) from refusal

    def _refuse(self) -> None:
        self.fail("invalid", example='{"amount": "1234.50", "currency": "EUR"}')

    def to_representation(self, value: Money) -> dict[str, str]:
        """The amount with all digits of its currency."""
        return money_json(value)


def within_calendar(value: date) -> None:
    """Raises ValidationError for a year that no deal has."""
    if not FIRST_YEAR <= value.year < LAST_YEAR:
        raise serializers.ValidationError(
            _("The year must lie between %(first)s and %(last)s.") % {"first": FIRST_YEAR, "last": LAST_YEAR}
        )


class DayField(serializers.DateField):
    """A date, `2026-09-15`."""

    default_validators = [within_calendar]


class InstantField(serializers.DateTimeField):
    """An instant with its offset, read and written in UTC: `2026-09-15T10:00:00Z`."""

    default_error_messages = {"naive": _("Add the offset from UTC: 2026-09-15T10:00:00Z.")}
    default_validators = [within_calendar]

    def __init__(self, **options: Any) -> None:
        super().__init__(default_timezone=UTC, **options)

    def enforce_timezone(self, value: datetime) -> datetime:
        """Refuses an instant without an offset, which nobody could place."""
        if timezone.is_naive(value):
            self.fail("naive")
        return super().enforce_timezone(value)


def ratio_json(value: Fraction | None) -> float | None:
    """A ratio rounded once, to four decimals, half to even."""
    return None if value is None else float(round(value, 4))
