"""From bytes to rows of named cells. Nothing is guessed: what cannot be read is said."""

import codecs
import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from exchange.importing.problems import Complaints, FileRefused, Problem

DELIMITERS = ",;\t|"
# Longer cells are no names, dates or amounts; a missing quotation mark makes such cells.
LONGEST_CELL = 10_000


@dataclass(frozen=True)
class Table:
    """The header's names and the rows below it, each with its line in the file."""

    columns: list[str]
    rows: list[tuple[int, dict[str, str]]]


def read_table(content: bytes, required: Sequence[str]) -> Table:
    """Reads a CSV file in UTF-8 or (with its mark) UTF-16.

    Empty lines are passed over, cells lose the space around them. Raises FileRefused for another encoding,
    a column that is missing or doubled, rows of another length than the header, and cells beyond measure.
    """
    text = _decoded(content)
    # Only line ends end a line: cells may hold other signs that Python's splitlines breaks at.
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    complaints = Complaints()
    try:
        columns = [name.strip() for name in next(lines, [])]
        _check_header(columns, required)
        rows = []
        for cells in lines:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(columns):
                reason = _("This line has %(found)s cells, the header has %(wanted)s.")
                complaints.add(lines.line_num, "", reason % {"found": len(cells), "wanted": len(columns)})
                continue
            if any(len(cell) > LONGEST_CELL for cell in cells):
                complaints.add(lines.line_num, "", _("A cell is too long; is a quotation mark missing?"))
                continue
            row = {name: cell.strip() for name, cell in zip(columns, cells, strict=True)}
            rows.append((lines.line_num, row))
    except csv.Error as error:
        raise FileRefused([Problem(lines.line_num, "", str(error))]) from error
    complaints.refuse()
    if not rows:
        raise FileRefused([Problem(1, "", _("The file has no rows below its header."))])
    return Table(columns, rows)


def _decoded(content: bytes) -> str:
    encoding = "utf-16" if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        reason = _("This is not readable as %(encoding)s. Save the file as “CSV UTF-8” and try again.")
        raise FileRefused(
            [Problem(line, "", reason % {"encoding": encoding[:6].rstrip("-").upper()})]
        ) from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise FileRefused([Problem(line, "", _("This is not a text file: it holds zero bytes."))])
    return text


def _delimiter(text: str) -> str:
    """The sign that the header line has most of."""
    header = text.split("\n", 1)[0]
    return max(DELIMITERS, key=header.count)


def _check_header(columns: list[str], required: Sequence[str]) -> None:
    complaints = Complaints()
    for name in required:
        if name not in columns:
            complaints.add(1, name, _("There is no such column. The file has: %(found)s.") % {
                "found": ", ".join(column for column in columns if column) or _("nothing")
            })  # fmt: skip
        elif columns.count(name) > 1:
            complaints.add(1, name, _("This column stands there more than once."))
    complaints.refuse()
