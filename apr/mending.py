"""What a deal fails in data discipline, each with the address where it is mended."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apr.discipline import Check, Checked
from opportunities.models import Opportunity


@dataclass(frozen=True)
class Mend:
    """A check that fails, and where it is mended."""

    words: str | Promise
    url: str


WORDS: dict[Check, str | Promise] = {
    Check.NEXT_STEP: _("Next step"),
    Check.CLOSE_AHEAD: _("Close date"),
    Check.NOT_SILENT: _("Silence"),
    Check.WITHIN_DAYS: _("Days in stage"),
    Check.AMOUNT: _("Amount"),
    Check.PARTNER: _("Partner"),
}
PAGES = {
    Check.NEXT_STEP: "opportunities:promise_new",
    Check.CLOSE_AHEAD: "opportunities:edit",
    Check.WITHIN_DAYS: "opportunities:detail",  # where it is moved by whom it may be
    Check.AMOUNT: "opportunities:edit",
    Check.PARTNER: "opportunities:people",
}


def mends_of(deal: Opportunity, checks: Iterable[Checked]) -> list[Mend]:
    """The checks that a deal fails, in their order."""
    return [Mend(WORDS[one.check], _url(deal, one.check)) for one in checks if not one.passed]


def _url(deal: Opportunity, check: Check) -> str:
    if check == Check.NOT_SILENT:
        return f"{reverse('apr:log')}?opportunity={deal.pk}"
    return reverse(PAGES[check], args=[deal.pk])
