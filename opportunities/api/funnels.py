"""Customers, funnels and stages."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import CONFIGURATION
from accounts.models import User
from foundation.api.filters import InstantFilter, RowFilters, lookups
from foundation.api.serializers import PlainSerializer, RowSerializer
from foundation.api.views import PlainCollection, ReadOnlyCollection, allow
from opportunities.models import Customer, Funnel, Stage, StageKind
from opportunities.permissions import may_edit_customer
from opportunities.services.funnels import (
    add_funnel,
    add_stage,
    make_default,
    open_stages,
    restore_funnel,
    restore_stage,
    retire_funnel,
    retire_stage,
    save_stages,
)


class CustomerSerializer(PlainSerializer[Customer]):
    class Meta:
        model = Customer
        fields = [
            "id",
            "name",
            "industry",
            "region",
            "website",
            "external_source",
            "external_id",
            "created_at",
        ]
        read_only_fields = ["created_at"]


class CustomerFilters(RowFilters):
    updated_since = InstantFilter(field_name="updated_at", lookup_expr="gte")

    class Meta(RowFilters.Meta):
        model = Customer
        fields = lookups(
            Customer, "name", "industry", "region", "external_source", "external_id", "created_at"
        )


class Customers(PlainCollection[Customer]):
    """Companies that buy, or may. Everybody who works on deals can enter one."""

    queryset = Customer.objects.all()
    serializer_class = CustomerSerializer
    filterset_class = CustomerFilters

    def save(self, serializer: serializers.BaseSerializer[Customer]) -> Customer:
        """Writes the customer; changed by who works on one of its deals."""
        if serializer.instance is not None:
            allow(may_edit_customer(self.person, serializer.instance))
        return serializer.save()


class FunnelSerializer(RowSerializer[Funnel]):
    class Meta:
        model = Funnel
        fields = ["id", "name", "is_default", "is_active"]


class FunnelInput(PlainSerializer[Funnel]):
    class Meta:
        model = Funnel
        fields = ["name"]


class FunnelChange(PlainSerializer[Funnel]):
    is_default = serializers.BooleanField(required=False, help_text="True makes it the one for new deals.")

    class Meta:
        model = Funnel
        fields = ["name", "is_default", "is_active"]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The default passes from one funnel to another, so only its name is checked here."""
        self.check(**{name: value for name, value in attrs.items() if name == "name"})
        return attrs


class FunnelFilters(RowFilters):
    class Meta(RowFilters.Meta):
        model = Funnel
        fields = lookups(Funnel, "name", "is_default", "is_active")


class Funnels(ReadOnlyCollection[Funnel]):
    """Ways that deals go. A new one has a first stage and the closing ones."""

    queryset = Funnel.objects.all()
    serializer_class = FunnelSerializer
    filterset_class = FunnelFilters
    permission_classes = CONFIGURATION
    inputs = {"create": FunnelInput, "partial_update": FunnelChange}

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A new funnel."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return self.shown(add_funnel(**serializer.validated_data).pk, status.HTTP_201_CREATED)

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Another name; the default; retired or back in use."""
        funnel = self.get_object()
        serializer = self.get_serializer(funnel, data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        values = serializer.validated_data
        with transaction.atomic():
            if "name" in values:
                funnel.name = values["name"]
                funnel.save(update_fields=["name"])
            if "is_active" in values and values["is_active"] != funnel.is_active:
                (restore_funnel if values["is_active"] else retire_funnel)(funnel=funnel)
            if values.get("is_default"):
                make_default(funnel=funnel)
        return self.shown(funnel.pk)


class StageSerializer(PlainSerializer[Stage]):
    class Meta:
        model = Stage
        fields = [
            "id",
            "funnel",
            "name",
            "position",
            "kind",
            "probability",
            "forecast_category",
            "expected_days",
            "allowed_silence_days",
            "is_active",
        ]
        read_only_fields = ["kind"]
        extra_kwargs = {"position": {"required": False, "min_value": 1, "max_value": 1000}}


class StageFilters(RowFilters):
    class Meta(RowFilters.Meta):
        model = Stage
        fields = lookups(
            Stage, "funnel", "name", "position", "kind", "probability", "forecast_category", "is_active"
        )


class Stages(PlainCollection[Stage]):
    """Steps of funnels. A new one is open and stands behind the others; a retired one stays in history."""

    queryset = Stage.objects.all()
    serializer_class = StageSerializer
    filterset_class = StageFilters
    permission_classes = CONFIGURATION

    def save(self, serializer: serializers.BaseSerializer[Stage]) -> Stage:
        """Writes the stage and puts it in its place; past visits keep what held when they began."""
        values = dict(serializer.validated_data)
        position, is_active = values.pop("position", None), values.pop("is_active", None)
        stage = serializer.instance
        if stage is not None and values.pop("funnel", stage.funnel) != stage.funnel:
            raise serializers.ValidationError({"funnel": [_("A stage stays in its funnel.")]})
        with transaction.atomic():
            if stage is None:
                stage = add_stage(funnel=values["funnel"], stage=Stage(**values))
            else:
                for name, value in values.items():
                    setattr(stage, name, value)
                stage.save(update_fields=list(values))
            if is_active is not None and is_active != stage.is_active:
                _use(stage, is_active, by=self.person)
            if position is not None:
                _place(stage, position)
        return stage


def _use(stage: Stage, is_active: bool, *, by: User) -> None:
    if is_active:
        restore_stage(stage=stage)
    else:
        retire_stage(stage=stage, move_to=None, by=by)


def _place(stage: Stage, position: int) -> None:
    """Puts an open stage at that place of its funnel and numbers the others around it."""
    if stage.kind != StageKind.OPEN or not stage.is_active:
        raise serializers.ValidationError({"position": [_("Only open stages in use have a place.")]})
    others = [other for other in open_stages(stage.funnel) if other != stage]
    save_stages(funnel=stage.funnel, stages=[*others[: position - 1], stage, *others[position - 1 :]])
