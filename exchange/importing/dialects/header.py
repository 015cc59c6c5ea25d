"""The line that names the columns, what each column tells, and the lines that are no rows."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice

from django.utils.translation import gettext as _

from exchange.importing.dialects.columns import COMMON, FIELDS
from exchange.importing.dialects.sheets import Line, read_lines, refuse
from exchange.importing.dialects.systems import DIALECTS

# The header stands within the first lines; above it are a report's name, its filters and dates.
SEARCHED = 40
TAIL = re.compile(
    r"(grand\s+)?(sub)?totals?\b.*|gesamt(summe)?\b.*|confidential information\b.*|copyright\b.*|©.*"
    r"|\d+ records?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Sheet:
    """A table found in a file: its columns by name, the line of its header, and its rows below."""

    columns: list[str]
    header_line: int
    rows: Iterator[Line]


def plain(name: str) -> str:
    """A column's name without what dialects differ in: case, accents, spaces, signs."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in letters if letter.isalnum())


def names_of(preset: str, kind: str) -> dict[str, list[str]]:
    """The plain names of each field, those of the preset first, then those of everybody."""
    sources = [DIALECTS[preset].columns.get(kind, {}), COMMON.get(kind, {})]
    sources += [dialect.columns.get(kind, {}) for key, dialect in DIALECTS.items() if key != preset]
    return {
        field: list(dict.fromkeys(plain(name) for source in sources for name in source.get(field, ())))
        for field in FIELDS[kind]
    }


def match_columns(columns: Sequence[str], preset: str, kind: str) -> dict[str, str]:
    """Which field each column tells, by its name; columns of which nothing is known are not in it.

    A field takes the column that comes first among its names. A doubled name is nobody's.
    """
    by_name = {plain(column): column for column in reversed(columns) if plain(column)}
    found: dict[str, str] = {}
    for field, names in names_of(preset, kind).items():
        column = next(
            (by_name[name] for name in names if name in by_name and by_name[name] not in found), None
        )
        if column is not None:
            found[column] = field
    amount = next((column for column, field in found.items() if field == "amount"), "")
    beside = by_name.get(plain(f"{amount} Currency")) if amount else None
    if beside and beside not in found and "currency" not in found.values():
        found[beside] = "currency"
    return {column: found[column] for column in columns if column in found}


def find_table(content: bytes, preset: str, kind: str, sheet: str = "", known: Sequence[str] = ()) -> Sheet:
    """The table of a file: its header is the line that names most columns known for this kind.

    `known` are columns that a person has matched before. Raises FileRefused for a file without a header.
    """
    lines = read_lines(content, sheet)
    first = list(islice(lines, SEARCHED))
    if not first:
        raise refuse(_("This file holds nothing."))
    names = {name for names in names_of(preset, kind).values() for name in names} | {
        plain(one) for one in known
    }

    def worth(line: Line) -> tuple[int, int]:
        return len({plain(cell) for cell in line.cells} & names), -line.number

    header = max(first, key=worth)
    if not worth(header)[0]:
        header = max(first, key=lambda line: (len(line.cells), -line.number))
    columns = _told_apart([cell.strip("\ufeff* ") for cell in header.cells])

    def rows() -> Iterator[Line]:
        yield from (line for line in first if line.number > header.number)
        yield from lines

    return Sheet(columns, header.number, rows())


def _told_apart(names: Sequence[str]) -> list[str]:
    """The names of columns; nameless ones by their place and doubled ones numbered, each its own."""
    told: list[str] = []
    for place, name in enumerate(names, 1):
        name = " ".join(name.split())[:120] or _("Column %(place)s") % {"place": place}
        count = 2
        unique = name
        while unique in told:
            unique, count = f"{name} ({count})", count + 1
        told.append(unique)
    return told


def is_tail(cells: Sequence[str], width: int) -> bool:
    """Whether a line is a total, a copyright or another line that reports end with, and no row."""
    filled = [cell for cell in cells if cell]
    return len(filled) * 2 <= max(width, 2) and bool(TAIL.fullmatch(" ".join(filled[0].split())))


def fingerprint(columns: Sequence[str]) -> str:
    """What tells this header from others, so that a mapping is found again."""
    return sha256("\n".join(sorted(plain(column) for column in columns)).encode()).hexdigest()


def missing_fields(kind: str, columns: Mapping[str, str]) -> list[str]:
    """The fields that a file of this kind must have and that no column tells."""
    told = set(columns.values())
    missing = [key for key, field in FIELDS[kind].items() if field.needed and key not in told]
    if kind == "people" and not told & {"name", "first_name", "last_name", "email"}:
        missing.append("name")
    return missing
