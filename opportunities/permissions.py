"""What a person may do with a deal they see: one predicate per act. The AE drives; the PM stands beside."""

from collections.abc import Iterable

from accounts.models import Role, User
from accounts.permissions import acted_for_by, may_act_for
from opportunities.models import Commitment, Customer, HandOver, Obstacle, Opportunity


def may_begin(user: User) -> bool:
    """Whether `user` may open deals at all: everybody with a role."""
    return user.is_active and bool(set(Role) & user.roles)


def may_open(user: User, people: Iterable[User]) -> bool:
    """Whether `user` may open a deal with these people on it: one of them is theirs to act for."""
    return user.is_active and (user.is_admin or any(may_act_for(user, person) for person in people))


def may_edit_customer(user: User, customer: Customer) -> bool:
    """Whether `user` may change a customer: who works on one of its deals, and administrators."""
    return user.is_active and (
        user.is_admin or customer.opportunities.filter(assignments__user=user).exists()
    )


def may_move(user: User, deal: Opportunity) -> bool:
    """Whether `user` may change the stage: the owner, who leads them, and, while nobody owns it, its PM."""
    driver = deal.owner or deal.partner_manager
    return user.is_active and (user.is_admin or (driver is not None and may_act_for(user, driver)))


def movable(user: User, deals: Iterable[Opportunity]) -> set[int]:
    """The keys of those among many deals for which `may_move` holds, in few queries for all of them."""
    if user.is_admin:
        return {deal.pk for deal in deals} if user.is_active else set()
    theirs = acted_for_by(user)
    return {deal.pk for deal in deals if (deal.owner_id or deal.partner_manager_id) in theirs}


def may_edit(user: User, deal: Opportunity) -> bool:
    """Whether `user` may change amount, dates, customer, partners: both on the deal, and who leads them."""
    people = [person for person in (deal.owner, deal.partner_manager) if person is not None]
    return user.is_active and (user.is_admin or any(may_act_for(user, person) for person in people))


def may_assign(user: User, deal: Opportunity) -> bool:
    """Whether `user` may change who is on the deal: the same people as for its details."""
    return may_edit(user, deal)


def may_settle(user: User, commitment: Commitment) -> bool:
    """Whether `user` may say what became of a promise: who made it, who leads them."""
    return may_act_for(user, commitment.made_by)


def may_clear(user: User, obstacle: Obstacle) -> bool:
    """Whether `user` may clear an obstacle: who was asked to, and whoever may edit the deal."""
    return user == obstacle.assigned_to or may_edit(user, obstacle.opportunity)


def may_offer(user: User, deal: Opportunity) -> bool:
    """Whether `user` may offer a deal to an account executive: its partner manager, and who leads them."""
    return deal.partner_manager is not None and may_act_for(user, deal.partner_manager)


def may_answer(user: User, offer: HandOver) -> bool:
    """Whether `user` may accept or return an offer: who got it, and who leads them, yet never who made it,
    unless one person is both."""
    if user == offer.offered_by and user != offer.offered_to:
        return False
    return may_act_for(user, offer.offered_to)


def may_withdraw(user: User, offer: HandOver) -> bool:
    """Whether `user` may take an offer back: who made it, whose deal it is by now, and who leads them."""
    manager = offer.opportunity.partner_manager
    return may_act_for(user, offer.offered_by) or (manager is not None and may_act_for(user, manager))
