"""The log form for the pages of others: `{% load apr %}{% log_form opportunity=deal %}`."""

from typing import Any

from django import template
from django.template import RequestContext

from apr.log_forms import sheet_from_page
from opportunities.models import Opportunity
from partners.models import Partner

register = template.Library()


@register.inclusion_tag("apr/_log_form.html", takes_context=True)
def log_form(
    context: RequestContext, opportunity: Opportunity | None = None, partner: Partner | None = None
) -> dict[str, Any]:
    """The form to log on this deal or partner, filled with what can be guessed; saved, it comes back here.

    It is part of a page that one came to read (`stays`), so that it takes no focus and cannot be closed.
    """
    request = context["request"]
    query = {"from": request.get_full_path()}
    if opportunity is not None:
        query["opportunity"] = str(opportunity.pk)
    if partner is not None:
        query["partner"] = str(partner.pk)
    sheet = sheet_from_page(request.user, query, prefix="here_")
    return {
        "sheet": sheet,
        "form": sheet.form,
        "request": request,
        "csrf_token": context["csrf_token"],
        "stays": True,
    }
