"""The way out of a list: `{% download "opportunities" %}` on the page of that list."""

from typing import Any

from django import template
from django.template.context import Context

from exchange.permissions import may_export

register = template.Library()


@register.inclusion_tag("exchange/_download.html", takes_context=True)
def download(context: Context, kind: str) -> dict[str, Any]:
    """A menu that takes the list as it is filtered now; nothing for whoever may take nothing out."""
    request = context["request"]
    query = request.GET.copy()
    query.pop("page", None)
    return {
        "kind": kind,
        "query": query.urlencode(),
        "may": may_export(request.user),
        "csrf_token": context["csrf_token"],
    }
