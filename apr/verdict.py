"""The sentence that opens the page of a deal: how it stands, in words that somebody could say aloud."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apr.involvement import Involvement
from apr.scoring import Status
from foundation.wording import day, day_in_record, number
from opportunities.models import Opportunity


@dataclass(frozen=True)
class Verdict:
    """The sentence, and whether it calls for somebody."""

    status: Status
    words: str


def verdict_of(deal: Opportunity, found: Involvement, *, today: date, allowed_silence: int) -> Verdict:
    """The verdict on a deal. It is behind when its close has passed or its partner manager is silent for more
    than the organisation allows, and at risk when it has outstayed its stage or nobody is assigned."""
    if not deal.is_open:
        return _of_a_closed_deal(deal, found)
    is_silent = deal.partner_manager_id is not None and (found.silent_now or 0) > allowed_silence
    over = found.visits[-1].over if found.visits else 0
    if is_silent or deal.is_overdue(today):
        status = Status.BEHIND
    elif over or deal.partner_manager_id is None:
        status = Status.AT_RISK
    else:
        status = Status.ON_TRACK
    closes = _closes(deal.expected_close_on, today)
    if is_silent:
        return Verdict(status, _and_silent(closes, found, is_late=deal.is_overdue(today)))
    why = _why(deal, found, over)
    return Verdict(status, _("%(first)s %(second)s") % {"first": _sentence(closes), "second": why})


def _closes(close: date | None, today: date) -> str:
    """When the deal closes; one counts the days of the calendar here, as people do with dates."""
    if close is None:
        return _("Has no close date")
    days = (close - today).days
    if days < 0:
        return _("Should have closed on %(day)s") % {"day": day(close)}
    if days == 0:
        return _("Closes today")
    if days > 60:
        return _("Closes on %(day)s") % {"day": day(close)}
    return ngettext("Closes in %(days)s day", "Closes in %(days)s days", days) % {"days": number(days)}


def _sentence(words: str) -> str:
    return _("%(words)s.") % {"words": words}


def _and_silent(closes: str, found: Involvement, *, is_late: bool) -> str:
    days = found.silent_now or 0
    if found.last_pm_on is None:
        words = ngettext(
            "%(closes)s and has never had a partner manager, for %(days)s working day.",
            "%(closes)s and has never had a partner manager, for %(days)s working days.",
            days,
        )
    else:
        words = ngettext(
            "%(closes)s and has had no partner manager for %(days)s working day.",
            "%(closes)s and has had no partner manager for %(days)s working days.",
            days,
        )
    return words % {"closes": closes, "days": number(days)}


def _why(deal: Opportunity, found: Involvement, over: int) -> str:
    if over:
        words = ngettext(
            "It has been in %(stage)s for %(days)s working day more than expected.",
            "It has been in %(stage)s for %(days)s working days more than expected.",
            over,
        )
        return words % {"stage": deal.stage, "days": number(over)}
    if deal.partner_manager is None:
        return _("No partner manager is assigned.")
    if found.last_pm_on is None:
        return _("The partner manager has not acted yet.")
    return _("Its partner manager was last there on %(day)s.") % {"day": day(found.last_pm_on)}


def _of_a_closed_deal(deal: Opportunity, found: Involvement) -> Verdict:
    values = {"day": day_in_record(deal.closed_on) if deal.closed_on else "", "reason": deal.lost_reason}
    if deal.status == "won":
        words = _("Won on %(day)s, with a partner manager at the ink.")
        if not found.at_the_ink:
            words = _("Won on %(day)s.")
    else:
        words = _("Lost on %(day)s: %(reason)s.") if deal.lost_reason else _("Lost on %(day)s.")
    return Verdict(Status.ON_TRACK if deal.status == "won" else Status.NO_TARGET, words % values)
