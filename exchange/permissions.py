"""What a person may take out."""

from accounts.models import User


def may_export(user: User) -> bool:
    """Whether `user` may take lists out as files: leaders and administrators, each what they see."""
    return user.is_active and (user.is_admin or user.is_leader)


def may_take_out_all_of(user: User, person: User) -> bool:
    """Whether `user` may take out all that is held on `person`: the person, and administrators."""
    return user.is_active and (user == person or user.is_admin)
