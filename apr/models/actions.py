"""What people did, the kinds of it, and the points it is worth."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from apr.querysets import ActionQuerySet
from audit.recorded import Recorded
from foundation.changes import Changing
from foundation.external import ExternallyKnown
from opportunities.models import Customer, Opportunity
from partners.models import Partner


class ActionCategory(models.TextChoices):
    ENGAGEMENT = "engagement", _("Engagement")
    COACHING = "coaching", _("Coaching")
    DEAL_INVOLVEMENT = "deal_involvement", _("Deal involvement")
    PARTNER_DEVELOPMENT = "partner_development", _("Partner development")


class ActionCapacity(models.TextChoices):
    """The hat worn for an action."""

    PARTNER_MANAGER = "partner_manager", _("Partner manager")
    ACCOUNT_EXECUTIVE = "account_executive", _("Account executive")
    COACH = "coach", _("Coach")


class ActionType(Recorded):
    """A kind of action. Retired, never deleted."""

    key = models.SlugField(_("key"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    category = models.CharField(_("category"), max_length=20, choices=ActionCategory)
    icon = models.CharField(max_length=40, default="point")
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["position", "name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(category__in=ActionCategory.values),
                name="apr_actiontype_category_is_known",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_coaching(self) -> bool:
        """Whether an action of this kind is done with a colleague and needs no deal."""
        return self.category == ActionCategory.COACHING


class PointRule(Recorded):
    """What an action type is worth from a day on, until a later rule begins."""

    action_type = models.ForeignKey(ActionType, on_delete=models.PROTECT, related_name="point_rules")
    points = models.PositiveSmallIntegerField(_("points"))
    daily_cap = models.PositiveSmallIntegerField(
        _("cap a day"),
        null=True,
        blank=True,
        help_text=_("Points of this type that count for one person on one day, at most."),
    )
    effective_from = models.DateField(_("in force from"))
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["action_type", "effective_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["action_type", "effective_from"], name="apr_pointrule_one_a_day_per_type"
            )
        ]

    def __str__(self) -> str:
        return f"{self.action_type}: {self.points} ({self.effective_from})"


class Confirmation(models.TextChoices):
    NONE = "none", _("Not confirmed")
    CONFIRMED = "confirmed", _("Confirmed")
    DISPUTED = "disputed", _("Disputed")


class Action(Changing, ExternallyKnown):
    """One communication or piece of work that somebody did and logged. Voided, never deleted.

    `occurred_on` is the date of `occurred_at` in the actor's time zone, and the date by which it counts.
    """

    action_type = models.ForeignKey(
        ActionType, on_delete=models.PROTECT, related_name="actions", verbose_name=_("what")
    )
    actor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="actions")
    capacity = models.CharField(_("as"), max_length=20, choices=ActionCapacity)
    occurred_at = models.DateTimeField(_("when"))
    occurred_on = models.DateField(_("date"))
    logged_at = models.DateTimeField(default=timezone.now)
    logged_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    duration_minutes = models.PositiveIntegerField(_("minutes"), null=True, blank=True)
    opportunity = models.ForeignKey(
        Opportunity,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="actions",
        verbose_name=_("deal"),
    )
    partner = models.ForeignKey(
        Partner,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="actions",
        verbose_name=_("partner"),
    )
    customer = models.ForeignKey(
        Customer,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="actions",
        verbose_name=_("customer"),
    )
    counterpart = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="actions_with",
        verbose_name=_("with"),
    )
    notes = models.TextField(_("note"), blank=True, default="")
    confirmation = models.CharField(max_length=10, choices=Confirmation, default=Confirmation.NONE)
    confirmation_note = models.CharField(max_length=300, blank=True, default="")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    voided_at = models.DateTimeField(null=True, blank=True)
    voided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    void_reason = models.CharField(max_length=300, blank=True, default="")
    source = models.CharField(max_length=20, default="web")
    # One form, one action: the same key from the same person never makes a second row.
    request_key = models.CharField(max_length=64, null=True, blank=True)  # noqa: DJ001 - unique when set

    objects = ActionQuerySet.as_manager()

    class Meta(ExternallyKnown.Meta):
        ordering = ["-occurred_at", "-id"]
        constraints = [
            *ExternallyKnown.Meta.constraints,
            models.UniqueConstraint(fields=["logged_by", "request_key"], name="apr_action_once_per_request"),
            models.CheckConstraint(
                condition=models.Q(counterpart__isnull=True) | ~models.Q(counterpart=models.F("actor")),
                name="apr_action_counterpart_is_another",
            ),
            models.CheckConstraint(
                condition=models.Q(confirmation="none", confirmed_at__isnull=True)
                | models.Q(
                    confirmation__in=["confirmed", "disputed"],
                    confirmed_at__isnull=False,
                    counterpart__isnull=False,
                ),
                name="apr_action_confirmed_by_a_counterpart",
            ),
            models.CheckConstraint(
                condition=models.Q(voided_at__isnull=True, voided_by__isnull=True)
                | models.Q(voided_at__isnull=False, voided_by__isnull=False),
                name="apr_action_voided_by_somebody",
            ),
            models.CheckConstraint(
                condition=models.Q(capacity__in=ActionCapacity.values), name="apr_action_capacity_is_known"
            ),
        ]
        indexes = [
            models.Index(fields=["actor", "occurred_on"], name="apr_action_by_actor_day"),
            models.Index(fields=["actor", "-occurred_at", "-id"], name="apr_action_log"),
            models.Index(fields=["opportunity", "-occurred_at"], name="apr_action_by_deal"),
            models.Index(fields=["partner", "-occurred_at"], name="apr_action_by_partner"),
            models.Index(fields=["counterpart", "confirmation"], name="apr_action_to_confirm"),
        ]

    def __str__(self) -> str:
        return f"{self.action_type}, {self.occurred_on}"

    @property
    def is_voided(self) -> bool:
        """Whether the action was taken back; it stays on record and counts nothing."""
        return self.voided_at is not None
