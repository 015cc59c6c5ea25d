"""Who a program is: `Authorization: Bearer <token>`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from accounts.models import User
from accounts.second_factor import owes_second_factor, what_is_owed
from audit.context import acts_by_token
from exchange.api.tokens import usable_token
from exchange.models import ApiToken, TokenScope

if TYPE_CHECKING:  # DRF's views import this module
    from rest_framework.views import APIView


class TokenAuthentication(BaseAuthentication):
    """Signs in the person whose token it is. Revoked, expired and unknown ones get the same answer."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """The person and the token; None where there is no Authorization header, so that others may try."""
        header = request.headers.get("Authorization", "")
        if not header:
            return None
        scheme, _space, secret = header.partition(" ")
        token = usable_token(secret.strip(), timezone.now()) if scheme.lower() == "bearer" else None
        if token is None:
            raise AuthenticationFailed(_("This token is unknown, expired or revoked."))
        if owes_second_factor(token.user):
            raise PermissionDenied(what_is_owed(), "second_factor_needed")
        acts_by_token(token.user_id)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        """What a 401 asks for."""
        return 'Bearer realm="PartnerHub"'


class ScopeAllows(BasePermission):
    """A token for reading only reads."""

    message = _("This token may only read.")

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Whether the token's scope, where there is a token, covers the method."""
        token = request.auth
        return (
            request.method in SAFE_METHODS
            or not isinstance(token, ApiToken)
            or token.scope == TokenScope.WRITE
        )
