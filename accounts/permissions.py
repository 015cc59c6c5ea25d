"""What a person may do with people, teams and settings: one predicate per act."""

from accounts.models import Membership, User


def leads(leader: User, person: User) -> bool:
    """Whether `leader` leads a team to which `person` belongs today, directly or above it."""
    return Membership.objects.led_by(leader).on(leader.today()).filter(user=person).exists()


def may_act_for(user: User, person: User) -> bool:
    """Whether `user` may act in the name of `person`: oneself, one's people, administrators all."""
    return user.is_active and (user == person or user.is_admin or leads(user, person))


def acted_for_by(user: User) -> frozenset[int]:
    """The keys of all people for whom `may_act_for` holds, an administrator's rights aside."""
    led = Membership.objects.led_by(user).on(user.today()).values_list("user", flat=True)
    return frozenset({user.pk, *led}) if user.is_active else frozenset()


def may_configure(user: User) -> bool:
    """Whether `user` may change funnels, rules, targets, teams and people."""
    return user.is_active and user.is_admin
