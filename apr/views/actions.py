"""The log: what somebody did, what waits for their word, and how entries are corrected."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from accounts.guards import PersonRequest, for_people, form_page, say_refusal, try_act
from accounts.models import Role, User
from apr.filters import ActionFilter, chosen_person, people_led_by
from apr.forms import LogForm, moment_of
from apr.models import Action, Confirmation
from apr.permissions import may_confirm, may_read_notes, may_void
from apr.phrases import said
from apr.scorecards import ActionPoints, action_points
from apr.services.actions import answer_action, answer_actions, edit_action, restore_action, void_action
from foundation.errors import Refusal
from foundation.paging import page_links
from foundation.returning import came_from
from foundation.wording import number

PAGE = 50
ABOUT = ("action_type", "opportunity", "partner", "customer", "counterpart", "actor")


@dataclass(frozen=True)
class Entry:
    """A line of the log: the action, in words, and what it counts."""

    action: Action
    words: str
    points: ActionPoints
    notes: str

    @property
    def is_over(self) -> bool:
        """Whether some of its points do not count: over the day's cap, or disputed."""
        return self.points.counted < self.points.raw


@for_people
def actions(request: PersonRequest) -> HttpResponse:
    """My log (or that of somebody I lead), newest first."""
    person = chosen_person(request.user, request.GET.get("person"))
    rows = Action.objects.visible_to(request.user).filter(actor=person).select_related(*ABOUT)
    found = ActionFilter(request.GET, queryset=rows)
    chosen = found.qs if found.is_valid() else rows.none()
    page = Paginator(chosen.order_by("-occurred_at", "-pk"), PAGE).get_page(request.GET.get("page"))
    context = {
        **_tabs(request.user, "mine"),
        "sentence": _sentence(person, request.user, page.paginator.count),
        "filter": found,
        "person": person,
        "people": _people(request.user),
        "entries": _entries(list(page.object_list), request.user),
        "page": page,
        "may_correct": person == request.user or request.user.is_admin or person in _people(request.user),
    }
    return render(request, "apr/actions.html", {**context, **page_links(request, page)})


@for_people
def waiting(request: PersonRequest) -> HttpResponse:
    """What colleagues logged with me and I have not answered yet."""
    return _waiting_page(request, AnswersForm(auto_id="answers-%s"))


def _waiting_page(request: PersonRequest, form: "AnswersForm") -> HttpResponse:
    rows = Action.objects.waiting_for(request.user).select_related(*ABOUT)
    page = Paginator(rows.order_by("-occurred_at", "-pk"), PAGE).get_page(request.GET.get("page"))
    count = page.paginator.count
    sentence = ngettext("%(n)s action waits for your word.", "%(n)s actions wait for your word.", count)
    context = {
        **_tabs(request.user, "waiting"),
        "sentence": sentence % {"n": number(count)} if count else _("Nothing waits for your word."),
        "entries": _entries(list(page.object_list), request.user),
        "page": page,
        "form": form,
        "chosen": set(request.POST.getlist("action")),
    }
    context |= {**page_links(request, page), "here": reverse("apr:waiting")}
    return render(request, "apr/waiting.html", context, status=422 if form.is_bound else 200)


def _sentence(person: User, reader: User, count: int) -> str:
    if not count:
        return _("No actions here.")
    words = {"n": number(count), "who": person.name}
    if person == reader:
        return ngettext("%(n)s action in your log.", "%(n)s actions in your log.", count) % words
    return (
        ngettext("%(n)s action in the log of %(who)s.", "%(n)s actions in the log of %(who)s.", count) % words
    )


def _entries(found: list[Action], reader: User) -> list[Entry]:
    points = action_points(found)
    nothing = ActionPoints(0, 0, 0)
    return [
        Entry(
            action,
            said(action),
            points.get(action.pk, nothing),
            action.notes if may_read_notes(reader, action) else "",
        )
        for action in found
    ]


def _people(user: User) -> list[User]:
    return list(people_led_by(user)) if user.roles & {Role.LEADER, Role.ADMIN} else []


def _tabs(user: User, current: str) -> dict[str, Any]:
    return {"tab": current, "waiting_count": Action.objects.waiting_for(user).count()}


# --- correcting, taking back, bringing back -------------------------------------------------------


@for_people
def action_edit(request: PersonRequest, pk: int) -> HttpResponse:
    """Corrects an action; what the counterpart had said to it is asked anew."""
    action = _action(request, pk, may_void)
    form = LogForm(request.POST or None, user=action.actor, viewer=request.user, action=action)

    def save(data: dict[str, Any]) -> str:
        deal = data.pop("opportunity")
        edit_action(
            action_id=action.pk,
            by=request.user,
            deal=deal,
            customer=deal.customer if deal else action.customer,
            occurred_at=moment_of(data.pop("occurred_on"), action.actor, action.occurred_at),
            **{"notes": action.notes, **data},
        )
        return _("Corrected: %(what)s") % {"what": data["action_type"].name}

    anew = _("What %(who)s said to it is asked anew.") % {"who": action.counterpart}
    return form_page(
        request,
        form,
        save,
        title=_("Correct: %(what)s") % {"what": said(action)},
        lead=anew if action.counterpart else "",
        back=_next(request),
        page="apr/form_page.html",
        template="apr/act_form.html",
    )


class ReasonForm(forms.Form):
    """Why an entry is taken back."""

    reason = forms.CharField(label=gettext_lazy("Why"), max_length=300, required=False)


