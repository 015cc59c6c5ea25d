"""The page on which somebody who leaves hands over."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.guards import PersonRequest, after_confirming, for_administrators, form_page, posted
from accounts.models import User
from opportunities.leaving_form import LeavingForm
from opportunities.services.leaving import leave


@for_administrators
@after_confirming
def leaving(request: PersonRequest, pk: int) -> HttpResponse:
    """All that an active person has in hand, who takes it over, and the end of their access: one act."""
    person = get_object_or_404(User.objects.active(), pk=pk)
    form = LeavingForm(posted(request), person=person)

    def save(data: dict[str, Any]) -> str:
        counts = leave(person=person, successors=data, by=request.user)
        words = _("%(name)s cannot sign in any more. What they did stays.") % {"name": person}
        if not any(counts.values()):
            return words
        return words + " " + _("What was in their hands is in those you chose.")

    return form_page(
        request,
        form,
        save,
        title=_("%(name)s leaves") % {"name": person},
        lead=_("What is open goes to colleagues; what is past stays theirs, in every score."),
        back=reverse("settings:person", args=[person.pk]),
        act=_("Hand over and deactivate") if form.parts else _("Deactivate"),
        template="settings/leaving.html",
        person=person,
    )
