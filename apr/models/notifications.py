"""What people are told of, how each of them wants to be told, and what was mailed."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from apr.querysets import NotificationQuerySet
from audit.recorded import Recorded
from opportunities.models import Opportunity


class NudgeKind(models.TextChoices):
    """What needs a person, in the order in which it is listed."""

    HAND_OVER = "hand_over", _("A deal is offered and waits for an answer")
    HAND_OVER_OVERDUE = "hand_over_overdue", _("An offered deal has had no answer in time")
    CLOSE_SILENT = "close_silent", _("A deal nears its close without its partner manager")
    CLOSE_ALONE = "close_alone", _("A deal nears its close and has no partner manager")
    STAGE_OVERDUE = "stage_overdue", _("A deal has outstayed its stage")
    PROMISE_DUE = "promise_due", _("A promise will be due")
    PROMISE_OVERDUE = "promise_overdue", _("A promise is overdue")
    OBSTACLE_DUE = "obstacle_due", _("An obstacle should soon be cleared")
    OBSTACLE_OVERDUE = "obstacle_overdue", _("An obstacle is overdue")
    CONFIRM = "confirm", _("A colleague’s entry waits for a word")
    TARGET = "target", _("The pace falls behind the target")


class Channel(models.TextChoices):
    """How somebody is told of a kind."""

    SITE = "site", _("Here only")
    NOW = "now", _("Here and by mail at once")
    DIGEST = "digest", _("Here and in the digest")
    NONE = "none", _("Not at all")


class Rhythm(models.TextChoices):
    """How often the digest comes."""

    DAILY = "daily", _("Each working day")
    WEEKLY = "weekly", _("Once a week")
    OFF = "off", _("Never")


class Notification(models.Model):
    """One thing that one person was told of. It is closed as soon as its reason is gone.

    `subject` names the row it is about (`deal:7`); `facts` are what its words are made of
    (`apr.nudges.words`), so that everybody reads the same in their own language. `deal` is set where the
    person may open it.
    """

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="notifications")
    kind = models.CharField(_("kind"), max_length=20, choices=NudgeKind)
    subject = models.CharField(max_length=40)
    facts = models.JSONField()
    deal = models.ForeignKey(
        Opportunity, on_delete=models.PROTECT, null=True, blank=True, related_name="notifications"
    )
    opened_at = models.DateTimeField(_("told"), default=timezone.now)
    read_at = models.DateTimeField(_("read"), null=True, blank=True)
    mailed_at = models.DateTimeField(_("mailed"), null=True, blank=True)
    closed_at = models.DateTimeField(_("settled"), null=True, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        ordering = ["-opened_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind", "subject"],
                condition=models.Q(closed_at__isnull=True),
                name="apr_notification_one_open",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=NudgeKind.values), name="apr_notification_kind_is_known"
            ),
            models.CheckConstraint(condition=~models.Q(subject=""), name="apr_notification_has_a_subject"),
        ]
        indexes = [
            models.Index(fields=["person", "-opened_at", "-id"], name="apr_notification_list"),
            models.Index(
                fields=["person"],
                condition=models.Q(closed_at__isnull=True, read_at__isnull=True),
                name="apr_notification_unread",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.kind} {self.subject}"

    @property
    def is_open(self) -> bool:
        """Whether its reason still holds."""
        return self.closed_at is None

    @property
    def is_unread(self) -> bool:
        """Whether it still asks to be read: a settled one does not."""
        return self.is_open and self.read_at is None


class NudgeRules(Recorded):
    """What an administrator decided about nudges. There is exactly one row."""

    kinds_off = models.JSONField(_("kinds switched off"), default=list, blank=True)
    close_days = models.PositiveSmallIntegerField(
        _("A close is near"),
        default=14,
        validators=[MaxValueValidator(90)],
        help_text=_("Calendar days before the expected close."),
    )
    silence_days = models.PositiveSmallIntegerField(
        _("Silence near the close"),
        default=5,
        validators=[MaxValueValidator(60)],
        help_text=_("Working days without a partner manager’s action, after which both are told."),
    )
    ahead_days = models.PositiveSmallIntegerField(
        _("Reminder before a date"),
        default=2,
        validators=[MaxValueValidator(30)],
        help_text=_("Calendar days before a promise or an obstacle is due."),
    )

    class Meta:
        verbose_name = _("rules for nudges")
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="apr_nudgerules_is_one")]

    def __str__(self) -> str:
        return f"{self.close_days}, {self.silence_days}, {self.ahead_days}"

    @classmethod
    def current(cls) -> "NudgeRules":
        """The rules; made with defaults where a fresh database has none yet."""
        return cls.objects.get_or_create(pk=1)[0]


class NotificationChoice(models.Model):
    """How one person wants to be told. Who never chose has no row and gets the defaults."""

    person = models.OneToOneField(User, on_delete=models.PROTECT, related_name="notification_choice")
    channels = models.JSONField(default=dict, blank=True)
    digest = models.CharField(_("digest"), max_length=6, choices=Rhythm, default=Rhythm.DAILY)
    hour = models.PositiveSmallIntegerField(
        _("from"), default=8, validators=[MinValueValidator(0), MaxValueValidator(23)]
    )
    team_digest = models.BooleanField(_("My team’s figures once a week"), default=True)

    class Meta:
        verbose_name = _("choice about notifications")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(digest__in=Rhythm.values), name="apr_notificationchoice_rhythm_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(hour__lte=23), name="apr_notificationchoice_hour_of_a_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.digest}, {self.hour}"

    def channel(self, kind: str) -> Channel:
        """How the person is told of a kind: as chosen, else in the digest."""
        return Channel(self.channels.get(kind, Channel.DIGEST))


class DigestKind(models.TextChoices):
    OWN = "own", _("one’s own")
    TEAM = "team", _("of a leader’s teams")


class Digest(models.Model):
    """A digest that was written for somebody, once: with its row goes its mail.

    `day` is the person's date, `week` the Monday of the week whose figures are in it. `leaders_from` is the
    instant before which, as it says, no leader gets a digest with the person's figures of that week.
    """

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="digests")
    kind = models.CharField(max_length=4, choices=DigestKind)
    day = models.DateField()
    week = models.DateField(null=True, blank=True)
    written_at = models.DateTimeField(default=timezone.now)
    leaders_from = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("digest")
        ordering = ["-written_at"]
        constraints = [
            models.UniqueConstraint(fields=["person", "kind", "day"], name="apr_digest_one_a_day"),
            models.UniqueConstraint(
                fields=["person", "kind", "week"],
                condition=models.Q(week__isnull=False),
                name="apr_digest_one_a_week",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=DigestKind.values), name="apr_digest_kind_is_known"
            ),
        ]
        indexes = [models.Index(fields=["week", "kind"], name="apr_digest_by_week")]

    def __str__(self) -> str:
        return f"{self.person}: {self.kind} {self.day}"
