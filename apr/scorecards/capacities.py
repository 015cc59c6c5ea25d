"""Points by the hat worn. Day tallies do not hold it, so these are added up from the actions themselves."""

from django.db import connection
from django.db.models import QuerySet

from apr.models import Action, ActionCapacity
from apr.periods import Period
from apr.rollup.tallies import statement
from apr.rollup.worth import worth
from apr.scorecards.figures import Points


def points_by_capacity(rows: QuerySet[Action], period: Period) -> dict[ActionCapacity, Points]:
    """The points of the rows behind a score, by capacity, in the order PM, AE, coach; without those that
    have nothing. One query.

    A day's cap holds for a type, whatever hat is worn: each action has its part of it. So the sums are those
    of the score.
    """
    rows = rows.order_by()
    days = Action.objects.filter(occurred_on__gte=period.start, occurred_on__lt=period.end)
    each, params = worth(days.filter(actor__in=rows.values("actor")))
    shown, more = statement(rows.values_list("pk", "capacity"))
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH shown (id, capacity) AS ({shown}) "
            "SELECT capacity, COUNT(*), SUM(raw), SUM(counted), SUM(confirmed) "
            f"FROM ({each}) w JOIN shown ON shown.id = w.action_id GROUP BY capacity",
            (*more, *params),
        )
        found = {capacity: Points(*map(int, figures)) for capacity, *figures in cursor.fetchall()}
    return {capacity: found[capacity] for capacity in ActionCapacity if capacity in found}
