"""One line of a file from another system, asked for its values by field."""

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, tzinfo
from hashlib import sha256

from django.utils.translation import gettext as _

from exchange.importing.dialects.directory import Directory
from exchange.importing.dialects.sheets import Exact
from exchange.importing.dialects.values import When, read_amount, read_when, sign_fits, split_amount
from exchange.importing.problems import Complaints
from foundation.money import InvalidMoney, Money

LONGEST = {"people": 150, "lost_reasons": 120}
YES = frozenset({"1", "true", "yes", "y", "ja", "wahr", "sí", "si", "verdadero", "x", "oui", "vrai"})


@dataclass(frozen=True)
class Cells:
    """A row, asked for its values by field; what is wrong is noted with the column's own name."""

    line: int
    values: dict[str, str]
    columns: dict[str, str]
    world: Directory
    alike: Counter[str]
    dates: str
    complaints: Complaints = field(default_factory=Complaints)

    def complain(self, field: str, reason: str) -> None:
        """Notes what is wrong with a field."""
        self.complaints.add(self.line, self.columns.get(field, ""), reason)

    def text(self, field: str, most: int = 160, *, needed: bool = False) -> str:
        """The cell in one line; a needed one must not be empty."""
        value = " ".join(self.values.get(field, "").split())
        if needed and not value:
            self.complain(field, _("This cell is empty."))
        if len(value) > most:
            self.complain(field, _("This is longer than %(most)s characters.") % {"most": most})
            return ""
        return value

    def yes(self, field: str) -> bool:
        """Whether the cell says yes; an empty one says no."""
        return self.text(field).casefold() in YES

    def when(self, field: str) -> When | None:
        """The day and time of a cell, read in the order chosen for the file."""
        value = self.text(field)
        if not value:
            return None
        try:
            return read_when(value, self.dates)
        except ValueError:
            self.complain(field, _("“%(value)s” is not a date.") % {"value": value[:40]})
            return None

    def day(self, field: str, zone: tzinfo) -> date | None:
        """The date of a cell at the organisation."""
        found = self.when(field)
        return found.date_in(zone) if found else None

    def whole(self, field: str) -> int | None:
        """A number of minutes or seconds, without its fraction."""
        value = self.text(field)
        found = re.match(r"(\d{1,9})(?:[.,]\d+)?$", value)
        if value and found is None:
            self.complain(field, _("“%(value)s” is not a number.") % {"value": value[:40]})
        return int(found[1]) if found else None

    def amount(self, currency: str) -> Money | None:
        """The amount in the currency of the row; not below zero."""
        value = self.values.get("amount", "")
        if not value:
            return None
        try:
            money = Money.from_decimal(read_amount(value, self.world.choices.numbers), currency)
            sign = "" if isinstance(value, Exact) else split_amount(value).sign
        except ValueError:
            self.complain("amount", _("“%(value)s” is not an amount.") % {"value": value[:40]})
            return None
        except InvalidMoney as refusal:
            self.complain("amount", refusal.message)
            return None
        if not sign_fits(sign, currency):
            reason = _("“%(value)s” is not in %(currency)s. Say the currency of the file.")
            self.complain("amount", reason % {"value": value[:40], "currency": currency})
        if money.minor < 0:
            self.complain("amount", _("An amount cannot be below zero."))
        return money

    def names(self, kind: str, field: str, id_field: str = "") -> str:
        """The key of whom or what the row names, or "" for nobody."""
        identity = self.key(id_field) if id_field else ""
        name = self.text(field, LONGEST.get(kind, 160))
        found = self.world.find(kind, name, identity)
        if found.refused:
            self.complain(field if name or not id_field else id_field, found.refused)
        return found.key

    def key(self, field: str) -> str:
        """The id that a cell holds, in its one form."""
        return identity_of(self.text(field, 190), self.world.source)

    def identity(self, *parts: object) -> str:
        """The id of the row; in a file without ids a sign made of `parts`, counted where rows are alike."""
        if "id" in self.columns:
            return identity_of(self.text("id", 190, needed=True), self.world.source)
        sign = sha256("\n".join(str(part).casefold() for part in parts).encode()).hexdigest()[:40]
        self.alike[sign] += 1
        return f"row:{sign}:{self.alike[sign]}"


def identity_of(text: str, source: str) -> str:
    """An id; one that Salesforce wrote with 15 characters gets the three that tell their case."""
    if source != "salesforce" or not re.fullmatch(r"[A-Za-z0-9]{15}", text):
        return text
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
    return text + "".join(
        letters[sum(1 << place for place, sign in enumerate(text[start : start + 5]) if "A" <= sign <= "Z")]
        for start in (0, 5, 10)
    )
