"""The audit log: who did what, when, from where, with what stood before and after; and its chain.

Rows name people by number only, so that somebody can be made anonymous without touching what was written.
"""

from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """What an entry is about."""

    SIGN_IN = "sign_in", _("Sign-in")
    RIGHTS = "rights", _("People and rights")
    CONFIGURATION = "configuration", _("Settings")
    ASSIGNMENT = "assignment", _("Deals and partners handed over")
    VOID = "void", _("Actions voided")
    CLOSING = "closing", _("Periods closed")
    EXPORT = "export", _("Exports")
    PRIVACY = "privacy", _("Privacy")


class Entry(models.Model):
    """One thing that was done. Triggers refuse to change or delete it."""

    at = models.DateTimeField(_("when"), default=timezone.now)
    kind = models.CharField(_("kind"), max_length=15, choices=Kind)
    act = models.CharField(_("what"), max_length=40)
    actor_id = models.BigIntegerField(_("who"), null=True)
    person_id = models.BigIntegerField(_("about whom"), null=True)
    object_type = models.CharField(_("kind of object"), max_length=60, blank=True, default="")
    object_id = models.CharField(_("number of the object"), max_length=40, blank=True, default="")
    label = models.CharField(_("object"), max_length=200, blank=True, default="")
    before = models.JSONField(_("before"), default=dict)
    after = models.JSONField(_("after"), default=dict)
    via = models.CharField(_("through"), max_length=10)
    network = models.CharField(_("from"), max_length=60, blank=True, default="")
    request_id = models.CharField(_("request"), max_length=32, blank=True, default="")

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["kind", "-id"], name="audit_entry_by_kind"),
            models.Index(fields=["actor_id", "-id"], name="audit_entry_by_actor"),
            models.Index(fields=["person_id", "-id"], name="audit_entry_by_person"),
            models.Index(fields=["object_type", "object_id", "-id"], name="audit_entry_by_object"),
            models.Index(fields=["at"], name="audit_entry_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {self.kind}, {self.act}"

    @property
    def facts(self) -> dict[str, Any]:
        """All that the chain vouches for."""
        names = [field.attname for field in self._meta.concrete_fields if field.attname != "at"]
        return {"at": self.at.isoformat(), **{name: getattr(self, name) for name in names}}


class Unsealed(models.Model):
    """An entry that waits for its place in the chain; made with it and gone when it is sealed."""

    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, primary_key=True, related_name="+")

    def __str__(self) -> str:
        return str(self.entry_id)


class Seal(models.Model):
    """The place of an entry in the chain: its hash covers the entry and the hash before."""

    number = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="seal")
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.number}: {self.hash}"


class Head(models.Model):
    """The end of the chain, one row; whoever appends locks it."""

    number = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="audit_head_is_one")]

    def __str__(self) -> str:
        return f"{self.number}: {self.hash}"


class Opening(models.Model):
    """Somebody opened the figures of a person, that day for the first time.

    The one table to which reading a page writes: people may know who looked at theirs.
    """

    reader_id = models.BigIntegerField(_("who"))
    person_id = models.BigIntegerField(_("whose"))
    what = models.CharField(_("what"), max_length=40)
    day = models.DateField(_("day"))
    at = models.DateTimeField(_("first"), default=timezone.now)

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(
                fields=["person_id", "day", "reader_id", "what"], name="audit_opening_once_a_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.reader_id} → {self.person_id}: {self.what}, {self.day}"
