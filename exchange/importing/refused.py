"""Refused rows on their way back: the file's own columns, and the reasons beside each row."""

import csv
from collections.abc import Iterable, Iterator, Sequence

from exchange.exporting import Echo
from exchange.models import ImportRun, Outcome
from foundation.spreadsheets import cell

REASON = "Why it was refused"


def refused_file(columns: Sequence[str], rows: Iterable[tuple[str, Sequence[str]]]) -> Iterator[str]:
    """Lines of CSV that a spreadsheet opens without running anything: the reasons, then the cells."""
    writer = csv.writer(Echo())
    yield "\ufeff" + writer.writerow([cell(value) for value in (REASON, *columns)])
    for reasons, cells in rows:
        yield writer.writerow([cell(str(value)) for value in (reasons, *cells)])


def refused_lines(run: ImportRun) -> Iterator[str]:
    """The refused lines of a run, page by page."""
    columns = [column["name"] for column in run.survey.get("columns", [])]
    return refused_file(columns, _pages(run))


def _pages(run: ImportRun) -> Iterator[tuple[str, Sequence[str]]]:
    refused, last = run.lines.filter(outcome=Outcome.REFUSED).order_by("line"), 0
    while page := list(refused.filter(line__gt=last)[:1_000]):
        for line in page:
            reasons = (f"{one['column']}: {one['reason']}".removeprefix(": ") for one in line.problems)
            yield "; ".join(reasons), line.cells
        last = page[-1].line
