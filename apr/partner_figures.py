"""What partners bring: sourced and influenced results, open pipeline, win rate, cycle time, and their deals.

A figure is one object with two answers, its value and its deals, so a number and its list cannot disagree.
Only deals that the reader sees are counted.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import cached_property
from statistics import median
from typing import Any

from django.db.models import Max

from accounts.models import Organisation, User
from accounts.rates import Rates
from apr.models import Action
from apr.periods import Period, PeriodKind, period_containing
from foundation.money import Money
from opportunities.models import InvolvementKind, Opportunity, OpportunityStatus, PartnerInvolvement


@dataclass(frozen=True)
class PartnerDeal:
    """A deal with what the partner does for it, and its amount in the reporting currency.

    `price` is None where the amount is not set, or where `currency` has no rate on the day.
    """

    deal: Opportunity
    kinds: tuple[str, ...]
    price: int | None

    @property
    def is_sourced(self) -> bool:
        """Whether the partner brought the deal; otherwise it influenced it."""
        return InvolvementKind.SOURCED in self.kinds

    @property
    def kind_words(self) -> str:
        """What the partner does, in words."""
        return ", ".join(str(InvolvementKind(kind).label) for kind in self.kinds)

    @property
    def cycle_days(self) -> int | None:
        """Calendar days from the opening to the close; None while open."""
        return (self.deal.closed_on - self.deal.opened_on).days if self.deal.closed_on else None


@dataclass(frozen=True)
class PartnerFigure:
    """Some deals of a partner: how many, and worth what together."""

    deals: Sequence[PartnerDeal]
    currency: str

    @property
    def count(self) -> int:
        """How many deals."""
        return len(self.deals)

    @property
    def amount(self) -> Money:
        """Their amounts in the reporting currency, each converted by itself."""
        return Money(sum(one.price or 0 for one in self.deals), self.currency)

    @property
    def weighted(self) -> Money:
        """The same, each by the probability of its stage, rounded down."""
        parts = ((one.price or 0) * one.deal.stage.probability // 100 for one in self.deals)
        return Money(sum(parts), self.currency)

    @property
    def without_rate(self) -> list[str]:
        """Currencies whose amounts are left out of the sums, because no rate was in force."""
        missing = {
            one.deal.currency for one in self.deals if one.price is None and one.deal.amount_minor is not None
        }
        return sorted(missing)


@dataclass(frozen=True)
class PartnerCard:
    """What one partner brought in a period (None: ever), and what is open now."""

    period: Period | None
    currency: str
    all_deals: list[PartnerDeal] = field(default_factory=list)

    def _figure(self, deals: Iterable[PartnerDeal]) -> PartnerFigure:
        return PartnerFigure(list(deals), self.currency)

    def _closed(self, status: str) -> list[PartnerDeal]:
        return [
            one
            for one in self.all_deals
            if one.deal.status == status and (self.period is None or _closed_in(one.deal, self.period))
        ]

    @cached_property
    def open(self) -> PartnerFigure:
        """Deals open today, whatever the period."""
        return self._figure(one for one in self.all_deals if one.deal.is_open)

    @cached_property
    def won(self) -> PartnerFigure:
        """Deals won."""
        return self._figure(self._closed(OpportunityStatus.WON))

    @cached_property
    def lost(self) -> PartnerFigure:
        """Deals lost."""
        return self._figure(self._closed(OpportunityStatus.LOST))

    @cached_property
    def sourced_won(self) -> PartnerFigure:
        """Deals won that the partner brought."""
        return self._figure(one for one in self.won.deals if one.is_sourced)

    @cached_property
    def influenced_won(self) -> PartnerFigure:
        """Deals won that the partner was on without having brought them."""
        return self._figure(one for one in self.won.deals if not one.is_sourced)

    @cached_property
    def closed(self) -> PartnerFigure:
        """Deals won or lost, the last close first."""
        both = [*self.won.deals, *self.lost.deals]
        return self._figure(sorted(both, key=lambda one: one.deal.closed_on or date.min, reverse=True))

    @property
    def win_rate(self) -> Fraction | None:
        """Won / (won + lost); None where nothing closed."""
        return Fraction(self.won.count, self.closed.count) if self.closed.count else None

    @property
    def cycle_days(self) -> int | None:
        """The median of calendar days from opening to winning, half to even; None where nothing was won."""
        days = [Fraction(one.cycle_days or 0) for one in self.won.deals]
        return round(median(days)) if days else None

    @property
    def without_rate(self) -> list[str]:
        """Currencies that a figure of the card leaves out."""
        return sorted({*self.open.without_rate, *self.won.without_rate})


def partner_cards(
    partner_ids: Collection[int], user: User, period: Period | None, organisation: Organisation
) -> dict[int, PartnerCard]:
    """A card for each partner, of the deals that `user` sees. One query, and one for rates where needed."""
    rates, today = Rates(organisation.reporting_currency), organisation.today()
    rows = (
        PartnerInvolvement.objects.filter(
            partner__in=partner_ids, opportunity__in=Opportunity.objects.visible_to(user).order_by()
        )
        .select_related(
            "opportunity__stage",
            "opportunity__customer",
            "opportunity__owner",
            "opportunity__partner_manager",
        )
        .order_by("opportunity__expected_close_on", "opportunity_id", "id")
    )
    kinds: dict[tuple[int, int], list[str]] = defaultdict(list)
    deals: dict[tuple[int, int], Opportunity] = {}
    for row in rows:
        key = (row.partner_id, row.opportunity_id)
        kinds[key].append(row.kind)
        deals[key] = row.opportunity
    cards = {pk: PartnerCard(period, organisation.reporting_currency) for pk in partner_ids}
    for key, deal in deals.items():
        price = None
        if deal.amount_minor is not None:
            price = rates.price(deal.amount_minor, deal.currency, deal.closed_on or today)
        cards[key[0]].all_deals.append(PartnerDeal(deal, tuple(kinds[key]), price))
    return cards


def _closed_in(deal: Opportunity, period: Period) -> bool:
    return deal.closed_on is not None and period.contains(deal.closed_on)


def last_partner_actions(partner_id: int, user: User, limit: int) -> list[Action]:
    """The last standing actions with a partner that `user` sees, newest first. One query."""
    seen = Action.objects.visible_to(user).standing().filter(partner=partner_id)
    rows = seen.select_related("action_type", "actor", "counterpart", "opportunity", "customer", "partner")
    return list(rows.order_by("-occurred_at", "-id")[:limit])


def last_dates(partner_ids: Collection[int], user: User) -> dict[int, date]:
    """The date of the last standing action with each partner that `user` sees. One query."""
    seen = Action.objects.visible_to(user).standing().filter(partner__in=partner_ids)
    return dict(seen.order_by().values_list("partner").annotate(Max("occurred_on")))


def this_year(organisation: Organisation) -> Period:
    """The period of the list of partners."""
    return period_containing(organisation.today(), PeriodKind.YEAR, organisation.fiscal_first_month)


def _of_cards(figure: Callable[[PartnerCard], Any]) -> Callable[[list[int], User], dict[int, Any]]:
    """A figure of this year's cards by partner, to sort a list by."""

    def values(partner_ids: list[int], user: User) -> dict[int, Any]:
        organisation = Organisation.current()
        cards = partner_cards(partner_ids, user, this_year(organisation), organisation)
        return {pk: figure(card) for pk, card in cards.items()}

    return values


# Column of the list → what it is sorted by; no value where the cell is empty.
SORTED_BY: dict[str, Callable[[list[int], User], dict[int, Any]]] = {
    "open": _of_cards(lambda card: card.open.amount.minor if card.open.count else None),
    "sourced": _of_cards(lambda card: card.sourced_won.amount.minor if card.sourced_won.count else None),
    "influenced": _of_cards(
        lambda card: card.influenced_won.amount.minor if card.influenced_won.count else None
    ),
    "win_rate": _of_cards(lambda card: card.win_rate),
    "cycle": _of_cards(lambda card: card.cycle_days),
    "last": last_dates,
}
