"""Lists on their way out: what a list shows under its filters, as CSV or XLSX."""

from collections.abc import Callable
from itertools import chain
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import FileResponse, Http404, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.guards import PersonRequest, after_confirming, for_people
from apr.filters import ActionFilter, chosen_person
from apr.models import Action
from exchange.exporting import EXPORTS, csv_lines, workbook
from exchange.permissions import may_export
from opportunities.filters import ListFilters
from opportunities.measures import Measures
from opportunities.models import Opportunity, Stage
from partners.filters import PartnerFilters
from partners.models import Partner

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _opportunities(request: PersonRequest) -> QuerySet[Any]:
    visible = Opportunity.objects.visible_to(request.user)
    filters = ListFilters(request.GET, deals=visible, measures=Measures.now(), stages=Stage.objects.all())
    return filters.qs


def _actions(request: PersonRequest) -> QuerySet[Any]:
    person = chosen_person(request.user, request.GET.get("person"))
    rows = Action.objects.visible_to(request.user).filter(actor=person)
    found = ActionFilter(request.GET, queryset=rows)
    return found.qs if found.is_valid() else rows.none()


def _partners(request: PersonRequest) -> QuerySet[Any]:
    return PartnerFilters(request.GET, partners=Partner.objects.visible_to(request.user)).qs


LISTS: dict[str, Callable[[PersonRequest], QuerySet[Any]]] = {
    "opportunities": _opportunities,
    "actions": _actions,
    "partners": _partners,
}


@require_POST
@for_people
@after_confirming
def export_list(request: PersonRequest, kind: str) -> HttpResponseBase:
    """The whole list that the address filters, as the list itself does; `format` is csv or xlsx.

    It is a POST because every export is put on record.
    """
    if kind not in LISTS:
        raise Http404
    if not may_export(request.user):
        raise PermissionDenied(_("Only leaders and administrators take lists out."))
    rows = EXPORTS[kind].rows().filter(pk__in=LISTS[kind](request).order_by().values("pk"))
    if request.POST.get("format") == "xlsx":
        return FileResponse(
            workbook(kind, rows, request.user), as_attachment=True, filename=f"{kind}.xlsx", content_type=XLSX
        )
    lines = csv_lines(kind, rows, request.user)
    header = next(lines)  # puts the export on record, while the request is still at work
    response = StreamingHttpResponse(chain([header], lines), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{kind}.csv"'
    return response
