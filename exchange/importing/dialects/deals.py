"""Deals as rows tell them: the stage, the steps that led there, the days, the people, the money."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from exchange.importing.dialects.cells import Cells
from exchange.importing.dialects.funnels import kind_of_name
from exchange.importing.dialects.values import code_of
from exchange.importing.records import DealRecord
from foundation.money import InvalidMoney, currency_digits
from opportunities.models import InvolvementKind, Stage, StageKind

Steps = tuple[tuple[str, date | datetime | None], ...]


@dataclass(frozen=True)
class Days:
    """When a deal was opened, should close and did close, as far as its row says."""

    opened: date | None
    expected: date | None
    closed: date | None


def deal(row: Cells, currency: str, history: dict[str, list[tuple[datetime, str]]]) -> DealRecord | None:
    """A deal, or None where its stage cannot be told. `history` has the steps of the deals by their ids."""
    name = row.text("name", 200, needed=True)
    customer = row.names("customers", "customer", "customer_id")
    owner = row.names("people", "owner", "owner_id") or _default_owner(row)
    manager, partner = row.names("people", "partner_manager"), row.names("partners", "partner")
    zone = row.world.organisation.tzinfo
    opened = row.day("opened", zone)
    identity = row.identity(name, customer, opened)
    standing = _standing(row)
    if standing is None:
        return None
    days = _days(row, standing[-1].kind, opened)
    lost = standing[-1].kind == StageKind.LOST
    code = _currency(row, currency)
    return DealRecord(
        external_id=identity,
        name=name,
        funnel=row.world.funnel.name,
        owner=owner,
        steps=_known_steps(row, history.get(identity, []), standing, days) or _steps(row, standing, days),
        customer=customer,
        partner_manager=manager,
        partner=partner,
        partner_kind=InvolvementKind.INFLUENCED.value if partner else "",
        amount=row.amount(code) if code else None,
        expected_close_on=days.expected,
        lost_reason=(row.names("lost_reasons", "lost_reason") or row.world.not_given()) if lost else "",
    )


def _default_owner(row: Cells) -> str:
    return f"@{row.world.choices.owner}" if row.world.choices.owner else ""


def _currency(row: Cells, usual: str) -> str:
    """The currency that the row says, else the usual one; "" for a word that names none."""
    told = row.text("currency", 40)
    code = (code_of(told) or told.upper()) if told else usual
    try:
        currency_digits(code)
    except InvalidMoney as refusal:
        row.complain("currency", refusal.message)
        return ""
    return code


def _standing(row: Cells) -> list[Stage] | None:
    """The stage where the deal stands, and the one in which it closed where another column tells of that."""
    name = row.text("stage", 80, needed=True)
    if not name:
        return None
    stage = row.world.funnel.stage(name)
    if stage is None:
        row.complain("stage", _("“%(value)s” is not known here.") % {"value": name[:60]})
        return None
    said = _said_kind(row)
    if said is None or said == stage.kind:
        return [stage]
    if stage.kind != StageKind.OPEN:
        row.complain(
            "stage",
            _("The stage says one thing and the column beside it another: %(kind)s.") % {"kind": said.label},
        )
        return None
    return [stage, row.world.funnel.closing(said)]


def _said_kind(row: Cells) -> StageKind | None:
    """Whether the deal is open, won or lost, where a column of its own says so."""
    if status := row.text("status"):
        kind = kind_of_name(status)
        return kind if kind != StageKind.OPEN or status.casefold() in {"open", "offen", "abierto"} else None
    if row.yes("is_won"):
        return StageKind.WON
    return StageKind.LOST if row.yes("is_closed") and "is_won" in row.columns else None


def _days(row: Cells, kind: str, opened: date | None) -> Days:
    """The days of a deal; what is impossible is noted, what no column says is told once for the file."""
    zone, today = row.world.organisation.tzinfo, row.world.today
    close, expected, closed = (row.day(field, zone) for field in ("close", "expected_close", "closed"))
    if kind == StageKind.OPEN:
        closed = None
    else:
        closed = closed or close
        if closed is None and not row.complaints.found:
            row.complain("close" if "close" in row.columns else "closed", _("A closed deal needs this date."))
    for field, day in (("opened", opened), ("closed" if row.text("closed") else "close", closed)):
        if day and day > today:
            row.complain(field, _("This date lies in the future."))
    if opened is None and closed is None:
        row.world.tell(
            _("Open deals without a date of opening, which count from the day of the import: %(count)s.")
        )
    elif closed and opened is None:
        row.world.tell(
            _("Closed deals without a date of opening, which count as opened on their close: %(count)s.")
        )
    elif closed and opened and opened > closed:
        row.world.tell(_("Deals written down after their close, which count as opened on it: %(count)s."))
        opened = closed
    return Days(opened or closed, expected or close, closed)


def _steps(row: Cells, standing: list[Stage], days: Days) -> Steps:
    """The steps of a deal of which only the last is known: opened in an open stage, and the close."""
    last = standing[-1]
    if last.kind == StageKind.OPEN:
        return ((last.name, days.opened),)
    begun = standing[0] if len(standing) > 1 else row.world.funnel.first_open()
    return ((begun.name, days.opened), (last.name, days.closed))


def _known_steps(
    row: Cells, told: list[tuple[datetime, str]], standing: list[Stage], days: Days
) -> Steps | None:
    """The steps that the history tells, one for each change of the stage.

    The close counts on the deal's own day where that lies after the step before it: by that day the other
    system counts as well. A history that ends elsewhere than the deal stands is refused with the row.
    """
    steps: list[tuple[Stage, date | datetime]] = []
    for at, name in sorted(told, key=lambda step: step[0]):
        stage = row.world.funnel.stage(name)
        if stage is None:
            row.complain("stage", _("“%(value)s” of its history is not known here.") % {"value": name[:60]})
            return None
        if not steps or steps[-1][0] is not stage:
            steps.append((stage, at))
    if not steps:
        return None
    if steps[-1][0] is not standing[-1]:
        words = _("The deal stands in %(stage)s, its history ends in %(last)s.")
        row.complain("stage", words % {"stage": standing[-1].name, "last": steps[-1][0].name})
        return None
    if (
        days.closed
        and (len(steps) == 1 or _date(steps[-2][1]) <= days.closed)
        and days.closed <= _date(steps[-1][1])
    ):
        steps[-1] = (steps[-1][0], days.closed)
    return tuple((stage.name, at) for stage, at in steps)


def _date(at: date | datetime) -> date:
    return at.date() if isinstance(at, datetime) else at
