"""The open deals of people: how each is accompanied and kept, for as many people as a team has."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q

from accounts.models import Role, User
from apr.discipline import Checked, DealFacts, checks_of, passed
from apr.involvement import Deed, Involvement, deeds_of, involvement_of, silence
from apr.mending import Mend, mends_of
from foundation.money import Money
from opportunities.measures import Measures
from opportunities.models import Opportunity, StageChange
from opportunities.visits import visits_of


@dataclass(frozen=True)
class OpenDeal:
    """An open deal as it concerns a person: the last action that counts for them, whole working days since,
    and whether too many; its visits and checks.
    """

    deal: Opportunity
    last: date | None
    days: int
    is_quiet: bool
    involvement: Involvement
    checks: list[Checked]

    @property
    def passed(self) -> int:
        """How many checks hold."""
        return passed(self.checks)

    @property
    def mends(self) -> list[Mend]:
        """The checks that fail, each with where it is mended."""
        return mends_of(self.deal, self.checks)

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
    def listed(self) -> list[OpenDeal]:
        """All of them, the longest silence first."""
        return sorted(self.deals, key=lambda one: (-one.days, one.deal.name))

    @property
    def quiet(self) -> list[OpenDeal]:
        """Those that are silent, the longest first."""
        return [one for one in self.listed if one.is_quiet]

    @property
    def failing(self) -> list[OpenDeal]:
        """Those that fail a check, by name."""
        return sorted(
            (one for one in self.deals if one.passed < len(one.checks)), key=lambda one: one.deal.name
        )

    @property
    def longest(self) -> int:
        """Working days of the longest silence that still runs."""
        return max((one.days for one in self.deals), default=0)

    @property
    def checks(self) -> int:
        """Checks that apply."""
        return sum(len(one.checks) for one in self.deals)

    @property
    def passed(self) -> int:
        """Checks that hold."""
        return sum(one.passed for one in self.deals)


def open_deals(
    partner_managers: Collection[int],
    account_executives: Collection[int],
    *,
    viewer: User,
    measures: Measures,
) -> dict[int, OpenDeals]:
    """The open deals of each of these people that the viewer sees. Three queries.

    A deal is silent for a partner manager when none of them acted for longer than the organisation's limit,
    for an account executive when nobody did for longer than its stage allows.
    """
    deals = list(
        Opportunity.objects.visible_to(viewer)
        .open()
        .filter(Q(partner_manager__in=partner_managers) | Q(owner__in=account_executives))
        .select_related("stage", "owner", "partner_manager")
        .with_next_step()
        .with_partner()
    )
    steps: dict[int, list[StageChange]] = defaultdict(list)
    ids = [deal.pk for deal in deals]
    for step in StageChange.objects.filter(opportunity__in=ids).order_by("effective_at", "id"):
        steps[step.opportunity_id].append(step)
    deeds = deeds_of(ids)
    found: dict[int, list[OpenDeal]] = defaultdict(list)
    for deal in deals:
        one = _Told(deal, steps[deal.pk], deeds.get(deal.pk, []), measures)
        pm, owner = deal.partner_manager_id, deal.owner_id
        if pm is not None and pm in partner_managers:
            found[pm].append(one.for_partner_manager())
        if owner is not None and owner in account_executives:
            found[owner].append(one.for_account_executive())
    return {pk: OpenDeals(own) for pk, own in found.items()}


def open_deals_of(person: User, viewer: User) -> OpenDeals | None:
    """Those of one person as the viewer sees them; None for whom deals do not concern."""
    as_pm, as_ae = Role.PARTNER_MANAGER in person.roles, Role.ACCOUNT_EXECUTIVE in person.roles
    if not as_pm and not as_ae:
        return None
    own = {person.pk}
    found = open_deals(own if as_pm else (), own if as_ae else (), viewer=viewer, measures=Measures.now())
    return found.get(person.pk, OpenDeals())


def quiet_count(every: Iterable[OpenDeals]) -> int:
    """How many deals are silent, each once."""
    return len({one.deal.pk for own in every for one in own.quiet})


def facts_of(deal: Any, found: Involvement, silent_days: int) -> DealFacts:
    """What the checks look at; `deal` has what `with_next_step` and `with_partner` add."""
    now = found.visits[-1] if found.visits else None
    return DealFacts(
        next_step_due_on=deal.next_step_due_on,
        expected_close_on=deal.expected_close_on,
        silent_days=silent_days,
        allowed_silence_days=now.visit.allowed_silence_days if now else None,
        days_in_stage=now.days if now else 0,
        expected_days=now.visit.expected_days if now else None,
        has_amount=deal.amount_minor is not None,
        has_partner_manager=deal.partner_manager_id is not None,
        has_partner=bool(deal.partner_kind),
    )


class _Told:
    """A deal with its story, measured once however many people stand on it."""

    def __init__(
        self, deal: Opportunity, steps: list[StageChange], deeds: list[Deed], measures: Measures
    ) -> None:
        self.deal, self.measures = deal, measures
        self.last_pm = max((deed.occurred_on for deed in deeds if deed.is_pm), default=None)
        self.last = max((deed.occurred_on for deed in deeds), default=None)
        self.involvement = involvement_of(
            visits_of(steps),
            deeds,
            calendar=measures.calendar,
            today=measures.today,
            expected_close_on=deal.expected_close_on,
        )
        facts = facts_of(deal, self.involvement, self._silence(self.last))
        self.checks = checks_of(facts, measures.today)

    def for_partner_manager(self) -> OpenDeal:
        return self._told(self.last_pm, self.measures.organisation.silence_days)

    def for_account_executive(self) -> OpenDeal:
        allowed = self.deal.stage.allowed_silence_days
        return self._told(self.last, allowed or self.measures.organisation.silence_days)

    def _told(self, last: date | None, limit: int) -> OpenDeal:
        days = self._silence(last)
        return OpenDeal(self.deal, last, days, days > limit, self.involvement, self.checks)

    def _silence(self, last: date | None) -> int:
        return silence(
            last,
            self.involvement.open_since or self.deal.opened_on,
            self.measures.today,
            self.measures.calendar,
        )
