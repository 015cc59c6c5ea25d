"""What the reader was told, and how they want to be told."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.guards import PersonRequest, for_people, form_page, posted
from accounts.models import Organisation, Team, User
from apr.models import Notification, NotificationChoice, NudgeKind, Trial
from apr.notification_forms import ChoiceForm
from apr.nudges.words import SHORT, Told, told
from apr.services.notifications import choose, mark_all_read, mark_read
from foundation.keyset import page_after
from foundation.wording import number

PAGE = 50
SHOWN = {"unread", "open", "all"}


@dataclass(frozen=True)
class Line:
    """A notification and what it says."""

    row: Notification
    told: Told


@require_safe
@for_people
def notifications(request: PersonRequest) -> HttpResponse:
    """What the reader was told, newest first: unread, open or all; of one kind or of each."""
    mine = Notification.objects.visible_to(request.user)
    chosen = _cut(request.user, request.GET)
    page, has_more = page_after(
        chosen.select_related("deal").order_by("-opened_at", "-pk"),
        request.GET.get("after", ""),
        PAGE,
        by="opened_at",
    )
    unread = list(mine.unread().order_by().values_list("kind", flat=True))
    show, kind = _asked(request.GET)
    context = {
        "sentence": _sentence(len(unread)),
        "lines": [Line(row, told(row)) for row in page],
        "show": show,
        "tabs": _tabs(show, kind, len(unread)),
        "kinds": _kinds(show, kind, mine),
        "kind": kind,
        "here": request.get_full_path(),
        "may_read_all": any(row.is_unread for row in page),
        "next_url": f"?{urlencode({**_query(show, kind), 'after': page[-1].pk})}" if has_more else "",
        "first_url": f"?{urlencode(_query(show, kind))}" if "after" in request.GET else "",
    }
    return render(request, "apr/notifications.html", context)


def _asked(query: QueryDict) -> tuple[str, str]:
    show, kind = query.get("show", ""), query.get("kind", "")
    return show if show in SHOWN else "unread", kind if kind in NudgeKind.values else ""


def _cut(reader: User, query: QueryDict) -> QuerySet[Notification]:
    show, kind = _asked(query)
    rows = Notification.objects.visible_to(reader)
    if show != "all":
        rows = rows.unread() if show == "unread" else rows.open()
    return rows.filter(kind=kind) if kind else rows


def _query(show: str, kind: str) -> dict[str, str]:
    return {"show": show, **({"kind": kind} if kind else {})}


def _tabs(show: str, kind: str, unread: int) -> list[tuple[str, str, bool, int]]:
    words = {"unread": _("Unread"), "open": _("Open"), "all": _("All, with what is settled")}
    return [
        (text, f"?{urlencode(_query(key, kind))}", key == show, unread if key == "unread" else 0)
        for key, text in words.items()
    ]


def _kinds(show: str, kind: str, mine: QuerySet[Notification]) -> list[tuple[str, str, bool]]:
    """The kinds that the reader was told of, to choose among; nothing where there is no choice."""
    known = set(mine.order_by().values_list("kind", flat=True).distinct())
    if len(known | {kind} - {""}) < 2:
        return []
    every = [(_("Every kind"), f"?{urlencode(_query(show, ''))}", not kind)]
    return every + [
        (str(SHORT[one]), f"?{urlencode(_query(show, one))}", one == kind)
        for one in NudgeKind
        if one in known or one == kind
    ]


def _sentence(unread: int) -> str:
    if not unread:
        return _("Nothing new needs you.")
    return ngettext("%(n)s thing needs you.", "%(n)s things need you.", unread) % {"n": number(unread)}


# --- putting aside --------------------------------------------------------------------------------


@require_POST
@for_people
def notification_read(request: PersonRequest, pk: int) -> HttpResponse:
    """Puts one aside, or back (`read=no`)."""
    row = get_object_or_404(Notification.objects.visible_to(request.user), pk=pk)
    mark_read(notification=row, by=request.user, read=request.POST.get("read") != "no")
    return redirect(_back(request))


@require_POST
@for_people
def notification_follow(request: PersonRequest, pk: int) -> HttpResponse:
    """Goes where the act is, and puts the notification aside with the same press."""
    row = get_object_or_404(Notification.objects.visible_to(request.user), pk=pk)
    mark_read(notification=row, by=request.user)
    return redirect(told(row).url)


@require_POST
@for_people
def notifications_read(request: PersonRequest) -> HttpResponse:
    """Puts all aside that the filters show."""
    rows = _cut(request.user, request.POST)
    done = mark_all_read(notifications=rows, by=request.user)
    words = ngettext("%(n)s notification is read.", "%(n)s notifications are read.", done)
    messages.success(request, words % {"n": number(done)})
    return redirect(_back(request))


def _back(request: HttpRequest) -> str:
    wanted = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure()):
        return wanted
    return reverse("apr:notifications")


# --- choosing -------------------------------------------------------------------------------------


@for_people
def notification_choices(request: PersonRequest) -> HttpResponse:
    """How the reader wants to be told of what, and when."""
    person = request.user
    choice = NotificationChoice.objects.filter(person=person).first() or NotificationChoice(person=person)
    leads = Team.objects.active().filter(leaders=person).exists()
    form = ChoiceForm(posted(request), choice=choice, leads=leads)

    def save(data: dict[str, Any]) -> str:
        choose(
            by=person,
            channels=form.channels(),
            digest=data["digest"],
            hour=data["hour"],
            team_digest=data.get("team_digest", choice.team_digest),
        )
        return _("Your choice is saved.")

    return form_page(
        request,
        form,
        save,
        title=_("How you are told"),
        lead=_("On this site you see everything that concerns you. Mail is your choice."),
        back=reverse("apr:notification_choices"),
        template="apr/notification_choices.html",
        leads=leads,
        is_trying=_is_trying(),
        clock=person.time_zone.replace("_", " "),
    )


def _is_trying() -> bool:
    """Whether somebody may go without a nudge today. Everybody is told alike, in a trial or not."""
    today = Organisation.current().today()
    return Trial.objects.overlapping(today, today + timedelta(days=1)).exists()
