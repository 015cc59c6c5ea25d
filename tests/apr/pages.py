"""Reading pages in tests: their words as somebody reads them, their tables as rows of cells."""

import re
from html import unescape

from django.http import HttpResponse


def words(response: HttpResponse) -> str:
    """The text of the page's own part, without markup."""
    return _text(_main(response))


def cells(response: HttpResponse, table: int = 0) -> list[list[str]]:
    """The body rows of a table of the page, each as the texts of its cells."""
    bodies = re.findall(r"<tbody>(.*?)</tbody>", _main(response), re.DOTALL)
    rows = re.findall(r"<tr.*?</tr>", bodies[table], re.DOTALL)
    return [[_text(cell) for cell in re.findall(r"<t[hd][ >].*?</t[hd]>", row, re.DOTALL)] for row in rows]


def _main(response: HttpResponse) -> str:
    assert response.status_code == 200, response.status_code
    return response.content.decode().split("<main", 1)[1].split("</main>", 1)[0]


def _text(markup: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", markup)).split())
