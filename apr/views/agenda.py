"""What is done on the page of the day in one press: log, keep a promise, clear an obstacle, answer."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.guards import PersonRequest, for_people, form_page, try_act
from accounts.models import User
from apr.logged import say_logged
from apr.models import ActionType
from apr.services.actions import log_action
from apr.services.obstacles import clear_obstacles
from foundation.errors import Refusal
from foundation.fields import DayField
from opportunities.models import Commitment, CommitmentOutcome, Customer, Obstacle, Opportunity
from opportunities.permissions import may_clear, may_settle
from opportunities.services.work import move_promise, settle_promise
from partners.models import Partner


class AtOnceForm(forms.Form):
    """What one button says about an action that has just been done."""

    action_type = forms.ModelChoiceField(ActionType.objects.none())
    opportunity = forms.ModelChoiceField(Opportunity.objects.none(), required=False)
    partner = forms.ModelChoiceField(Partner.objects.none(), required=False)
    customer = forms.ModelChoiceField(Customer.objects.none(), required=False)
    counterpart = forms.ModelChoiceField(User.objects.none(), required=False)
    request_key = forms.CharField(max_length=64)

    def __init__(self, data: Mapping[str, Any], user: User) -> None:
        super().__init__(data)
        seen = {
            "action_type": ActionType.objects.all(),
            "opportunity": Opportunity.objects.visible_to(user),
            "partner": Partner.objects.visible_to(user),
            "customer": Customer.objects.visible_to(user),
            "counterpart": User.objects.visible_to(user),
        }
        for name, rows in seen.items():
            self.fields[name].queryset = rows  # type: ignore[attr-defined]


@require_POST
@for_people
def log_at_once(request: PersonRequest) -> HttpResponse:
    """Logs what a button says as done now."""
    form = AtOnceForm(request.POST, request.user)
    if not form.is_valid():
        messages.error(request, _("That could not be logged. Open the log and choose what it was about."))
        return redirect("apr:home")
    data = form.cleaned_data
    try:
        action = log_action(
            by=request.user,
            actor=request.user,
            occurred_at=timezone.now(),
            deal=data["opportunity"],
            **{
                key: data[key] for key in ("action_type", "partner", "customer", "counterpart", "request_key")
            },
        )
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        say_logged(request, action)
    return redirect("apr:home")


def _promise(request: PersonRequest, pk: int) -> Commitment:
    """The promise, for who may say what became of it."""
    promise = get_object_or_404(Commitment.objects.visible_to(request.user), pk=pk)
    if not may_settle(request.user, promise):
        raise PermissionDenied
    return promise


@require_POST
@for_people
def promise_kept(request: PersonRequest, pk: int) -> HttpResponse:
    """The promise was kept (late, when its date is over)."""
    promise = _promise(request, pk)
    return _done(
        request,
        lambda: settle_promise(commitment_id=promise.pk, outcome=CommitmentOutcome.KEPT, by=request.user),
        _("Kept: %(what)s") % {"what": promise.text},
    )


class NewDateForm(forms.Form):
    """Another day for a promise."""

    due_on = DayField(label=gettext_lazy("New date"))


@for_people
def promise_date(request: PersonRequest, pk: int) -> HttpResponse:
    """Gives a promise another date; one that is overdue stays on record as broken, and begins anew."""
    promise = _promise(request, pk)
    form = NewDateForm(request.POST or None, initial={"due_on": promise.due_on})

    def save(data: dict[str, object]) -> str:
        moved = move_promise(commitment_id=promise.pk, due_on=form.cleaned_data["due_on"], by=request.user)
        return _("Moved: %(what)s") % {"what": moved.text}

    is_overdue = promise.is_overdue(promise.made_by.today())
    return form_page(
        request,
        form,
        save,
        title=_("Another date"),
        lead=_("“%(what)s” is overdue: the old date stays on record as broken.") % {"what": promise.text}
        if is_overdue
        else f"“{promise.text}”",
        back=reverse("apr:home"),
        page="apr/form_page.html",
    )


@require_POST
@for_people
def obstacle_cleared(request: PersonRequest, pk: int) -> HttpResponse:
    """The obstacle is out of the way; where it needed the partner, that is logged and counts."""
    rows = Obstacle.objects.visible_to(request.user).with_partner_to_ask().select_related("opportunity")
    obstacle: Any = get_object_or_404(rows, pk=pk)
    if not may_clear(request.user, obstacle):
        raise PermissionDenied

    def clear() -> None:
        clear_obstacles(
            obstacle_ids=[obstacle.pk],
            by=request.user,
            actor=request.user,
            partner=Partner.objects.filter(pk=obstacle.asks_partner_id).first(),
            logged=obstacle.needs_partner,
            request_key=f"obstacle-{obstacle.pk}",
        )

    return _done(request, clear, _("Cleared: %(what)s") % {"what": obstacle.description})


def _done(request: HttpRequest, act: Callable[[], object], said: str) -> HttpResponse:
    """Does it, says so, and shows the day again."""
    try_act(request, act, said)
    return redirect("apr:home")
