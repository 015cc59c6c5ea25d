"""Who is asking: the person of a session, with their roles."""

from allauth.account.auth_backends import AuthenticationBackend

from accounts.models import RoleGrant, User


class PersonBackend(AuthenticationBackend):  # type: ignore[misc]  # allauth has no types
    """Signs in as allauth does; every page reads person and roles in one query."""

    def get_user(self, user_id: int) -> User | None:
        """The person, who may be active or not; whoever is not, is nobody."""
        grants = list(RoleGrant.objects.filter(user=user_id).select_related("user").order_by())
        if not grants:
            found: User | None = super().get_user(user_id)
            return found
        user = grants[0].user
        user.roles = user.roles_by(grants)
        return user if self.user_can_authenticate(user) else None
