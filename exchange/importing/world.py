"""What is here already, by the names that files use. Each list is read once, when first asked for."""

from collections.abc import Iterable
from functools import cached_property
from typing import TypeVar

from accounts.models import Organisation, Team, User
from opportunities.models import Customer, Funnel, InvolvementKind, LostReason, Stage
from partners.models import Partner, PartnerType

Thing = TypeVar("Thing")


class World:
    """Look-ups for one import. Names are compared without regard to case; a doubled name is nobody's."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.organisation = Organisation.current()
        self.today = self.organisation.today()

    @cached_property
    def people(self) -> dict[str, User]:
        """People by name and by e-mail address."""
        users = list(User.objects.active())
        return {**_unique((u.name, u) for u in users), **_unique((u.email, u) for u in users if u.email)}

    @cached_property
    def teams(self) -> dict[str, Team]:
        """Teams by name."""
        return _unique((team.name, team) for team in Team.objects.active())

    @cached_property
    def customers(self) -> dict[str, Customer]:
        """Customers by name."""
        return _unique((customer.name, customer) for customer in Customer.objects.all())

    @cached_property
    def partners(self) -> dict[str, Partner]:
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
    def lost_reasons(self) -> dict[str, LostReason]:
        """Reasons for a loss by name."""
        return _unique((reason.name, reason) for reason in LostReason.objects.all())

    kinds = {kind.value: kind for kind in InvolvementKind}
    partner_types = {kind.value: kind for kind in PartnerType}


def _unique(pairs: Iterable[tuple[str | None, Thing]]) -> dict[str, Thing]:
    found: dict[str, Thing] = {}
    doubled = set()
    for name, thing in pairs:
        key = (name or "").casefold()
        if key in found:
            doubled.add(key)
        found[key] = thing
    return {key: thing for key, thing in found.items() if key not in doubled}
