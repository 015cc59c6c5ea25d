"""Obstacles and commitments."""

from typing import Any

from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from foundation.api.fields import DayField, IdRelated
from foundation.api.filters import InstantFilter, RowFilters, lookups
from foundation.api.serializers import Input, RowSerializer
from foundation.api.views import ReadOnlyCollection, allow
from opportunities.api.deals import NamedField
from opportunities.models import Commitment, CommitmentOutcome, Obstacle, ObstacleKind, Opportunity
from opportunities.permissions import may_edit
from opportunities.services.work import clear_obstacle, move_promise, promise, raise_obstacle, settle_promise
from partners.models import Partner


class ObstacleSerializer(RowSerializer[Obstacle]):
    kind = NamedField(read_only=True, allow_null=True)

    class Meta:
        model = Obstacle
        fields = [
            "id",
            "opportunity",
            "kind",
            "description",
            "raised_by",
            "raised_at",
            "needs_partner",
            "partner",
            "assigned_to",
            "due_on",
            "cleared_at",
            "cleared_by",
            "cleared_with",
            "resolution",
        ]
        read_only_fields = fields


class ObstacleInput(Input):
    opportunity = IdRelated(queryset=Opportunity.objects.all())
    kind = NamedField(queryset=ObstacleKind.objects.all(), allow_null=True, required=False)
    description = serializers.CharField(max_length=300)
    needs_partner = serializers.BooleanField(required=False)
    partner = IdRelated(queryset=Partner.objects.all(), allow_null=True, required=False)
    assigned_to = IdRelated(queryset=User.objects.active(), allow_null=True, required=False)
    due_on = DayField(allow_null=True, required=False)


class ClearInput(Input):
    cleared_with = IdRelated(queryset=Partner.objects.all(), allow_null=True, required=False)
    resolution = serializers.CharField(required=False, allow_blank=True, max_length=5000)


class ObstacleFilters(RowFilters):
    updated_since = InstantFilter(field_name="updated_at", lookup_expr="gte")

    class Meta(RowFilters.Meta):
        model = Obstacle
        fields = lookups(
            Obstacle,
            "opportunity",
            "kind",
            "raised_by",
            "raised_at",
            "needs_partner",
            "partner",
            "assigned_to",
            "due_on",
            "cleared_at",
            "cleared_by",
            "cleared_with",
        )


class Obstacles(ReadOnlyCollection[Obstacle]):
    """What stands in a deal's way, until somebody clears it."""

    queryset = Obstacle.objects.select_related("kind")
    serializer_class = ObstacleSerializer
    filterset_class = ObstacleFilters
    inputs = {"create": ObstacleInput, "clear": ClearInput}

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A new obstacle, raised by the caller."""
        values = self.checked()
        deal = values.pop("opportunity")
        allow(may_edit(self.person, deal))
        row = raise_obstacle(deal=deal, by=self.person, **values)
        return self.shown(row.pk, status.HTTP_201_CREATED)

    @action(detail=True, methods=["post"])
    def clear(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The obstacle is out of the way."""
        row = self.get_object()
        clear_obstacle(obstacle_id=row.pk, by=self.person, **self.checked())
        return self.shown(row.pk)


class CommitmentSerializer(RowSerializer[Commitment]):
    class Meta:
        model = Commitment
        fields = [
            "id",
            "opportunity",
            "made_by",
            "made_to",
            "text",
            "due_on",
            "made_at",
            "settled_at",
            "outcome",
        ]
        read_only_fields = fields


class PromiseInput(Input):
    opportunity = IdRelated(queryset=Opportunity.objects.all())
    made_to = IdRelated(queryset=User.objects.active(), allow_null=True, required=False)
    text = serializers.CharField(max_length=300)
    due_on = DayField()


class DueInput(Input):
    due_on = DayField()


class SettleInput(Input):
    outcome = serializers.ChoiceField(
        choices=[
            (outcome.value, outcome.label)
            for outcome in (CommitmentOutcome.KEPT, CommitmentOutcome.BROKEN, CommitmentOutcome.WITHDRAWN)
        ]
    )


class CommitmentFilters(RowFilters):
    updated_since = InstantFilter(field_name="updated_at", lookup_expr="gte")

    class Meta(RowFilters.Meta):
        model = Commitment
        fields = lookups(
            Commitment, "opportunity", "made_by", "made_to", "due_on", "made_at", "settled_at", "outcome"
        )


class Commitments(ReadOnlyCollection[Commitment]):
    """What somebody promised on a deal by a date, to a colleague or simply to the deal."""

    queryset = Commitment.objects.all()
    serializer_class = CommitmentSerializer
    filterset_class = CommitmentFilters
    inputs = {"create": PromiseInput, "partial_update": DueInput, "settle": SettleInput}

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The caller promises something."""
        values = self.checked()
        deal = values.pop("opportunity")
        allow(may_edit(self.person, deal))
        row = promise(deal=deal, by=self.person, **values)
        return self.shown(row.pk, status.HTTP_201_CREATED)

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Another date. An overdue promise stays as broken, and the answer is the new one."""
        row = self.get_object()
        moved = move_promise(commitment_id=row.pk, by=self.person, **self.checked())
        return self.shown(moved.pk)

    @action(detail=True, methods=["post"])
    def settle(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What became of it; kept after its date becomes late."""
        row = self.get_object()
        outcome = CommitmentOutcome(self.checked()["outcome"])
        settle_promise(commitment_id=row.pk, outcome=outcome, by=self.person)
        return self.shown(row.pk)
