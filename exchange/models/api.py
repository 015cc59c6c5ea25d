"""Tokens with which programs sign in, and the answers they may ask for again."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.models import Kind
from audit.recorded import Recorded
from foundation.dated import Row


class TokenScope(models.TextChoices):
    READ = "read", _("Read")
    WRITE = "write", _("Read and write")


class ApiTokenQuerySet(models.QuerySet[Row]):
    """Tokens."""

    def visible_to(self, user: User) -> Self:
        """One's own tokens: nobody manages those of others."""
        return self.filter(user=user) if user.is_active else self.none()

    def usable(self, at: datetime) -> Self:
        """Tokens neither revoked nor expired at that instant, of people who still work here."""
        return self.filter(
            Q(expires_at__isnull=True) | Q(expires_at__gt=at), revoked_at__isnull=True, user__is_active=True
        )


class ApiToken(Recorded):
    """A secret that lets a program act as a person. Only its hash is kept; the secret is shown once."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="api_tokens")
    name = models.CharField(_("name"), max_length=80, help_text=_("What uses it, such as “nightly sync”."))
    scope = models.CharField(_("may"), max_length=5, choices=TokenScope, default=TokenScope.WRITE)
    token_hash = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=12, help_text=_("How the token begins, to tell it from others."))
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(_("valid until"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    # A day is exact enough to find tokens that nobody uses, and costs one write a day.
    last_used_on = models.DateField(_("last used"), null=True, blank=True)

    recorded_as = Kind.RIGHTS
    recorded_never = frozenset({"token_hash", "hint", "last_used_on"})
    recorded_person = "user_id"
    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(scope__in=TokenScope.values), name="exchange_apitoken_scope_is_known"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"

    def recorded_label(self) -> str:
        """What uses it, and nothing of the secret."""
        return self.name

    @property
    def is_usable(self) -> bool:
        """Whether the token is neither revoked nor expired now."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > timezone.now())


class IdempotencyKey(models.Model):
    """The answer that a request got, so that the same request again changes nothing and gets it again."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    headers = models.JSONField(default=dict)
    body = models.TextField(default="")
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="exchange_idempotencykey_once")]

    def __str__(self) -> str:
        return self.key
