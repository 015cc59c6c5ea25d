"""The links under a page of a long list, for `parts/pages.html`."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _


def page_links(request: HttpRequest, page: Any) -> dict[str, Any]:
    """`previous_url`, `next_url` and `pages_text` of a page of a Paginator, and `here`, the address with all
    that was asked for."""

    def link(place: int) -> str:
        query = request.GET.copy()
        query["page"] = str(place)
        return f"?{query.urlencode()}"

    return {
        "previous_url": link(page.previous_page_number()) if page.has_previous() else "",
        "next_url": link(page.next_page_number()) if page.has_next() else "",
        "here": request.get_full_path(),
        "pages_text": _("%(first)s to %(last)s of %(all)s")
        % {"first": page.start_index(), "last": page.end_index(), "all": page.paginator.count},
    }
