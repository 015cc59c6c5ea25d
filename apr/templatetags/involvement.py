"""The involvement of partner managers and account executives, drawn beside any deal."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from apr.map.glances import glances
from apr.map.load import load
from apr.map.mini import Miniature, draw_mini, six_weeks
from apr.map.page import page_of
from foundation.wording import number, short_day
from opportunities.measures import Measures
from opportunities.models import Opportunity

register = template.Library()


@register.simple_tag
def miniatures(deals: Sequence[Opportunity], measures: Measures) -> dict[int, Miniature]:
    """`{% miniatures deals measures as minis %}`: six weeks of every deal. One query for all of them."""
    scale, allowed = six_weeks(measures.today), measures.organisation.silence_days
    return {
        pk: draw_mini(glance, scale, today=measures.today, calendar=measures.calendar, allowed=allowed)
        for pk, glance in glances(deals, scale.start).items()
    }


@register.inclusion_tag("apr/map/_mini.html")
def miniature(minis: dict[int, Miniature], deal: Opportunity) -> dict[str, Any]:
    """The drawing: ticks of the partner manager above the line, of the account executive below."""
    drawing = minis[deal.pk]
    words = _("Six weeks: partner manager on %(pm)s days, account executive on %(ae)s days") % {
        "pm": number(drawing.pm_days),
        "ae": number(drawing.ae_days),
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
        days = _("no PM %(days)s d") % {"days": number(drawing.silent_now or 0)}
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
