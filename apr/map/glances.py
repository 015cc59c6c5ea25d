"""Reads deals for their miniatures: one query, however many deals."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import Case, F, Max, Q, Value, When

from apr.involvement import of_partner_managers
from apr.models import Action, ActionCapacity

from .mini import Glance

Days = defaultdict[int, list[date]]


def glances(deals: Sequence[Any], since: date) -> dict[int, Glance]:
    """What the miniature of each deal needs, drawn from `since` on. The deals have `open_since`: of one that
    was re-opened only the time since then is drawn."""
    pm, ae = _days_of_work([deal.pk for deal in deals], since)
    return {
        deal.pk: Glance(
            spans=[(deal.open_since or deal.opened_on, deal.closed_on)],
            has_pm=deal.partner_manager_id is not None,
            pm=pm[deal.pk],
            ae=ae[deal.pk],
        )
        for deal in deals
    }


def _days_of_work(deal_ids: Sequence[int], since: date) -> tuple[Days, Days]:
    """Days with an action of a partner manager and of an account executive, by deal.

    All days from `since` on, and of the time before only the last one.
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
        .annotate(hat=hat, day=Case(When(occurred_on__gte=since, then=F("occurred_on")), default=None))
        .values("opportunity", "hat", "day")
        .annotate(last=Max("occurred_on"))
        .filter(~Q(hat=""))
    )
    pm: Days = defaultdict(list)
    ae: Days = defaultdict(list)
    for row in rows:
        (pm if row["hat"] == "pm" else ae)[row["opportunity"]].append(row["last"])
    return pm, ae
