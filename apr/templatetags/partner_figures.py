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
from apr.partner_actions import WAYS, Exchange, actions_with, exchange, is_from_partner
from apr.partner_figures import (
    PartnerCard,
    PartnerFigure,
    last_dates,
    last_partner_actions,
    partner_cards,
    this_year,
)
from apr.partner_goals import GoalStanding, goal_actions, goal_deals, standings
from apr.periods import Period, PeriodKind, parse_period, period_containing
from apr.permissions import may_read_notes
from foundation.errors import InvalidInput
from opportunities.models import Obstacle, Opportunity
from partners.models import GoalSide, Partner, PartnerGoal

register = template.Library()
EVER = "ever"
PERIODS = {
    PeriodKind.MONTH.value: _("Month"),
    PeriodKind.QUARTER.value: _("Quarter"),
    PeriodKind.YEAR.value: _("Year"),
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
WAY_WORDS = {
    "both": _("Actions, both ways"),
    "ours": _("Actions, ours to them"),
    "theirs": _("Actions, theirs to us"),
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
    previous_key: str
    next_key: str
    exchange: Exchange
    way: str
    way_label: str | Promise
    actions: list[Action]

    @property
    def actions_left(self) -> int:
        """How many actions the page does not hold."""
        return int(getattr(self.exchange, self.way)) - len(self.actions) if self.way else 0

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
    cards = partner_cards(ids, user, this_year(organisation), organisation)
    dates = last_dates(ids, user)
    return [PartnerRow(one, cards[one.pk], dates.get(one.pk)) for one in partners]


@register.simple_tag(takes_context=True)
def partner_page(context: Context, partner: Partner) -> PartnerPage:
    """`{% partner_page partner as brought %}`: by `?period=`, `?deals=` (a figure) and `?actions=` (a way).

    Blocks of a page share no variables, so it is counted once for each page and kept beside it.
    """
    kept = cast("dict[str, PartnerPage]", context.render_context)
    key = f"partner page {partner.pk}"
    if key not in kept:
        kept[key] = _partner_page(context["request"], partner)
    return kept[key]


def _partner_page(request: Any, partner: Partner) -> PartnerPage:
    organisation, user = Organisation.current(), request.user
    period = _asked_period(request.GET.get("period", ""), organisation)
    card = partner_cards([partner.pk], user, period, organisation)[partner.pk]
    chosen, way = request.GET.get("deals", ""), request.GET.get("actions", "")
    chosen, way = chosen if chosen in ROWS else "open", way if way in WAYS else ""
    actions = actions_with(partner.pk, user, period, way).order_by("-occurred_at", "-pk") if way else None
    about = ("action_type", "actor", "counterpart", "opportunity")
    return PartnerPage(
        card=card,
        period_key=period.key if period else EVER,
        period_label=period.label(get_language() or "en") if period else _t("so far"),
        periods=_kinds(period, organisation),
        choices=[(name, words, getattr(card, name).count, name == chosen) for name, words in ROWS.items()],
        chosen_label=ROWS[chosen],
        rows=getattr(card, chosen),
        previous_key=period.previous().key if period else "",
        next_key=period.next().key if period and period.end <= organisation.today() else "",
        exchange=exchange(partner.pk, user, period, organisation),
        way=way,
        way_label=WAY_WORDS.get(way, ""),
        actions=list(actions.select_related(*about)[:SHOWN_DEALS]) if actions is not None else [],
    )


def _asked_period(asked: str, organisation: Organisation) -> Period | None:
    """The period by its key or its length; None for all time, this year where nothing else is named."""
    if asked in PERIODS:
        return _period(asked, organisation)
    try:
        return parse_period(asked, organisation.fiscal_first_month)
    except InvalidInput:
        return _period(PeriodKind.YEAR.value, organisation)


def _kinds(period: Period | None, organisation: Organisation) -> list[tuple[str, str | Promise, bool]]:
    """The lengths to choose from: key, word, whether it is the one shown; around the same days."""
    today = organisation.today()
    anchor = today if period is None or period.contains(today) else period.start
    found: list[tuple[str, str | Promise, bool]] = []
    for name, words in PERIODS.items():
        if name == EVER:
            found.append((EVER, words, period is None))
        else:
            same = period_containing(anchor, PeriodKind(name), organisation.fiscal_first_month)
            found.append((same.key, words, same == period))
    return found


def _period(key: str, organisation: Organisation) -> Period | None:
    if key == EVER:
        return None
    return period_containing(organisation.today(), PeriodKind(key), organisation.fiscal_first_month)


@dataclass(frozen=True)
class GoalsOfSide:
    """The goals of one side, those that stand by their due dates, then those retired."""

    side: str
    label: str | Promise
    standing: list[GoalStanding]
    retired: list[GoalStanding]


@register.simple_tag(takes_context=True)
def partner_goals(context: Context, partner: Partner) -> list[GoalsOfSide]:
    """`{% partner_goals partner as sides %}`: ours, then theirs, each with how far it is."""
    found = standings(PartnerGoal.objects.filter(partner=partner), context["request"].user)
    return [
        GoalsOfSide(
            side.value,
            side.label,
            [one for one in found if one.goal.side == side and one.goal.retired_at is None],
            [one for one in found if one.goal.side == side and one.goal.retired_at is not None],
        )
        for side in GoalSide
    ]


@dataclass(frozen=True)
class GoalPage:
    """How far a goal is, and the rows that it counts, as many as a page holds."""

    standing: GoalStanding
    deals: list[Opportunity]
    actions: list[Action]


@register.simple_tag(takes_context=True)
def goal_page(context: Context, goal: PartnerGoal) -> GoalPage:
    """`{% goal_page goal as reached %}`; blocks of a page share it."""
    kept = cast("dict[str, GoalPage]", context.render_context)
    key = f"goal page {goal.pk}"
    if key not in kept:
        user: User = context["request"].user
        deals = goal_deals(goal, user).select_related("customer", "owner", "stage")
        actions = goal_actions(goal, user).select_related("actor", "action_type", "opportunity")
        (standing,) = standings([goal], user)
        kept[key] = GoalPage(standing, list(deals[:SHOWN_DEALS]), list(actions[:SHOWN_DEALS]))
    return kept[key]


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
            is_from_partner(action),
            action.notes if may_read_notes(user, action) else "",
        )
        for action in last_partner_actions(partner.pk, user, SHOWN_ACTIONS)
    ]


@register.simple_tag
def partner_obstacles(partner: Partner, reader: User) -> int:
    """`{% partner_obstacles partner user as waiting %}`: how many obstacles wait for this partner and for the
    reader."""
    return Obstacle.objects.visible_to(reader).waiting_for(reader).asking(partner).count()
