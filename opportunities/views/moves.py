"""Moving a deal to another stage: one form for the page, the dialog, the board's drag and its keyboard."""

from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django_htmx.http import trigger_client_event

from accounts.guards import PersonRequest, for_people, say_refusal
from foundation.dialogs import in_dialog
from foundation.errors import Conflict, Refusal
from opportunities.forms import MoveForm
from opportunities.models import Opportunity, Stage, StageChange
from opportunities.permissions import may_move
from opportunities.services.stages import changed_meanwhile, move_stage

LAYOUTS = {True: "settings/dialog.html", False: "opportunities/form_page.html"}


@for_people
def move(request: PersonRequest, pk: int) -> HttpResponse:
    """Asks where the deal goes, or with `?to=` only what that stage needs; `?version=` is what was read."""
    deal = deal_of(request, pk)
    if not may_move(request.user, deal):
        raise PermissionDenied
    to = wanted_stage(request, deal)
    initial = {"version": request.GET.get("version") or deal.version}
    form = MoveForm(request.POST or None, deal=deal, to=to, initial=initial)
    if form.is_bound and (wanted := form.overtaken()):
        return conflicting(request, deal, wanted, form)
    if form.is_bound and form.is_valid():
        try:
            step = move_stage(opportunity_id=deal.pk, by=request.user, **form.move())
        except Conflict:
            return conflicting(request, deal, form.cleaned_data["stage"], form)
        except Refusal as refusal:
            say_refusal(form, refusal)
        else:
            return moved(request, deal, step)
    return render(
        request,
        "opportunities/move.html",
        move_context(request, deal, form),
        status=422 if form.is_bound else 200,
    )


def deal_of(request: PersonRequest, pk: int) -> Opportunity:
    """The deal, if the reader sees it; else 404."""
    visible = Opportunity.objects.visible_to(request.user)
    deal: Opportunity = get_object_or_404(
        visible.select_related("stage", "funnel", "customer", "owner", "partner_manager"), pk=pk
    )
    return deal


def wanted_stage(request: PersonRequest, deal: Opportunity) -> Stage | None:
    """The stage that `?to=` names, where the deal can go there."""
    wanted = request.GET.get("to", "")
    if not wanted.isdecimal() or wanted == str(deal.stage_id):
        return None
    return deal.funnel.stages.filter(is_active=True, pk=int(wanted)).first()


def move_context(request: PersonRequest, deal: Opportunity, form: MoveForm) -> dict[str, Any]:
    """What the form's template needs."""
    title = _("Move %(deal)s") % {"deal": deal}
    if form.to is not None:
        title = _("Move %(deal)s to %(stage)s") % {"deal": deal, "stage": form.to}
    return {
        "deal": deal,
        "form": form,
        "title": title,
        "lead": _("It now stands in %(stage)s.") % {"stage": deal.stage},
        "back": deal.get_absolute_url(),
        "action": request.get_full_path(),
        "layout": LAYOUTS[in_dialog(request)],
    }


def moved(request: PersonRequest, deal: Opportunity, step: StageChange) -> HttpResponse:
    """Back to the deal with a word; on the board the word alone, with an undo, and the board follows."""
    said = _("%(deal)s moved to %(stage)s.") % {"deal": deal, "stage": step.to_stage}
    if not is_on_board(request):
        messages.success(request, said)
        return redirect(deal)
    version = Opportunity.objects.values_list("version", flat=True).get(pk=deal.pk)
    undo = {"stage": step.from_stage_id, "version": version, "lost_reason": deal.lost_reason_id or ""}
    response = HttpResponse(status=204)
    trigger_client_event(response, "dialog:close")
    trigger_client_event(response, "deals:changed", {"deal": deal.pk})
    act = {"text": _("Undo"), "url": reverse("opportunities:move", args=[deal.pk]), "values": undo}
    return trigger_client_event(response, "toast", {"text": said, "act": act})


def is_on_board(request: PersonRequest) -> bool:
    """Whether the board sent this, in or beside its dialog."""
    page = urlsplit(request.headers.get("HX-Current-URL", "")).path
    return in_dialog(request) and page == reverse("opportunities:board")


def conflicting(request: PersonRequest, deal: Opportunity, wanted: Stage, form: MoveForm) -> HttpResponse:
    """Both sides: where the deal stands now and by whom, and where the reader wanted it; nothing was done."""
    now = deal_of(request, deal.pk)
    conflict = changed_meanwhile(now, deal.version)
    steps = now.stage_changes.select_related("changed_by")
    context = {
        "deal": now,
        "wanted": wanted,
        "last": steps.order_by("-effective_at", "-id").first(),
        "again": f"{reverse('opportunities:move', args=[deal.pk])}?to={wanted.pk}",
        "is_there": now.stage_id == wanted.pk,
        "note": form["note"].value() or "",
        "title": conflict.message,
        "lead": "",
        "back": deal.get_absolute_url(),
        "layout": LAYOUTS[in_dialog(request)],
    }
    # In a dialog a refusal is 422, whatever its kind: see docs/interface-parts.md.
    status = 422 if in_dialog(request) else conflict.status
    response = render(request, "opportunities/move_conflict.html", context, status=status)
    return trigger_client_event(response, "deals:changed", {"deal": deal.pk})
