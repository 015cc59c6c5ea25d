"""Deals that partner managers offer to account executives."""

from functools import cached_property
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from foundation.api.fields import DayField, IdRelated
from foundation.api.filters import InstantFilter, RowFilters, lookups
from foundation.api.serializers import Input, RowSerializer
from foundation.api.views import ReadOnlyCollection
from opportunities.handover_words import clock_of
from opportunities.measures import Measures
from opportunities.models import HandOver, Opportunity
from opportunities.services import handovers
from partners.models import Partner


class HandOverSerializer(RowSerializer[HandOver]):
    working_days_left = serializers.SerializerMethodField(
        help_text="After today up to `due_on`; below 0 where it has passed, null once it is answered."
    )

    class Meta:
        model = HandOver
        fields = [
            "id",
            "opportunity",
            "partner",
            "offered_by",
            "offered_to",
            "recorded_by",
            "note",
            "offered_at",
            "due_on",
            "working_days_left",
            "outcome",
            "answered_at",
            "answered_by",
            "reason",
        ]
        read_only_fields = fields

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_working_days_left(self, row: HandOver) -> int | None:
        """Counted by the organisation's calendar, which is read once for a whole list."""
        if not row.is_open:
            return None
        measures = self._measures
        clock = clock_of(row.due_on, measures.today, measures.calendar)
        return -clock.over if clock.is_over else clock.left

    @cached_property
    def _measures(self) -> Measures:
        return Measures.now()


class OfferInput(Input):
    opportunity = IdRelated(queryset=Opportunity.objects.all())
    offered_to = IdRelated(queryset=User.objects.active())
    partner = IdRelated(
        queryset=Partner.objects.all(),
        required=False,
        help_text="Through whom the deal came; may be left out where a partner sourced it already.",
    )
    due_on = DayField(
        required=False, help_text="The last day for the answer; in three working days if left out."
    )
    note = serializers.CharField(max_length=500, required=False, allow_blank=True)


class NoInput(Input):
    """Nothing needs to be said."""


class ReturnInput(Input):
    reason = serializers.CharField(max_length=300)


class HandOverFilters(RowFilters):
    updated_since = InstantFilter(field_name="updated_at", lookup_expr="gte")

    class Meta(RowFilters.Meta):
        model = HandOver
        fields = lookups(
            HandOver,
            "opportunity",
            "partner",
            "offered_by",
            "offered_to",
            "recorded_by",
            "offered_at",
            "due_on",
            "outcome",
            "answered_at",
            "answered_by",
        )


class HandOvers(ReadOnlyCollection[HandOver]):
    """Offers of deals, in the name of their partner manager. Accepted ones make the owner of the deal."""

    queryset = HandOver.objects.all()
    serializer_class = HandOverSerializer
    filterset_class = HandOverFilters
    inputs = {"create": OfferInput, "accept": NoInput, "return_deal": ReturnInput, "withdraw": NoInput}

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The deal is offered."""
        values = self.checked()
        deal = values.pop("opportunity")
        row = handovers.offer(opportunity_id=deal.pk, by=self.person, **values)
        return self.shown(row.pk, status.HTTP_201_CREATED)

    @action(detail=True, methods=["post"])
    def accept(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The account executive takes the deal and owns it from now on."""
        row = self.get_object()
        self.checked()
        handovers.accept(hand_over_id=row.pk, by=self.person)
        return self.shown(row.pk)

    @action(detail=True, methods=["post"], url_path="return", url_name="return")
    def return_deal(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The account executive returns the deal and says why."""
        row = self.get_object()
        handovers.give_back(hand_over_id=row.pk, by=self.person, **self.checked())
        return self.shown(row.pk)

    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The partner manager takes the offer back."""
        row = self.get_object()
        self.checked()
        handovers.withdraw(hand_over_id=row.pk, by=self.person)
        return self.shown(row.pk)
