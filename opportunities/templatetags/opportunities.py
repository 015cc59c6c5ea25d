"""What list and board say in words, and the heads of sorted columns."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from foundation.icons import icon
from foundation.wording import money_in_full, number
from opportunities.phrases import said_of, why_of
from opportunities.tallies import Tally

register = template.Library()


@register.simple_tag
def deals_said(total: Tally) -> str:
    """The sentence of the page."""
    return said_of(total)


@register.simple_tag
def deals_why(total: Tally, is_narrow: bool) -> str:
    """The line under it."""
    return why_of(total, is_narrow)


@register.simple_tag
def deals_sums(total: Tally) -> SafeString:
    """`17 deals, €1,907,000, weighted €817,200`, with the figures strong."""
    words = ngettext(
        "%(count)s deal, %(amount)s, weighted %(weighted)s",
        "%(count)s deals, %(amount)s, weighted %(weighted)s",
        total.count,
    )
    return format_html(
        words.replace("%(", "{").replace(")s", "}"),
        count=format_html("<strong>{}</strong>", number(total.count)),
        amount=format_html("<strong>{}</strong>", money_in_full(total.amount)),
        weighted=format_html("<strong>{}</strong>", money_in_full(total.weighted)),
    )


@register.simple_tag
def sort_head(column: dict[str, str], label: str, css: str = "") -> SafeString:
    """The head of a sorted column: a link that sorts by it, and by it the other way round."""
    now = column["now"]
    sorting = format_html(' aria-sort="{}"', now) if now else ""
    arrow = icon("chevron-down" if now == "descending" else "chevron-up") if now else ""
    return format_html(
        '<th scope="col" class="{}"{}><a href="{}" title="{}">{}{}</a></th>',
        css,
        sorting,
        column["url"],
        _("Sort by this"),
        label,
        arrow,
    )
