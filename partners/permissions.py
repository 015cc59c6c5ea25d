"""What a person may do with partners: one predicate per act."""

from accounts.models import Role, User
from accounts.permissions import leads
from partners.models import Partner


def may_add_partner(user: User) -> bool:
    """Whether `user` may enter a new partner: partner managers, leaders and administrators."""
    return user.is_active and bool({Role.PARTNER_MANAGER, Role.LEADER, Role.ADMIN} & user.roles)


def may_edit_partner(user: User, partner: Partner) -> bool:
    """Whether `user` may change a partner and its contacts: who looks after it today, who leads them."""
    if not user.is_active or user.is_admin:
        return user.is_active
    managers = {row.user for row in partner.managements.on(user.today()).select_related("user")}
    return user in managers or any(leads(user, manager) for manager in managers)


def may_set_goals(user: User, partner: Partner) -> bool:
    """Whether `user` may set, change and retire its goals, and enter progress: as for the partner itself."""
    return may_edit_partner(user, partner)