@for_people
def action_void(request: PersonRequest, pk: int) -> HttpResponse:
    """Takes an action back, with a reason; it stays on record."""
    action = _action(request, pk, may_void)
    form = ReasonForm(request.POST or None)

    def save(data: dict[str, Any]) -> str:
        void_action(action_id=action.pk, by=request.user, reason=data["reason"])
        return _("Taken back. It stays on record and counts nothing.")

    return form_page(
        request,
        form,
        save,
        title=_("Take back: %(what)s") % {"what": said(action)},
        lead=_("It stays on record, and its points fall away at once."),
        act=_("Take it back"),
        back=_next(request),
        page="apr/form_page.html",
        template="apr/act_form.html",
    )


@require_POST
@for_people
def action_undo(request: PersonRequest, pk: int) -> HttpResponse:
    """Takes back what was just logged, without asking why."""
    action = _action(request, pk, may_void)
    try_act(
        request,
        lambda: void_action(action_id=action.pk, by=request.user, reason=_("Undone at once")),
        _("Taken back: %(what)s") % {"what": said(action)},
    )
    return redirect(_next(request))


@require_POST
@for_people
def action_restore(request: PersonRequest, pk: int) -> HttpResponse:
    """Undoes a void."""
    action = _action(request, pk, may_void)
    try_act(
        request,
        lambda: restore_action(action_id=action.pk, by=request.user),
        _("It counts again: %(what)s") % {"what": said(action)},
    )
    return redirect(_next(request))


# --- the counterpart's word -----------------------------------------------------------------------


@require_POST
@for_people
def action_answer(request: PersonRequest, pk: int) -> HttpResponse:
    """Confirms, or takes an answer back (`answer=none`)."""
    action = _action(request, pk, may_confirm)
    answer = Confirmation.NONE if request.POST.get("answer") == "none" else Confirmation.CONFIRMED
    said_so = _("Confirmed: %(what)s") if answer == Confirmation.CONFIRMED else _("Open again: %(what)s")
    try_act(
        request,
        lambda: answer_action(action_id=action.pk, by=request.user, answer=answer),
        said_so % {"what": said(action)},
    )
    return redirect(_next(request))


class WordForm(forms.Form):
    """What was different."""

    note = forms.CharField(label=gettext_lazy("What was different"), max_length=300)


@for_people
def action_dispute(request: PersonRequest, pk: int) -> HttpResponse:
    """Disputes an action with a word; its points do not count until that is settled."""
    action = _action(request, pk, may_confirm)
    form = WordForm(request.POST or None)

    def save(data: dict[str, Any]) -> str:
        answer_action(action_id=action.pk, by=request.user, answer=Confirmation.DISPUTED, note=data["note"])
        return _("Disputed. %(who)s sees your word beside the entry.") % {"who": action.actor.short_name}

    return form_page(
        request,
        form,
        save,
        title=_("Dispute: %(what)s") % {"what": action.action_type.name},
        lead=_("Its points do not count while it is disputed."),
        act=_("Dispute"),
        back=_next(request),
        page="apr/form_page.html",
        template="apr/act_form.html",
    )


class AnswersForm(forms.Form):
    """The word with which several actions are disputed."""

    use_required_attribute = False  # only who disputes has to say it
    note = forms.CharField(
        label=gettext_lazy("What was different"),
        max_length=300,
        widget=forms.TextInput(attrs={"form": "answers"}),
        error_messages={"required": gettext_lazy("Say in a word what was different.")},
    )


@require_POST
@for_people
def actions_answer(request: PersonRequest) -> HttpResponse:
    """Confirms the chosen actions, or all that were shown (`act=all`), or disputes the chosen ones with one
    word (`act=dispute`). What does not wait for the person's word is passed over."""
    act = request.POST.get("act", "")
    form = AnswersForm(request.POST, auto_id="answers-%s")
    form.fields["note"].required = act == "dispute"
    answer = Confirmation.DISPUTED if act == "dispute" else Confirmation.CONFIRMED
    if form.is_valid():
        try:
            done = answer_actions(
                action_ids=_chosen(request, "shown" if act == "all" else "action"),
                by=request.user,
                answer=answer,
                note=form.cleaned_data["note"] if answer == Confirmation.DISPUTED else "",
            )
        except Refusal as refusal:
            say_refusal(form, refusal)
        else:
            messages.success(request, _answered(len(done), answer))
            return redirect("apr:waiting")
    return _waiting_page(request, form)


def _chosen(request: PersonRequest, name: str) -> list[int]:
    """The actions named in the form that wait for the person's word."""
    named = [int(pk) for pk in request.POST.getlist(name) if pk.isdecimal() and len(pk) < 19]
    return list(Action.objects.waiting_for(request.user).filter(pk__in=named).values_list("pk", flat=True))


def _answered(count: int, answer: Confirmation) -> str:
    if answer == Confirmation.DISPUTED:
        words = ngettext(
            "%(n)s action disputed. Your colleague sees your word beside it.",
            "%(n)s actions disputed. Your colleagues see your word beside each.",
            count,
        )
    else:
        words = ngettext("%(n)s action confirmed.", "%(n)s actions confirmed.", count)
    return words % {"n": number(count)}


def _action(request: PersonRequest, pk: int, may: Callable[[User, Action], bool]) -> Action:
    """The action: 404 where the reader does not see it, 403 where it is not theirs to change."""
    action = get_object_or_404(Action.objects.visible_to(request.user).select_related(*ABOUT), pk=pk)
    if not may(request.user, action):
        raise PermissionDenied
    return action


def _next(request: HttpRequest) -> str:
    """Where to go afterwards: the page that was left, or the log."""
    return came_from(request, reverse("apr:actions"))
