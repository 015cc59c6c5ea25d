"""One row, asked for its values by name; what is wrong with a cell is noted with its place."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from django.utils.translation import gettext as _

from exchange.importing.problems import Complaints
from foundation.money import InvalidMoney, Money

Known = TypeVar("Known")


@dataclass(frozen=True)
class Row:
    """A line of the file. Every question answers None (or "") where the cell is empty or wrong."""

    line: int
    cells: Mapping[str, str]
    complaints: Complaints

    def complain(self, column: str, reason: str) -> None:
        """Notes that this cell is wrong."""
        self.complaints.add(self.line, column, reason)

    def text(self, column: str, *, needed: bool = False, most: int = 160) -> str:
        """The cell as it stands; a needed one must not be empty."""
        value = self.cells.get(column, "")
        if needed and not value:
            self.complain(column, _("This cell is empty."))
        if len(value) > most:
            self.complain(column, _("This is longer than %(most)s characters.") % {"most": most})
            return ""
        return value

    def day(self, column: str) -> date | None:
        """A date written 2026-09-15."""
        value = self.text(column)
        if not value:
            return None
        try:
            return date.fromisoformat(value)
        except ValueError:
            reason = _("“%(value)s” is not a date. Write it as 2026-09-15.")
            self.complain(column, reason % {"value": value[:40]})
            return None

    def moment(self, column: str, zone: tzinfo) -> datetime | None:
        """A time written 2026-09-15T14:30, in `zone` where it has no offset; a date alone is its noon."""
        value = self.text(column, needed=True)
        if not value:
            return None
        try:
            alone = date.fromisoformat(value) if len(value) <= 10 else None
            found = datetime.combine(alone, time(12)) if alone else datetime.fromisoformat(value)
        except ValueError:
            reason = _("“%(value)s” is not a time. Write it as 2026-09-15 or 2026-09-15T14:30.")
            self.complain(column, reason % {"value": value[:40]})
            return None
        return found if found.tzinfo else found.replace(tzinfo=zone)

    def number(self, column: str, most: int) -> int | None:
        """A whole number from 0 to `most`."""
        value = self.text(column)
        if not value:
            return None
        if not (value.isascii() and value.isdigit() and int(value[:20]) <= most):
            reason = _("“%(value)s” is not a whole number up to %(most)s.")
            self.complain(column, reason % {"value": value[:40], "most": most})
            return None
        return int(value)

    def money(self, column: str, currency: str) -> Money | None:
        """An amount with a point for decimals, such as 1234.50; not below zero."""
        value = self.text(column)
        if not value:
            return None
        try:
            amount = Money.from_decimal(Decimal(value), currency)
        except InvalidOperation:
            self.complain(column, _("“%(value)s” is not an amount.") % {"value": value[:40]})
            return None
        except InvalidMoney as refusal:
            self.complain(column, refusal.message)
            return None
        if amount.minor < 0:
            self.complain(column, _("An amount cannot be below zero."))
            return None
        return amount

    def known(
        self, column: str, choices: Mapping[str, Known | None], *, needed: bool = False
    ) -> Known | None:
        """What the cell names, by name without regard to case; a name of several things stands for None."""
        value = self.text(column, needed=needed)
        if not value:
            return None
        found = choices.get(value.casefold())
        if found is None:
            several = value.casefold() in choices
            reason = (
                _("More than one here is called “%(value)s”.")
                if several
                else _("“%(value)s” is not known here.")
            )
            self.complain(column, reason % {"value": value[:60]})
        return found
