"""Icons from the Tabler outline set, put into the page as SVG so that they take the colour of the text."""

import re
from functools import cache
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

OUTLINE = Path(settings.NODE_MODULES) / "@tabler" / "icons" / "icons" / "outline"
_INSIDE = re.compile(r"<svg[^>]*>\s*<path stroke=\"none\"[^>]*/>(.*)</svg>", re.DOTALL)


@cache
def icon_shapes(name: str) -> SafeString:
    """The shapes inside the icon `name`, read once per process; ImproperlyConfigured if it is not there."""
    file = OUTLINE / f"{name}.svg"
    if not file.is_file():
        raise ImproperlyConfigured(
            f"No icon {name!r} in {OUTLINE.parent.parent}. Are the npm packages set up?"
        )
    found = _INSIDE.search(file.read_text(encoding="utf-8"))
    if found is None:
        raise ImproperlyConfigured(f"The icon {name!r} has an unknown form.")
    return mark_safe(" ".join(found[1].split()))  # noqa: S308  our own installed package, no user text


def icon(name: str, label: str = "", css: str = "") -> SafeString:
    """An inline SVG, hidden from screen readers unless `label` says what it means."""
    hint = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="icon {}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-linecap="round" '
        'stroke-linejoin="round" {}>{}</svg>',
        css,
        hint,
        icon_shapes(name),
    )
