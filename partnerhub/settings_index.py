"""The first page of the settings, and what the settings of lower apps ask about the data of higher ones."""

from datetime import date

from django.http import HttpResponse
from django.shortcuts import render

from accounts.guards import PersonRequest, for_administrators
from apr.models import Action
from opportunities.models import Opportunity, StageChange
from partnerhub.navigation import settings_places


@for_administrators
def index(request: PersonRequest) -> HttpResponse:
    """The places of the settings, each with what it is for."""
    return render(request, "settings/index.html", {"places": settings_places(request.path)})


def first_day_of_data() -> date | None:
    """The first day on which anything happened that counts."""
    days = [
        Opportunity.objects.order_by("opened_on").values_list("opened_on", flat=True).first(),
        StageChange.objects.order_by("effective_on").values_list("effective_on", flat=True).first(),
        Action.objects.order_by("occurred_on").values_list("occurred_on", flat=True).first(),
    ]
    return min((day for day in days if day is not None), default=None)


def currencies_in_use() -> list[str]:
    """The currencies that deals have."""
    return list(Opportunity.objects.order_by("currency").values_list("currency", flat=True).distinct())
