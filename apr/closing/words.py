"""Why a row counts in another way than when its period was closed, in words."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from apr.closing.differences import ActionChange, DealChange
from apr.models import Action, Closing, KnownCredit
from foundation.money import Money
from foundation.wording import day_in_record, money_in_full, number, short_day
from opportunities.models import Opportunity

MINUS = "\N{MINUS SIGN}"


def signed(value: int) -> str:
    """`+2`, `−3`, `0`."""
    return f"{'+' if value > 0 else MINUS if value < 0 else ''}{number(abs(value))}"


def signed_money(minor: int, currency: str) -> str:
    """`+€1,200`, `−€300`, `€0`."""
    sign = "+" if minor > 0 else MINUS if minor < 0 else ""
    return f"{sign}{money_in_full(Money(abs(minor), currency))}"


def why_action(
    change: ActionChange,
    action: Action | None,
    closing: Closing,
    types: Mapping[int, str],
    *,
    elsewhere: bool,
) -> str:
    """What happened to an action. `action` is as it stands now, None where it is gone; `elsewhere` says that
    it was known of somebody else, or in another team."""
    if change.was is None:
        return _came(action, closing, elsewhere)
    if change.now is None:
        return _went(action, closing)
    was, now = change.was, change.now
    if was.action_type_id != now.action_type_id:
        return _("Was logged as %(type)s") % {"type": types.get(was.action_type_id, "?")}
    if was.day != now.day:
        return _("Moved here from %(day)s") % {"day": short_day(was.day)}
    if was.confirmation != now.confirmation:
        return _ANSWERS.get(now.confirmation, lambda: _("Answer taken back"))()
    if was.raw != now.raw:
        return _("Another point rule holds")
    return _("The day’s cap falls on it in another way")


_ANSWERS = {"confirmed": lambda: _("Confirmed since"), "disputed": lambda: _("Disputed since")}


def _came(action: Action | None, closing: Closing, elsewhere: bool) -> str:
    if elsewhere:
        return _("Counted elsewhere then")
    if action is None or closing.known_at is None or action.logged_at >= closing.known_at:
        logged = _("Logged on %(day)s") % {"day": short_day(action.logged_at)} if action else ""
        return logged or _("Logged later")
    return _("Corrected into this period")


def _went(action: Action | None, closing: Closing) -> str:
    if action is None:
        return _("Deleted")
    if action.voided_at is not None:
        return _("Voided on %(day)s") % {"day": short_day(action.voided_at)}
    if not closing.period.contains(action.occurred_on):
        return _("Moved to %(day)s") % {"day": day_in_record(action.occurred_on)}
    if not (action.opportunity_id or action.partner_id or action.customer_id or action.counterpart_id):
        return _("Names nobody any more whom it was about")
    return _("Counts elsewhere now")


def why_deal(
    change: DealChange, deal: Opportunity | None, closing: Closing, *, is_new: bool, elsewhere: bool
) -> str:
    """What happened to a deal. `deal` is as it stands now; `is_new` says that the figure is of deals opened,
    `elsewhere` that it was known in another figure or of somebody else."""
    was, now = change.was, change.now
    if was is None:
        return _("Counted elsewhere then") if elsewhere else _("Recorded since")
    if now is None:
        return _fell_out(deal, closing, is_new)
    if was.day != now.day:
        return _("Was dated %(day)s") % {"day": day_in_record(was.day)}
    if (was.amount_minor, was.currency) != (now.amount_minor, now.currency):
        return _("Was %(amount)s") % {"amount": _amount(was)}
    return _("Another exchange rate holds")


def _fell_out(deal: Opportunity | None, closing: Closing, is_new: bool) -> str:
    if deal is None:
        return _("Deleted")
    if is_new:
        return _("Opened on %(day)s now") % {"day": day_in_record(deal.opened_on)}
    if deal.is_open:
        return _("Open again")
    if deal.closed_on is not None and not closing.period.contains(deal.closed_on):
        return _("Closed on %(day)s now") % {"day": day_in_record(deal.closed_on)}
    return _("Counts elsewhere now")


def _amount(credit: KnownCredit) -> str:
    if credit.amount_minor is None:
        return _("without an amount")
    return money_in_full(Money(credit.amount_minor, credit.currency))
