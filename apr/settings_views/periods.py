"""Closing months and quarters, and opening them again."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.guards import PersonRequest, for_administrators, form_page, posted, try_act
from accounts.models import Organisation
from apr.models import Closing, ClosingStatus
from apr.periods import Period, PeriodKind, period_containing
from apr.periods_shown import label_of
from apr.services import closing as services
from apr.settings_forms import ReopenForm

# How many periods that are over the page offers, besides those that were closed.
OFFERED = {PeriodKind.QUARTER: 4, PeriodKind.MONTH: 12}


@dataclass(frozen=True)
class PeriodLine:
    """A period that is over, with the closing that stands, and those that were opened again."""

    period: Period
    label: str
    standing: Closing | None
    reopened: list[Closing]

    @property
    def known_url(self) -> str:
        """What was corrected since."""
        return f"{reverse('apr:organisation_known')}?period={self.period.key}"


@for_administrators
def periods(request: PersonRequest) -> HttpResponse:
    """The last quarters and months, which of them are closed, and what was opened again."""
    closings: dict[Period, list[Closing]] = defaultdict(list)
    for closing in Closing.objects.select_related("closed_by", "reopened_by"):
        closings[closing.period].append(closing)
    groups = [
        (_("Quarters"), _lines(PeriodKind.QUARTER, closings)),
        (_("Months"), _lines(PeriodKind.MONTH, closings)),
    ]
    lines = [line for _label, each in groups for line in each]
    waiting = [line for line in lines if line.standing and line.standing.status == ClosingStatus.WAITING]
    done = [line for line in lines if line.standing and line.standing.status == ClosingStatus.DONE]
    context = {"groups": groups, "is_moving": bool(waiting), "closed_count": len(done)}
    is_part = request.headers.get("HX-Target") == "periods"
    return render(request, "settings/_periods.html" if is_part else "settings/periods.html", context)


def _lines(kind: PeriodKind, closings: dict[Period, list[Closing]]) -> list[PeriodLine]:
    organisation = Organisation.current()
    running = period_containing(organisation.today(), kind, organisation.fiscal_first_month)
    offered = [running.previous()]
    while len(offered) < OFFERED[kind]:
        offered.append(offered[-1].previous())
    every = {*offered, *(period for period in closings if period.kind == kind)}
    return [
        PeriodLine(
            period,
            label_of(period),
            next((one for one in closings[period] if one.reopened_at is None), None),
            [one for one in closings[period] if one.reopened_at is not None],
        )
        for period in sorted(every, key=lambda one: one.start, reverse=True)
    ]


@require_POST
@for_administrators
def period_close(request: PersonRequest) -> HttpResponse:
    """Asks for the period in `period` to be closed; the worker does it."""
    try_act(
        request,
        lambda: services.ask_to_close(key=request.POST.get("period", ""), by=request.user),
        _("It is being closed. You can leave this page."),
    )
    return redirect("settings:periods")


@for_administrators
def period_reopen(request: PersonRequest, pk: int) -> HttpResponse:
    """Opens a period again, for a reason."""
    closing = get_object_or_404(Closing.objects.standing(), pk=pk)
    form = ReopenForm(posted(request))

    def save(data: dict[str, Any]) -> str:
        services.reopen(closing_id=pk, reason=data["reason"], by=request.user)
        return _("%(period)s is open again.") % {"period": label_of(closing.period)}

    return form_page(
        request,
        form,
        save,
        title=_("Open %(period)s again") % {"period": label_of(closing.period)},
        lead=_("What was known stays on record. Close it again when it is right."),
        back=reverse("settings:periods"),
        act=_("Open again"),
    )
