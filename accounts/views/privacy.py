"""Making somebody who left anonymous, step by step and for good."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.guards import PersonRequest, after_confirming, for_administrators, form_page, posted
from accounts.models import User
from accounts.services.anonymising import anonymise
from accounts.settings_forms import AnonymiseForm


@for_administrators
@after_confirming
def anonymising(request: PersonRequest, pk: int) -> HttpResponse:
    """What goes, what stays, and the name typed as a last word."""
    person = get_object_or_404(User.objects.filter(is_active=False, anonymised_at=None), pk=pk)
    form = AnonymiseForm(posted(request), person=person)

    def save(data: dict[str, Any]) -> str:
        anonymise(person=person, by=request.user)
        return _("Nothing names the person any more. Every figure stays.")

    return form_page(
        request,
        form,
        save,
        title=_("Make %(name)s anonymous") % {"name": person},
        lead=_("For people who left and want to be forgotten. It cannot be undone."),
        back=reverse("settings:person", args=[person.pk]),
        act=_("Make anonymous for good"),
        template="settings/anonymise.html",
        person=person,
    )
