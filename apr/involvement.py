"""When a deal last saw its partner manager, and for how many working days it has been silent since."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, Max, OuterRef, Q

from accounts.calendar import WorkingCalendar
from apr.models import Action, ActionCapacity
from opportunities.models import Assignment, Capacity

AT_THE_INK = timedelta(days=14)  # the last days before the close, in which a partner manager should act


@dataclass(frozen=True)
class LastActions:
    """The dates of the last actions on a deal: of a partner manager, and of anybody."""

    by_partner_manager: date | None = None
    by_anybody: date | None = None


NEVER = LastActions()


def of_partner_managers() -> Q:
    """Actions that involve a partner manager: done as one, or coaching by the one assigned to the deal."""
    assigned = Assignment.objects.filter(
        opportunity=OuterRef("opportunity"), user=OuterRef("actor"), capacity=Capacity.PARTNER_MANAGER
    )
    coached = Q(Exists(assigned), capacity=ActionCapacity.COACH)
    return Q(capacity=ActionCapacity.PARTNER_MANAGER) | coached


def seen_since(day: date) -> Q:
    """The condition on deals that a partner manager did something on them on `day` or later."""
    standing = Action.objects.standing().filter(opportunity=OuterRef("pk"), occurred_on__gte=day)
    return Q(Exists(standing.filter(of_partner_managers())))


def last_actions(deal_ids: Iterable[int]) -> dict[int, LastActions]:
    """The last standing actions of each deal; deals without any are left out. One query."""
    rows = (
        Action.objects.standing()
        .filter(opportunity__in=deal_ids)
        .order_by()
        .values("opportunity")
        .annotate(by_pm=Max("occurred_on", filter=of_partner_managers()), by_anybody=Max("occurred_on"))
    )
    return {row["opportunity"]: LastActions(row["by_pm"], row["by_anybody"]) for row in rows}


def silence(last: date | None, since: date, today: date, calendar: WorkingCalendar) -> int:
    """Whole working days without an action: after `last` (or from `since` on, when there was none) until
    yesterday. The day of the action and today are not silent."""
    first = since if last is None else last + timedelta(days=1)
    return calendar.working_days(first, today)
