"""Open deals of people and how long each has been silent, for as many people as a team has."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q

from accounts.calendar import WorkingCalendar
from accounts.models import Organisation, User
from apr.involvement import NEVER, last_actions, silence
from foundation.money import Money
from opportunities.models import Opportunity


@dataclass(frozen=True)
class OpenDeal:
    """An open deal: the last action that counts for it, whole working days since, and whether too many."""

    deal: Opportunity
    last: date | None
    days: int
    is_quiet: bool

    @property
    def weighted(self) -> Money | None:
        """Amount × probability of the stage, rounded down to minor units."""
        if self.deal.amount_minor is None:
            return None
        return Money(self.deal.amount_minor * self.deal.stage.probability // 100, self.deal.currency)


@dataclass(frozen=True)
class OpenDeals:
    """The open deals of a person: of a partner manager those they stand beside, else those they own."""

    deals: list[OpenDeal] = field(default_factory=list)

    @property
    def quiet(self) -> list[OpenDeal]:
        """Those that are silent, the longest first."""
        return sorted((one for one in self.deals if one.is_quiet), key=lambda one: (-one.days, one.deal.name))

    @property
    def longest(self) -> int:
        """Working days of the longest silence."""
        return max((one.days for one in self.deals), default=0)


def open_deals(
    partner_managers: Collection[int],
    account_executives: Collection[int],
    *,
    viewer: User,
    today: date,
    organisation: Organisation,
    calendar: WorkingCalendar,
) -> dict[int, OpenDeals]:
    """The open deals of each of these people that the viewer sees. Two queries.

    A deal is silent for a partner manager when none of them acted for longer than the organisation's limit,
    for an account executive when nobody did for longer than its stage allows.
    """
    deals = list(
        Opportunity.objects.visible_to(viewer)
        .open()
        .filter(Q(partner_manager__in=partner_managers) | Q(owner__in=account_executives))
        .select_related("stage", "owner", "partner_manager")
    )
    last = last_actions([deal.pk for deal in deals])
    found: dict[int, list[OpenDeal]] = defaultdict(list)
    for deal in deals:
        own, pm, owner = last.get(deal.pk, NEVER), deal.partner_manager_id, deal.owner_id
        if pm is not None and pm in partner_managers:
            found[pm].append(_one(deal, own.by_partner_manager, organisation.silence_days, today, calendar))
        if owner is not None and owner in account_executives:
            limit = deal.stage.allowed_silence_days or organisation.silence_days
            found[owner].append(_one(deal, own.by_anybody, limit, today, calendar))
    return {pk: OpenDeals(own) for pk, own in found.items()}


def quiet_count(every: Iterable[OpenDeals]) -> int:
    """How many deals are silent, each once."""
    return len({one.deal.pk for own in every for one in own.quiet})


def _one(
    deal: Opportunity, last: date | None, limit: int, today: date, calendar: WorkingCalendar
) -> OpenDeal:
    days = silence(last, deal.opened_on, today, calendar)
    return OpenDeal(deal, last, days, is_quiet=days > limit)
