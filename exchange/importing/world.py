"""What is here already, by the names that files use. Each list is read once, when first asked for."""

from collections.abc import Iterable
from functools import cached_property
from typing import TypeVar

from accounts.models import Organisation, User
from apr.models import ActionType
from opportunities.models import Customer, Funnel, InvolvementKind, LostReason, Opportunity, Stage
from partners.models import Partner, PartnerType

Thing = TypeVar("Thing")


class World:
    """Look-ups for one import. Names are compared without regard to case; a doubled name stands for None."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.organisation = Organisation.current()
        self.today = self.organisation.today()

    @cached_property
    def people(self) -> dict[str, User | None]:
        """People by name and by e-mail address."""
        users = list(User.objects.active().prefetch_related("role_grants"))
        return {**_unique((u.name, u) for u in users), **_unique((str(u.email), u) for u in users if u.email)}

    @cached_property
    def addresses(self) -> dict[str, str]:
        """Who has which e-mail address: the id in this source, or another name for everybody else."""
        users = User.objects.filter(email__isnull=False)
        return {
            str(user.email): user.external_id if user.external_source == self.source else f"person {user.pk}"
            for user in users
        }

    @cached_property
    def customers(self) -> dict[str, Customer | None]:
        """Customers by name."""
        return _unique((customer.name, customer) for customer in Customer.objects.all())

    @cached_property
    def partners(self) -> dict[str, Partner | None]:
        """Partners by name."""
        return _unique((partner.name, partner) for partner in Partner.objects.all())

    @cached_property
    def stages(self) -> dict[str, dict[str, Stage]]:
        """Stages in use by funnel and name."""
        found: dict[str, dict[str, Stage]] = {}
        for stage in Stage.objects.filter(is_active=True).select_related("funnel"):
            found.setdefault(stage.funnel.name.casefold(), {})[stage.name.casefold()] = stage
        return found

    @cached_property
    def default_funnel(self) -> str:
        """The name of the funnel that deals go through unless told otherwise."""
        return Funnel.objects.get(is_default=True).name

    @cached_property
    def lost_reasons(self) -> dict[str, LostReason | None]:
        """Reasons for a loss by name."""
        return _unique((reason.name, reason) for reason in LostReason.objects.all())

    @cached_property
    def deals(self) -> dict[str, Opportunity | None]:
        """Deals of the same source by their id there."""
        known = Opportunity.objects.filter(external_source=self.source).select_related("customer")
        return _unique((deal.external_id, deal) for deal in known)

    @cached_property
    def action_types(self) -> dict[str, ActionType | None]:
        """Action types in use by key and by name."""
        types = list(ActionType.objects.filter(is_active=True))
        return {**_unique((one.name, one) for one in types), **_unique((one.key, one) for one in types)}

    kinds = {kind.value: kind for kind in InvolvementKind}
    partner_types = {kind.value: kind for kind in PartnerType}


def _unique(pairs: Iterable[tuple[str, Thing]]) -> dict[str, Thing | None]:
    """Things by name; None stands for a name that several have."""
    found: dict[str, Thing | None] = {}
    for name, thing in pairs:
        key = name.casefold()
        found[key] = None if key in found else thing
    return found
