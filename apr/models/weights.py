"""How much each component of the joint scorecard weighs."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.recorded import Recorded


class JointWeight(Recorded):
    """How much a component weighs in its side of the joint scorecard; 1 where there is no row, 0 leaves it
    out. Weights are read when a scorecard is, and rule past periods too."""

    component = models.CharField(_("component"), max_length=30, unique=True)
    weight = models.PositiveSmallIntegerField(_("weight"), validators=[MaxValueValidator(100)])

    class Meta:
        ordering = ["component"]
        constraints = [
            models.CheckConstraint(condition=models.Q(weight__lte=100), name="apr_jointweight_up_to_100")
        ]

    def __str__(self) -> str:
        return f"{self.component}: {self.weight}"
