"""The involvement of partner managers and account executives, drawn beside any deal."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django import template
from django.db.models import Case, F, Max, Q, Value, When
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from apr.involvement import of_partner_managers
from apr.map.load import load
from apr.map.page import page_of
from apr.miniature import SPAN, Miniature, draw
from apr.models import Action, ActionCapacity
from foundation.wording import number, short_day
from opportunities.measures import Measures
from opportunities.models import Opportunity

register = template.Library()


@register.simple_tag
def miniatures(deals: Sequence[Opportunity], measures: Measures) -> dict[int, Miniature]:
    """`{% miniatures deals measures as minis %}`: the miniature of every deal. One query for all of them."""
    start = measures.today - SPAN
    pm, ae = _days_of_work([deal.pk for deal in deals], start)
    return {
        deal.pk: draw(
            opened_on=deal.opened_on,
            has_pm=deal.partner_manager_id is not None,
            pm=pm[deal.pk],
            ae=ae[deal.pk],
            today=measures.today,
            calendar=measures.calendar,
            allowed=measures.organisation.silence_days,
        )
        for deal in deals
    }


def _days_of_work(
    deal_ids: Sequence[int], start: date
) -> tuple[defaultdict[int, list[date]], defaultdict[int, list[date]]]:
    """Days with an action of a partner manager and of an account executive, by deal.

    All days from `start` on, and of the time before only the last one.
    """
    hat = Case(
        When(of_partner_managers(), then=Value("pm")),
        When(capacity=ActionCapacity.ACCOUNT_EXECUTIVE, then=Value("ae")),
        default=Value(""),
    )
    rows = (
        Action.objects.standing()
        .filter(opportunity__in=deal_ids)
        .order_by()
        .annotate(hat=hat, day=Case(When(occurred_on__gte=start, then=F("occurred_on")), default=None))
        .values("opportunity", "hat", "day")
        .annotate(last=Max("occurred_on"))
        .filter(~Q(hat=""))
    )
    pm: defaultdict[int, list[date]] = defaultdict(list)
    ae: defaultdict[int, list[date]] = defaultdict(list)
    for row in rows:
        (pm if row["hat"] == "pm" else ae)[row["opportunity"]].append(row["last"])
    return pm, ae


@register.inclusion_tag("apr/_miniature.html")
def miniature(minis: dict[int, Miniature], deal: Opportunity) -> dict[str, Any]:
    """The drawing: ticks of the partner manager above the line, of the account executive below."""
    drawing = minis[deal.pk]
    words = _("Six weeks: partner manager on %(pm)s days, account executive on %(ae)s days") % {
        "pm": number(len(drawing.pm)),
        "ae": number(len(drawing.ae)),
    }
    return {"mini": drawing, "label": words}


@register.simple_tag(takes_context=True)
def last_involvement(context: dict[str, Any], minis: dict[int, Miniature], deal: Opportunity) -> SafeString:
    """`PM yesterday`, `PM 11 Sep`, or in red `no PM 15 d`; nothing where no partner manager is assigned."""
    drawing = minis[deal.pk]
    today: date = context["measures"].today
    if not drawing.has_pm:
        return format_html('<span class="quiet">{}</span>', _("no PM yet"))
    if drawing.is_silent:
        days = _("no PM %(days)s d") % {"days": number(drawing.silence)}
        return format_html('<span class="alert">{}</span>', days)
    return format_html("<span>{}</span>", _when(drawing.last_pm, today))


def _when(day: date | None, today: date) -> str:
    if day is None:
        return _("PM to come")
    if day == today:
        return _("PM today")
    if day == today - timedelta(days=1):
        return _("PM yesterday")
    return _("PM %(day)s") % {"day": short_day(day)}


@register.inclusion_tag("apr/map/map.html", takes_context=True)
def involvement_map(context: dict[str, Any], deal: Opportunity) -> dict[str, Any]:
    """`{% involvement_map deal %}`: the map of a deal from its opening to the ink, on its page."""
    story = load(deal, context["request"].user, context["measures"])
    return {"map": page_of(story), "deal": deal}
