"""What partners bring and what is done for them, on the pages of partners (which do not know deals)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from django import template
from django.template import Context
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from apr.models import Action
from apr.partner_figures import (
    PartnerCard,
    PartnerFigure,
    last_dates,
    last_partner_actions,
    partner_cards,
)
from apr.periods import Period, PeriodKind, period_containing
from apr.permissions import may_read_notes
from partners.models import Partner

register = template.Library()
EVER = "ever"
PERIODS = {
    PeriodKind.QUARTER.value: _("This quarter"),
    PeriodKind.YEAR.value: _("This year"),
    EVER: _("All time"),
}
ROWS = {
    "open": _("Open"),
    "won": _("Won"),
    "sourced_won": _("Sourced and won"),
    "influenced_won": _("Influenced and won"),
    "lost": _("Lost"),
    "closed": _("Won and lost"),
}
SHOWN_DEALS = 50
SHOWN_ACTIONS = 8


@dataclass(frozen=True)
class PartnerRow:
    """A partner in the list with its figures and the date of the last action with it."""

    partner: Partner
    card: PartnerCard
    last_on: date | None


@dataclass(frozen=True)
class PartnerPage:
    """What the page of a partner shows of its deals: `rows` are the deals of the figure `chosen`."""

    card: PartnerCard
    period_key: str
    period_label: str
    periods: list[tuple[str, str | Promise, bool]]
    choices: list[tuple[str, str | Promise, int, bool]]
    chosen_label: str | Promise
    rows: PartnerFigure

    @property
    def shown(self) -> Sequence[Any]:
        """The first rows, as many as a page holds."""
        return self.rows.deals[:SHOWN_DEALS]

    @property
    def left(self) -> int:
        """How many rows the page does not hold."""
        return max(self.rows.count - SHOWN_DEALS, 0)


@register.simple_tag(takes_context=True)
def partner_rows(context: Context, partners: Sequence[Partner]) -> list[PartnerRow]:
    """`{% partner_rows partners as rows %}`: their figures of this fiscal year, in a few queries."""
    user: User = context["request"].user
    organisation: Organisation = context["organisation"]
    ids = [partner.pk for partner in partners]
    cards = partner_cards(ids, user, _period(PeriodKind.YEAR.value, organisation), organisation)
    dates = last_dates(ids, user)
    return [PartnerRow(one, cards[one.pk], dates.get(one.pk)) for one in partners]


@register.simple_tag(takes_context=True)
def partner_page(context: Context, partner: Partner) -> PartnerPage:
    """`{% partner_page partner as brought %}`: by `?period=` (quarter, year, ever) and `?deals=` (a figure).

    Blocks of a page share no variables, so it is counted once for each page and kept beside it.
    """
    kept = cast("dict[str, PartnerPage]", context.render_context)
    key = f"partner page {partner.pk}"
    if key not in kept:
        kept[key] = _partner_page(context["request"], partner)
    return kept[key]


def _partner_page(request: Any, partner: Partner) -> PartnerPage:
    organisation = Organisation.current()
    key = request.GET.get("period", "")
    key = key if key in PERIODS else PeriodKind.YEAR.value
    period = _period(key, organisation)
    card = partner_cards([partner.pk], request.user, period, organisation)[partner.pk]
    chosen = request.GET.get("deals", "")
    chosen = chosen if chosen in ROWS else "open"
    return PartnerPage(
        card=card,
        period_key=key,
        period_label=period.label(get_language() or "en") if period else _t("so far"),
        periods=[(name, words, name == key) for name, words in PERIODS.items()],
        choices=[(name, words, getattr(card, name).count, name == chosen) for name, words in ROWS.items()],
        chosen_label=ROWS[chosen],
        rows=getattr(card, chosen),
    )


def _period(key: str, organisation: Organisation) -> Period | None:
    if key == EVER:
        return None
    return period_containing(organisation.today(), PeriodKind(key), organisation.fiscal_first_month)


@dataclass(frozen=True)
class PartnerAction:
    """An action with a partner, whether the partner came to us, and its note if the reader may read it."""

    action: Action
    is_from_partner: bool
    note: str


@register.simple_tag(takes_context=True)
def partner_actions(context: Context, partner: Partner) -> list[PartnerAction]:
    """`{% partner_actions partner as actions %}`: the last ones, both ways, newest first."""
    user: User = context["request"].user
    return [
        PartnerAction(
            action,
            action.action_type.key == "call_from",
            action.notes if may_read_notes(user, action) else "",
        )
        for action in last_partner_actions(partner.pk, user, SHOWN_ACTIONS)
    ]
