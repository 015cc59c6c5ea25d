"""What list and board say about the deals they show: the sentence, the line under it, the sums."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from foundation.wording import in_letters, money_in_full, number
from opportunities.tallies import Tally


def begun_with(count: int) -> str:
    """A count as the first word of a sentence: in letters up to ten."""
    return in_letters(count).capitalize()


def said_of(total: Tally) -> str:
    """The verdict: how many deals have gone quiet, and what they are worth."""
    values = {
        "quiet": begun_with(total.quiet),
        "count": number(total.count),
        "amount": money_in_full(total.quiet_amount),
        "all": money_in_full(total.amount),
    }
    if total.quiet:
        words = ngettext(
            "%(quiet)s of %(count)s deals has gone quiet, %(amount)s.",
            "%(quiet)s of %(count)s deals have gone quiet, %(amount)s in all.",
            total.quiet,
        )
    elif not total.count:
        words = _("No deals here.")
    elif total.open == total.count:
        words = ngettext(
            "%(count)s open deal, and it has not gone quiet.",
            "%(count)s open deals, and none has gone quiet.",
            total.count,
        )
    else:
        words = ngettext("%(count)s deal, %(all)s.", "%(count)s deals, %(all)s in all.", total.count)
    return words % values


def why_of(total: Tally, is_narrow: bool) -> str:
    """How many outstayed their stage; of no deals, why there are none (`is_narrow`: filters leave none)."""
    if not total.count:
        fresh = _("A deal appears here when somebody opens one, or when your pipeline is imported.")
        return _("No deal fits these filters.") if is_narrow else fresh
    if total.quiet_and_over:
        words = ngettext(
            "%(number)s of them has also outstayed its stage.",
            "%(number)s of them have also outstayed their stage.",
            total.quiet_and_over,
        )
        return words % {"number": begun_with(total.quiet_and_over)}
    if total.over:
        words = ngettext(
            "%(number)s deal has outstayed its stage.",
            "%(number)s deals have outstayed their stage.",
            total.over,
        )
        return words % {"number": begun_with(total.over)}
    return ""
