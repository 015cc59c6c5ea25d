"""Rows that another system knows too: one pair of columns, so that an import can be repeated."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ExternallyKnown(models.Model):
    """A row with the name of the system it came from and its id there; the pair is unique when set."""

    external_source = models.CharField(_("source"), max_length=40, blank=True, default="")
    external_id = models.CharField(_("id in the source"), max_length=190, blank=True, default="")

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(
                fields=["external_source", "external_id"],
                condition=~models.Q(external_id=""),
                name="%(app_label)s_%(class)s_external_unique",
            )
        ]
