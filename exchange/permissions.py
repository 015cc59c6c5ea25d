"""What a person may take out."""

from accounts.models import User


def may_export(user: User) -> bool:
    """Whether `user` may take lists out as files: leaders and administrators, each what they see."""
    return user.is_active and (user.is_admin or user.is_leader)
