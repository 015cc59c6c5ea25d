"""Rows that remember when they were last written, so that other programs can ask what is new."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Changing(models.Model):
    """A row with the time of its last write; `save(update_fields=…)` names `updated_at` too."""

    updated_at = models.DateTimeField(_("changed"), auto_now=True, db_index=True)

    class Meta:
        abstract = True
