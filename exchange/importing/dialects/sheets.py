"""From bytes to lines of cells, whatever the file is: text of any usual encoding, or a workbook."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from itertools import islice
from typing import Any
from zipfile import BadZipFile, ZipFile

from django.utils.translation import gettext as _

from exchange.importing.problems import FileRefused, Problem

DELIMITERS = ",;\t|"
MOST_COLUMNS = 1_000
MOST_ROWS = 1_048_576  # as in any spreadsheet; a hostile one may claim more
# What a spreadsheet's cell can hold; a missing quotation mark makes longer ones.
LONGEST_CELL = 32_767
# A workbook unpacks to so much at most, and its shared text, which is held in memory, to less.
MOST_UNPACKED = 1024 * 1024 * 1024
MOST_SHARED = 128 * 1024 * 1024
SAMPLE = 64 * 1024
CHUNK = 1024 * 1024
SHARED_TEXT = "xl/sharedStrings.xml"


class Exact(str):
    """A number as a workbook holds it: its decimals follow a point, whatever the language of the file."""

    __slots__ = ()


@dataclass(frozen=True)
class Line:
    """A line that holds something: where it stands in the file, and its cells without outer space."""

    number: int
    cells: list[str]


def refuse(reason: str, line: int = 1) -> FileRefused:
    """The refusal of a whole file for one reason."""
    return FileRefused([Problem(line, "", reason)])


def is_workbook(content: bytes) -> bool:
    """Whether this is a ZIP archive, as XLSX files are."""
    return content.startswith(b"PK\x03\x04")


def read_lines(content: bytes, sheet: str = "") -> Iterator[Line]:
    """The lines of a text file, or of a workbook's `sheet` (the first where none is named).

    Raises FileRefused for what is neither, and for what would do harm.
    """
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise refuse(_("This is an Excel file of before 2007. Save it as XLSX or as CSV."))
    rows = _workbook_rows(content, sheet) if is_workbook(content) else _text_rows(content)
    for number, cells in rows:
        stripped = [cell if isinstance(cell, Exact) else cell.strip() for cell in cells]
        while stripped and not stripped[-1]:
            stripped.pop()
        if len(stripped) > MOST_COLUMNS:
            raise refuse(_("This line has more than %(most)s cells.") % {"most": MOST_COLUMNS}, number)
        if stripped:
            yield Line(number, stripped)


# --- text -----------------------------------------------------------------------------------------


def encoding_of(content: bytes) -> str:
    """The encoding: by its mark, else UTF-16 by its zero bytes, UTF-8, or Windows-1252 in this order."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates = ["utf-16"]
    elif content[:SAMPLE].count(0) * 4 > len(content[:SAMPLE]):
        even, odd = content[:SAMPLE:2].count(0), content[1:SAMPLE:2].count(0)
        candidates = ["utf-16-be" if even > odd else "utf-16-le"]
    else:
        candidates = ["utf-8-sig", "cp1252"]
    for encoding in candidates:
        if _decodes(content, encoding):
            return encoding
    raise refuse(_("This is not readable as text. Save the file as “CSV UTF-8” or as XLSX and try again."))


def _decodes(content: bytes, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for start in range(0, len(content), CHUNK):
            if "\0" in decoder.decode(content[start : start + CHUNK]):
                raise refuse(_("This is not a text file: it holds zero bytes."))
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _text_rows(content: bytes) -> Iterator[tuple[int, list[str]]]:
    # Only line ends end a line: cells may hold other signs that Python's splitlines breaks at.
    text = io.TextIOWrapper(io.BytesIO(content), encoding=encoding_of(content), newline="")
    sample = text.read(SAMPLE)
    text.seek(0)
    told = re.match(r"sep=(.)\r?\n", sample)
    if told:
        text.readline()
    rows = csv.reader(text, delimiter=told[1] if told else _delimiter(sample), strict=True)
    try:
        for cells in rows:
            yield rows.line_num + bool(told), cells
    except csv.Error as error:
        line = rows.line_num + bool(told)
        reason = _("A quotation mark is missing or too many here, so that the cells cannot be told apart.")
        raise refuse(reason, line) from error


def _delimiter(sample: str) -> str:
    """The sign that cuts the first lines into most cells of the same number."""

    def cells_alike(sign: str) -> int:
        try:
            widths = Counter(
                len(row) for row in islice(csv.reader(io.StringIO(sample, newline=""), delimiter=sign), 50)
            )
        except csv.Error:
            return 0
        return max((count * (width - 1) for width, count in widths.items()), default=0)

    return max(DELIMITERS, key=cells_alike)


# --- workbooks ------------------------------------------------------------------------------------


def sheet_names(content: bytes) -> list[str]:
    """The names of a workbook's sheets; none for text."""
    if not is_workbook(content):
        return []
    book = _open(content)
    try:
        return [sheet.title for sheet in book.worksheets]
    finally:
        book.close()


def _open(content: bytes) -> Any:
    from openpyxl import (
        load_workbook,  # here, because it takes a quarter of a second that no start should wait
    )

    _check_archive(content)
    try:
        return load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    except Exception as error:
        # What a broken archive raises is not told by the library: any of a dozen kinds.
        raise refuse(_("This workbook cannot be read. Save it anew as XLSX or as CSV.")) from error


def _check_archive(content: bytes) -> None:
    """Refuses archives that unpack beyond measure, and those whose XML declares entities."""
    try:
        with ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            unpacked = sum(part.file_size for part in parts)
            shared = sum(part.file_size for part in parts if part.filename == SHARED_TEXT)
            if unpacked > MOST_UNPACKED or shared > MOST_SHARED:
                raise refuse(_("This workbook unpacks to more than is read here. Save it as CSV."))
            for part in parts:
                with archive.open(part) as opened:
                    is_xml = part.filename.endswith((".xml", ".rels"))
                    if is_xml and b"<!DOCTYPE" in opened.read(8192).replace(b"\0", b""):
                        raise refuse(_("This workbook holds declarations that are not read here."))
    except (BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        raise refuse(_("This workbook cannot be read. Save it anew as XLSX or as CSV.")) from error


def _workbook_rows(content: bytes, sheet: str) -> Iterator[tuple[int, list[str]]]:
    book = _open(content)
    try:
        names = [one.title for one in book.worksheets]
        if not names or (sheet and sheet not in names):
            raise refuse(
                _("There is no such sheet. The workbook has: %(names)s.") % {"names": ", ".join(names)}
            )
        chosen = book[sheet or names[0]]
        chosen.reset_dimensions()  # what it says of its own size may be wrong
        for number, cells in enumerate(chosen.iter_rows(values_only=True), 1):
            if number > MOST_ROWS:
                raise refuse(_("This sheet has more than %(most)s lines.") % {"most": MOST_ROWS}, number)
            if len(cells) > 2 * MOST_COLUMNS:
                raise refuse(_("This line has more than %(most)s cells.") % {"most": MOST_COLUMNS}, number)
            yield number, [_written(value) for value in cells]
    except FileRefused:
        raise
    except Exception as error:
        raise refuse(_("This workbook cannot be read. Save it anew as XLSX or as CSV.")) from error
    finally:
        book.close()


def _written(value: object) -> str:
    """A cell's value as text: dates in ISO 8601, numbers exact, formulas by what they came to."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int):
        return Exact(value)
    if isinstance(value, float):
        # Binary noise beyond the ninth decimal is no figure of anybody's.
        number = round(Decimal(repr(value)), 9).normalize()
        return Exact(format(number, "f"))
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value)
