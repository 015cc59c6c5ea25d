"""What a notification says, in the reader's language: made of its facts alone, so that all who are told read
the same."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from babel.lists import format_list
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apr.models import Notification, NudgeKind
from apr.periods import parse_period
from apr.score_words import VERDICTS
from apr.scoring import Status
from foundation.wording import day, number, reader_locale, short_day

Facts = dict[str, Any]

ICONS: dict[str, str] = {
    NudgeKind.HAND_OVER: "transfer",
    NudgeKind.HAND_OVER_OVERDUE: "transfer",
    NudgeKind.CLOSE_SILENT: "user-off",
    NudgeKind.CLOSE_ALONE: "user-question",
    NudgeKind.STAGE_OVERDUE: "hourglass-high",
    NudgeKind.PROMISE_DUE: "flag",
    NudgeKind.PROMISE_OVERDUE: "clock-exclamation",
    NudgeKind.OBSTACLE_DUE: "barrier-block",
    NudgeKind.OBSTACLE_OVERDUE: "barrier-block",
    NudgeKind.CONFIRM: "user-check",
    NudgeKind.TARGET: "trending-down",
}
SHORT: dict[str, Any] = {
    NudgeKind.HAND_OVER: gettext_lazy("Offered deals"),
    NudgeKind.HAND_OVER_OVERDUE: gettext_lazy("Offers overdue"),
    NudgeKind.CLOSE_SILENT: gettext_lazy("Near the close"),
    NudgeKind.CLOSE_ALONE: gettext_lazy("No partner manager"),
    NudgeKind.STAGE_OVERDUE: gettext_lazy("Over their stage"),
    NudgeKind.PROMISE_DUE: gettext_lazy("Promises due"),
    NudgeKind.PROMISE_OVERDUE: gettext_lazy("Promises overdue"),
    NudgeKind.OBSTACLE_DUE: gettext_lazy("Obstacles due"),
    NudgeKind.OBSTACLE_OVERDUE: gettext_lazy("Obstacles overdue"),
    NudgeKind.CONFIRM: gettext_lazy("My word"),
    NudgeKind.TARGET: gettext_lazy("My pace"),
}
CALM = {
    NudgeKind.HAND_OVER,
    NudgeKind.CLOSE_ALONE,
    NudgeKind.PROMISE_DUE,
    NudgeKind.OBSTACLE_DUE,
    NudgeKind.CONFIRM,
}


@dataclass(frozen=True)
class Told:
    """A notification in words: what, why, who else was told, and the act with its address."""

    what: str
    why: str
    told: str
    act: str
    url: str
    icon: str
    is_pressing: bool


def told(row: Notification) -> Told:
    """What one notification says to its reader."""
    what, why = WORDS[NudgeKind(row.kind)](row.facts)
    act, url = _act(row)
    people: list[str] = row.facts.get("told", [])
    return Told(
        what=what,
        why=why,
        told=_("Told to %(names)s") % {"names": _listed(people)} if len(people) > 1 else "",
        act=act,
        url=url,
        icon=ICONS[row.kind],
        is_pressing=row.kind not in CALM,
    )


def _listed(names: list[str]) -> str:
    return format_list(names, locale=reader_locale())


# --- what and why ---------------------------------------------------------------------------------


def _hand_over(facts: Facts) -> tuple[str, str]:
    what = _("%(who)s offers %(to)s the deal %(deal)s, through %(partner)s")
    why = _("An answer is due by %(day)s: accepted, or returned with a reason.")
    return what % facts, why % {"day": _day(facts["due_on"])}


def _hand_over_overdue(facts: Facts) -> tuple[str, str]:
    what = _("No answer in time: %(who)s offered %(to)s the deal %(deal)s, through %(partner)s")
    why = _("It was due by %(day)s. Accept it, return it with a reason, or offer it to somebody else.")
    return what % facts, why % {"day": _day(facts["due_on"])}


def _close_silent(facts: Facts) -> tuple[str, str]:
    parts = {"deal": facts["deal"], "closes": _closes(facts), "manager": facts["manager"]}
    if facts["seen_on"]:
        parts["day"] = _short(facts["seen_on"])
        what = _("%(deal)s %(closes)s, and %(manager)s has logged nothing on it since %(day)s") % parts
    else:
        what = _("%(deal)s %(closes)s, and %(manager)s has logged nothing on it yet") % parts
    return what, _("Near its close a deal needs both of you: do it today, or log what was done.")


def _close_alone(facts: Facts) -> tuple[str, str]:
    what = _("%(deal)s %(closes)s and has no partner manager")
    parts = {"deal": facts["deal"], "closes": _closes(facts)}
    return what % parts, _("If a partner can still help, put their manager on the deal.")


def _closes(facts: Facts) -> str:
    closes, parts = date.fromisoformat(facts["closes_on"]), {"day": _day(facts["closes_on"])}
    if closes < timezone.localdate():
        return _("should have closed on %(day)s") % parts
    return _("closes on %(day)s") % parts


def _stage_overdue(facts: Facts) -> tuple[str, str]:
    parts = {"deal": facts["deal"], "stage": facts["stage"], "day": _day(facts["entered_on"])}
    allowed = ngettext(
        "%(n)s working day was expected", "%(n)s working days were expected", facts["expected"]
    ) % {"n": facts["expected"]}
    what = _("%(deal)s has been in %(stage)s since %(day)s; %(expected)s") % {**parts, "expected": allowed}
    return what, _("Move it on, or say what stands in its way.")


def _promise_due(facts: Facts) -> tuple[str, str]:
    parts = {"who": facts["who"], "to": facts["to"], "what": facts["what"], "day": _day(facts["due_on"])}
    if facts["to"]:
        what = _("%(who)s promised %(to)s by %(day)s: %(what)s") % parts
    else:
        what = _("Next step of %(who)s, due %(day)s: %(what)s") % parts
    return what, _("If the date cannot hold, move it before it has passed.")


def _promise_overdue(facts: Facts) -> tuple[str, str]:
    parts = {"who": facts["who"], "to": facts["to"], "what": facts["what"], "day": _day(facts["due_on"])}
    if facts["to"]:
        what = _("Overdue since %(day)s: %(who)s promised %(to)s: %(what)s") % parts
    else:
        what = _("Overdue since %(day)s, next step of %(who)s: %(what)s") % parts
    return what, _("Say what became of it, or give it a new date.")


def _obstacle_due(facts: Facts) -> tuple[str, str]:
    what = _("To be cleared by %(day)s: %(what)s")
    return what % {"day": _day(facts["due_on"]), "what": facts["what"]}, _asked(facts)


def _obstacle_overdue(facts: Facts) -> tuple[str, str]:
    what = _("In the way, and overdue since %(day)s: %(what)s")
    return what % {"day": _day(facts["due_on"]), "what": facts["what"]}, _asked(facts)


def _asked(facts: Facts) -> str:
    if facts["whom"]:
        return _("%(name)s was asked to clear it.") % {"name": facts["whom"]}
    return _("Nobody has been asked to clear it yet.")


def _confirm(facts: Facts) -> tuple[str, str]:
    parts = {"who": facts["who"], "day": _day(facts["on"]), "what": facts["what"], "about": facts["about"]}
    if facts["about"]:
        what = _("%(who)s logged with you on %(day)s: %(what)s, %(about)s. Was it so?") % parts
    else:
        what = _("%(who)s logged with you on %(day)s: %(what)s. Was it so?") % parts
    return what, _("Silence means neither yes nor no; only what you dispute stops counting.")


def _target(facts: Facts) -> tuple[str, str]:
    target, points = Fraction(facts["target"]), int(facts["points"])
    parts = {
        "verdict": VERDICTS[Status(facts["status"])],
        "points": number(points),
        "target": number(target),
        "month": parse_period(facts["month"]).label(str(reader_locale())),
        "expected": number(Fraction(facts["expected"])),
    }
    what = _("%(verdict)s: %(points)s of %(target)s points in %(month)s") % parts
    why = _("%(expected)s were expected by yesterday.") % parts
    if facts["left"]:
        rate = number((target - points) / facts["left"], 1)
        why += " " + _("%(rate)s a working day from here get you there.") % {"rate": rate}
    return what, why + " " + _("Only you are told.")


WORDS: dict[NudgeKind, Callable[[Facts], tuple[str, str]]] = {
    NudgeKind.HAND_OVER: _hand_over,
    NudgeKind.HAND_OVER_OVERDUE: _hand_over_overdue,
    NudgeKind.CLOSE_SILENT: _close_silent,
    NudgeKind.CLOSE_ALONE: _close_alone,
    NudgeKind.STAGE_OVERDUE: _stage_overdue,
    NudgeKind.PROMISE_DUE: _promise_due,
    NudgeKind.PROMISE_OVERDUE: _promise_overdue,
    NudgeKind.OBSTACLE_DUE: _obstacle_due,
    NudgeKind.OBSTACLE_OVERDUE: _obstacle_overdue,
    NudgeKind.CONFIRM: _confirm,
    NudgeKind.TARGET: _target,
}


# --- the act --------------------------------------------------------------------------------------


def _act(row: Notification) -> tuple[str, str]:
    """What to do about it, and where. Who does not see the deal finds the promise on their own day."""
    if row.kind == NudgeKind.CONFIRM:
        return _("Confirm or dispute"), reverse("apr:waiting")
    if row.kind == NudgeKind.TARGET:
        return _("See how it adds up"), reverse("apr:me")
    if row.deal_id is None:
        return _("Open my day"), reverse("apr:home")
    if row.kind == NudgeKind.CLOSE_ALONE:
        return _("Choose a partner manager"), reverse("opportunities:people", args=[row.deal_id])
    words, anchor = PLACES.get(row.kind, (gettext_lazy("Open the deal"), ""))
    return str(words), reverse("opportunities:detail", args=[row.deal_id]) + anchor


PLACES: dict[str, tuple[Any, str]] = {
    NudgeKind.HAND_OVER: (gettext_lazy("Open the offer"), "#hand-over"),
    NudgeKind.HAND_OVER_OVERDUE: (gettext_lazy("Open the offer"), "#hand-over"),
    NudgeKind.CLOSE_SILENT: (gettext_lazy("Log on this deal"), "#log-here"),
    NudgeKind.PROMISE_DUE: (gettext_lazy("Open the promise"), "#promises"),
    NudgeKind.PROMISE_OVERDUE: (gettext_lazy("Settle the promise"), "#promises"),
    NudgeKind.OBSTACLE_DUE: (gettext_lazy("Open the obstacle"), "#obstacles"),
    NudgeKind.OBSTACLE_OVERDUE: (gettext_lazy("Open the obstacle"), "#obstacles"),
}


def _day(iso: str) -> str:
    return day(date.fromisoformat(iso))


def _short(iso: str) -> str:
    return short_day(date.fromisoformat(iso))
