"""What scorecards are read from, and the marks that say where it is out of date."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class CreditKind(models.TextChoices):
    """For what a deal stands in somebody's figures: the first three for the account executive."""

    WON = "won", _("Won")
    LOST = "lost", _("Lost")
    CREATED = "created", _("Created")
    SOURCED_WON = "sourced_won", _("Won, sourced by a partner")
    INFLUENCED_WON = "influenced_won", _("Won, influenced by a partner")
    SUPPORTED_WON = "supported_won", _("Won, without a partner")
    SUPPORTED_LOST = "supported_lost", _("Lost with a partner manager")
    BROUGHT = "brought", _("Created, sourced by a partner")
