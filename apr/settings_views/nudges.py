"""What people are told without asking, and from when on."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.guards import PersonRequest, for_administrators, form_page, posted
from apr.models import NudgeRules
from apr.notification_forms import NudgeRulesForm


@for_administrators
def nudges(request: PersonRequest) -> HttpResponse:
    """The kinds that are switched on, and their thresholds."""
    form = NudgeRulesForm(posted(request), instance=NudgeRules.objects.first() or NudgeRules(pk=1))

    def save(data: dict[str, Any]) -> str:
        form.save()
        return _("Saved. People are told by these rules within minutes.")

    return form_page(
        request,
        form,
        save,
        title=_("Nudges"),
        lead=_("Both people on a deal are told the same, until the reason is gone."),
        back=reverse("settings:nudges"),
        template="settings/nudges.html",
    )
