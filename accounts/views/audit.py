"""The audit log: who did what, when, from where; and as a file."""

import csv
from collections.abc import Iterator
from itertools import groupby

from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.audit_list import COLUMNS, PAGE_SIZE, AuditFilter, export_rows, lines
from accounts.guards import PersonRequest, after_confirming, for_administrators
from audit.models import Head, Kind
from audit.recording import record
from foundation.spreadsheets import cell


@require_GET
@for_administrators
def audit_page(request: PersonRequest) -> HttpResponse:
    """The entries, newest first, by person, kind, object and day; `?before=` goes on behind an entry."""
    form = AuditFilter(request.GET)
    rows = form.found()
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows[: PAGE_SIZE + 1])
    shown = lines(found[:PAGE_SIZE])
    days = groupby(shown, key=lambda line: timezone.localtime(line.entry.at).date())
    context = {
        "form": form,
        "days": [(day, list(of_day)) for day, of_day in days],
        "head": Head.objects.filter(pk=1).first(),
        "first_url": _with(request, None) if before else "",
        "older_url": _with(request, shown[-1].entry.pk) if len(found) > PAGE_SIZE else "",
    }
    return render(request, "settings/audit.html", context)


def _with(request: HttpRequest, before: int | None) -> str:
    """The same search, from an entry on."""
    query: QueryDict = request.GET.copy()
    query.pop("before", None)
    if before is not None:
        query["before"] = str(before)
    return f"{request.path}?{query.urlencode()}"


class _Echo:
    """Gives each line back instead of keeping it."""

    def write(self, text: str) -> str:
        return text


@require_POST
@for_administrators
@after_confirming
def audit_export(request: PersonRequest) -> HttpResponseBase:
    """What the search finds as CSV, formulas made harmless. The export itself is on record first."""
    form = AuditFilter(request.POST)
    rows = form.found()
    asked = {name: str(value) for name, value in form.cleaned_data.items() if value}
    record(Kind.EXPORT, "exported", label="audit", after={"rows": rows.count(), **asked})
    writer = csv.writer(_Echo())

    def text() -> Iterator[str]:
        yield writer.writerow(COLUMNS)
        for row in export_rows(rows):
            yield writer.writerow([cell(value) for value in row])

    response = StreamingHttpResponse(text(), content_type="text/csv; charset=utf-8")
    day = timezone.localdate().isoformat()
    response["Content-Disposition"] = f'attachment; filename="audit-{day}.csv"'
    return response
