"""What was advised in a coaching session, between the two alone."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from apr.querysets import CoachingAdviceQuerySet
from foundation.changes import Changing

from .actions import Action


class CoachingAdvice(Changing):
    """The advice that a coaching action carries; who was coached acknowledges it, with a word or without.

    Few actions carry one, so it stands beside them. Only the two who were there read its words.
    """

    action = models.OneToOneField(Action, on_delete=models.PROTECT, related_name="advice")
    text = models.TextField(_("advice"))
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    word = models.CharField(_("answer"), max_length=300, blank=True, default="")

    objects = CoachingAdviceQuerySet.as_manager()

    class Meta:
        verbose_name_plural = _("coaching advice")
        ordering = ["-action"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(text=""), name="apr_coachingadvice_says_something"),
            models.CheckConstraint(
                condition=models.Q(word="") | models.Q(acknowledged_at__isnull=False),
                name="apr_coachingadvice_answered_when_acknowledged",
            ),
        ]

    def __str__(self) -> str:
        return str(self.action)
