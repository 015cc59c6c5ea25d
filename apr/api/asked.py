"""Figures of a period: what such an address asks for, and how ratios and periods are written."""

from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request

from accounts.models import Organisation
from apr.models import Action
from apr.periods import Period, parse_period
from foundation.api.fields import ratio_json
from foundation.api.views import ApiView

PERIOD = OpenApiParameter(
    "period", str, required=True, description="`2026`, `2026-Q3`, `2026-09` or `2026-W37`."
)


class RatioField(serializers.FloatField):
    """A fraction, rounded once to four decimals."""

    def to_representation(self, value: Fraction) -> float | None:  # type: ignore[override]
        """A number."""
        return ratio_json(value)


class PeriodSerializer(serializers.Serializer[Period]):
    key = serializers.CharField()
    start = serializers.DateField()
    end = serializers.DateField(help_text="The first day after it.")


class Asked(ApiView, GenericAPIView[Any]):
    """A view that answers a query of named parameters, the period among them."""

    filter_backends = ()
    parameters = frozenset({"period"})
    queryset = Action.objects.none()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuses parameters that nobody knows."""
        super().initial(request, *args, **kwargs)
        if unknown := sorted(set(request.query_params) - self.parameters):
            raise serializers.ValidationError({name: [_("There is no such parameter.")] for name in unknown})

    def period(self) -> Period:
        """When; refuses what is no period."""
        return parse_period(self.asked("period"), Organisation.current().fiscal_first_month)

    def asked(self, name: str) -> str:
        """A parameter of the query that has to be there."""
        value = self.request.query_params.get(name, "")
        if not value:
            raise serializers.ValidationError({name: [_("This is needed.")]})
        return value
