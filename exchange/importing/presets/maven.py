"""“CRM Sales Opportunities” by Maven Analytics: a public pipeline of 8,800 deals in three files.

Regional offices and managers become teams and leaders, agents account executives. Deals without any date
(stage Prospecting) count from the day of the import, because nothing says when they began.
"""

from datetime import date

from django.utils.translation import gettext as _

from exchange.importing.cells import Row
from exchange.importing.records import CustomerRecord, DealRecord, PersonRecord
from exchange.importing.world import World

FUNNEL = "Maven"
# The quarter before the first deal was engaged, so that everybody belongs to their team for all of it.
FIRST_DAY = date(2016, 10, 1)
STAGES = {name.casefold(): name for name in ("Prospecting", "Engaging", "Won", "Lost")}
NOT_GIVEN = "Not given"


def _person(row: Row, world: World, currency: str) -> PersonRecord | None:
    name = row.text("sales_agent", needed=True, most=150)
    manager = row.text("manager", needed=True, most=110)
    office = row.text("regional_office", needed=True, most=120)
    if not (name and manager and office):
        return None
    return PersonRecord(
        external_id=f"agent:{name}",
        name=name,
        team=_("Team of %(manager)s") % {"manager": manager},
        team_leader=manager,
        above=office,
        since=FIRST_DAY,
    )


def _customer(row: Row, world: World, currency: str) -> CustomerRecord | None:
    name = row.text("account", needed=True)
    if not name:
        return None
    return CustomerRecord(
        external_id=f"account:{name}",
        name=name,
        industry=row.text("sector", most=80),
        region=row.text("office_location", most=80),
    )


def _deal(row: Row, world: World, currency: str) -> DealRecord | None:
    before = len(row.complaints.found)
    identity = row.text("opportunity_id", needed=True)
    product = "GTX Pro" if row.text("product", needed=True) == "GTXPro" else row.text("product")
    row.known("sales_agent", world.people, needed=True)
    row.known("account", world.customers)
    stage = row.known("deal_stage", STAGES, needed=True)
    engaged, closed = row.day("engage_date"), row.day("close_date")
    amount = row.money("close_value", currency)
    _check_dates(row, world.today, stage, engaged, closed)
    if len(row.complaints.found) > before or stage is None:
        return None
    steps: tuple[tuple[str, date | None], ...] = (("Prospecting", None),)
    if stage != "Prospecting":
        steps = (("Engaging", engaged),) + (((stage, closed),) if stage != "Engaging" else ())
    account = row.text("account")
    return DealRecord(
        external_id=identity,
        name=_("%(product)s for %(account)s") % {"product": product, "account": account}
        if account
        else product,
        funnel=FUNNEL,
        owner=row.text("sales_agent"),
        steps=steps,
        customer=account,
        amount=amount,
        lost_reason=NOT_GIVEN if stage == "Lost" else "",
    )


def _check_dates(row: Row, today: date, stage: str | None, engaged: date | None, closed: date | None) -> None:
    """Won and lost deals have both dates, in order; open ones have no close."""
    if stage in ("Engaging", "Won", "Lost") and not row.text("engage_date"):
        row.complain("engage_date", _("A deal in %(stage)s needs this date.") % {"stage": stage})
    if stage in ("Won", "Lost") and not row.text("close_date"):
        row.complain("close_date", _("A deal in %(stage)s needs this date.") % {"stage": stage})
    if stage in ("Prospecting", "Engaging") and row.text("close_date"):
        row.complain("close_date", _("A deal in %(stage)s has no close yet.") % {"stage": stage})
    if engaged and closed and closed < engaged:
        row.complain("close_date", _("The close lies before the engage date."))
    for column, day in (("engage_date", engaged), ("close_date", closed)):
        if day and day > today:
            row.complain(column, _("This date lies in the future."))


LAYOUTS = {
    "teams": (("sales_agent", "manager", "regional_office"), _person),
    "customers": (("account", "sector", "office_location"), _customer),
    "opportunities": (
        (
            "opportunity_id",
            "sales_agent",
            "product",
            "account",
            "deal_stage",
            "engage_date",
            "close_date",
            "close_value",
        ),
        _deal,
    ),
}
