"""What came of the work of a pair together, beside what came of the rest."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.db.models import Exists, OuterRef

from accounts.models import Organisation, User
from accounts.rates import Rates
from apr.joint.figures import Amount, Outcomes
from apr.joint.rows import Shared, Window, closed_in
from apr.models import CreditKind
from apr.rollup.credits import credits_of
from apr.scorecards import results_of_people
from apr.scorecards.expectations import Frame
from foundation.money import Money
from opportunities.models import Assignment, Capacity, Opportunity, OpportunityStatus

OF_OWNERS = {CreditKind.WON, CreditKind.LOST}
OF_MANAGERS = {
    CreditKind.SOURCED_WON,
    CreditKind.INFLUENCED_WON,
    CreditKind.SUPPORTED_WON,
    CreditKind.SUPPORTED_LOST,
}


def outcomes_of(
    pm: User, ae: User, deals: Iterable[Shared], window: Window, frame: Frame, today: date | None
) -> Outcomes:
    """The outcomes of the shared deals and of both people, whose frame it is; `today` as the caller was
    asked."""
    rates = Rates(Organisation.current().reporting_currency)
    sets: dict[str, list[Opportunity]] = defaultdict(list)
    for one in deals:
        deal = one.story.deal
        sets[deal.status if closed_in(one, window) else OpportunityStatus.OPEN].append(deal)
    alone = _closed_alone(ae, window)
    both = results_of_people((pm, ae), window.period, today=today, frame=frame)
    return Outcomes(
        pipeline=_amount(sets[OpportunityStatus.OPEN], rates, window.today),
        won=_amount(sets[OpportunityStatus.WON], rates, window.today),
        lost=_amount(sets[OpportunityStatus.LOST], rates, window.today),
        alone_won=alone.count(CreditKind.WON),
        alone_lost=alone.count(CreditKind.LOST),
        pm_results=both[pm.pk],
        ae_results=both[ae.pk],
    )


def _amount(deals: list[Opportunity], rates: Rates, today: date) -> Amount:
    """Their money, each at the rate of its close, or of today while it is open."""
    minor, left_out = 0, defaultdict[str, int](int)
    for deal in deals:
        if deal.amount_minor is not None:
            priced = rates.price(deal.amount_minor, deal.currency, deal.closed_on or today)
            if priced is None:
                left_out[deal.currency] += deal.amount_minor
            minor += priced or 0
    rest = tuple(Money(left_out[code], code) for code in sorted(left_out))
    return Amount(len(deals), Money(minor, rates.reporting_currency), rest)


def _closed_alone(ae: User, window: Window) -> list[str]:
    """`won` or `lost` of each deal that closed in the period with this owner and no partner manager."""
    if not window.has_begun:
        return []
    owned = Assignment.objects.filter(
        opportunity=OuterRef("pk"), user=ae, capacity=Capacity.ACCOUNT_EXECUTIVE
    )
    closed = Opportunity.objects.filter(
        Exists(owned), closed_on__gte=window.period.start, closed_on__lte=window.last_day
    )
    found = list(credits_of(closed))
    accompanied = {credit.opportunity_id for credit in found if credit.kind in OF_MANAGERS}
    return [
        credit.kind
        for credit in found
        if credit.kind in OF_OWNERS and credit.user_id == ae.pk and credit.opportunity_id not in accompanied
    ]
