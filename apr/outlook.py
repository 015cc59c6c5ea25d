"""What saving will do: to the score of the month, and to the silence on the deal."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.calendars import organisation_calendar
from accounts.models import User
from apr.involvement import NEVER, last_actions, silence
from apr.models import ActionCapacity
from apr.periods import PeriodKind, period_containing
from apr.scorecards import person_score, points_of_one_more
from foundation.wording import number
from opportunities.models import Opportunity


@dataclass(frozen=True)
class Outlook:
    """Points that would be added, the score before and after, and what else it does."""

    points: int
    before: str
    after: str
    target: str
    month: str
    lines: list[str]


def outlook(user: User, values: dict[str, Any]) -> Outlook | None:
    """The outlook of a draft; nothing while it has no type or date."""
    kind, day = values.get("action_type"), values.get("occurred_on")
    if kind is None or day is None or day > user.today():
        return None
    month = period_containing(day, PeriodKind.MONTH)
    score = person_score(user, month)
    points = points_of_one_more(user, kind, day)
    lines = []
    if points.counted < points.raw:
        lines.append(_("The cap of the day is reached: it is kept on record and adds nothing more."))
    lines += filter(None, [_silence(user, values), _word(values)])
    return Outlook(
        points=points.counted,
        before=number(score.counted_points),
        after=number(score.counted_points + points.counted),
        target="" if score.target is None else number(score.target),
        month=month.label(user.locale),
        lines=lines,
    )


def _silence(user: User, values: dict[str, Any]) -> str:
    """How long a silence of the partner manager it ends."""
    deal = values.get("opportunity")
    is_pm = values.get("capacity") == ActionCapacity.PARTNER_MANAGER or (
        deal is not None and deal.partner_manager_id == user.pk
    )
    if deal is None or not is_pm or not deal.is_open:
        return ""
    last = last_actions([deal.pk]).get(deal.pk, NEVER).by_partner_manager
    if last is not None and last >= values["occurred_on"]:
        return ""
    dated: Any = Opportunity.objects.with_open_since().get(pk=deal.pk)
    since = dated.open_since or deal.opened_on
    days = silence(last, since, values["occurred_on"], organisation_calendar())
    if not days:
        return ""
    return ngettext(
        "Ends the silence on %(deal)s at %(days)s working day",
        "Ends the silence on %(deal)s at %(days)s working days",
        days,
    ) % {"deal": deal.name, "days": days}


def _word(values: dict[str, Any]) -> str:
    counterpart = values.get("counterpart")
    return _("%(who)s can confirm it") % {"who": counterpart.short_name} if counterpart else ""
