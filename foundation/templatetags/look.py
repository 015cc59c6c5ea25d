"""The small parts of every page: icons, status, people, figures, dates. Larger ones: templates/parts/."""

from collections.abc import Callable
from typing import Any

from django import template
from django.forms import BaseForm, BoundField
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from foundation import wording
from foundation.icons import icon as draw_icon

register = template.Library()

STATUS_WORDS = {
    "on_track": _("On track"),
    "at_risk": _("At risk"),
    "behind": _("Behind"),
    "no_target": _("No target"),
}
STATUS_SHAPES = {
    "on_track": '<circle cx="8" cy="8" r="8" fill="currentColor"/>'
    '<path class="cut" d="M4.6 8.3l2.4 2.4 4.4-4.9"/>',
    "at_risk": '<circle cx="8" cy="8" r="7" fill="none" stroke="currentColor" stroke-width="1.6"/>'
    '<path d="M8 1a7 7 0 0 0 0 14z" fill="currentColor"/>',
    "behind": '<circle cx="8" cy="8" r="8" fill="currentColor"/>'
    '<path class="cut" d="M8 4.2v7M5 8.6l3 3 3-3"/>',
    "no_target": '<circle cx="8" cy="8" r="7" fill="none" stroke="currentColor" stroke-width="1.5" '
    'stroke-dasharray="2.5 2.5"/>',
}
ROLE_TAGS = {"pm": (_("PM"), _("Partner manager")), "ae": (_("AE"), _("Account executive"))}


def _or_nothing(write: Callable[..., str]) -> Callable[..., str]:
    """A filter that writes nothing for None, so that templates need no `if` around a missing figure."""

    def written(value: Any, detail: Any = None) -> str:
        if value is None or value == "":
            return ""
        return write(value) if detail is None else write(value, detail)

    return written


for _name, _write in wording.FILTERS.items():
    register.filter(_name, _or_nothing(_write))


@register.simple_tag
def icon(name: str, label: str = "", css: str = "") -> SafeString:
    """`{% icon "phone" %}`: a 16 px outline icon; `css="is-large"` is 20, `css="alert"` is red."""
    return draw_icon(name, label, css)


@register.simple_tag
def status_glyph(status: str, label: bool = False) -> SafeString:
    """The glyph alone. `label=True` gives it its word for screen readers, where the word is not beside it."""
    hint = format_html('role="img" aria-label="{}"', STATUS_WORDS[status]) if label else 'aria-hidden="true"'
    return format_html(
        '<svg class="status-glyph is-{}" viewBox="0 0 16 16" {}>{}</svg>',
        status,
        mark_safe(hint),  # noqa: S308  built above
        mark_safe(STATUS_SHAPES[status]),  # noqa: S308  a constant
    )


@register.simple_tag
def status(status: str, number: str = "") -> SafeString:
    """Glyph and word, `◐ At risk`; with a number glyph, number, word: `◐ 0.88 at risk`."""
    word = str(STATUS_WORDS[status])
    if not number:
        return format_html('<span class="status">{}<span>{}</span></span>', status_glyph(status), word)
    return format_html(
        '<span class="status">{}<strong>{}</strong><span class="status-word">{}</span></span>',
        status_glyph(status),
        number,
        word[:1].lower() + word[1:],
    )


@register.simple_tag
def role_tag(role: str) -> SafeString:
    """`{% role_tag "pm" %}`: PM in blue or AE in orange, the full word for those who do not see it."""
    short, full = ROLE_TAGS[role]
    return format_html(
        '<span class="tag is-{}" aria-hidden="true">{}</span><span class="seen-by-readers-only">{}</span>',
        role,
        short,
        full,
    )


@register.simple_tag
def avatar(name: str, kind: str = "") -> SafeString:
    """Initials: `pm` round blue, `ae` square orange, `person` round grey, else (a company) square grey."""
    return format_html(
        '<span class="avatar{}" aria-hidden="true">{}</span>',
        f" is-{kind}" if kind else "",
        wording.initials(name),
    )


@register.simple_tag
def figure(value: object, url: str = "", of: object = None, css: str = "") -> SafeString:
    """A number that opens its rows: `{% figure 17 url of=21 %}` is `17 of 21`. No url, no underline."""
    if url:
        shown = format_html('<a class="figure {}" href="{}">{}</a>', css, url, value)
    else:
        shown = format_html('<strong class="nowrap {}">{}</strong>', css, value)
    if of is None or of == "":
        return shown
    return format_html('{} <span class="of">{}</span>', shown, _("of %(whole)s") % {"whole": of})


@register.simple_tag
def key(name: str) -> SafeString:
    """A key hint. Only for keys that work."""
    return format_html('<kbd class="key">{}</kbd>', name)


@register.filter
def unit(field: BoundField) -> str:
    """The unit that stands in the field: `data-unit` among the widget's attributes, such as %, days."""
    return str(field.field.widget.attrs.get("data-unit", ""))


@register.filter
def fields_with_errors(form: BaseForm) -> list[BoundField]:
    """The visible fields that were refused, in the order of the form."""
    return [field for field in form.visible_fields() if field.errors]
