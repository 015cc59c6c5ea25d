"""Scores and results of a closed period as they were known, in the API."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apr.api.asked import RatioField
from apr.api.figures import VERDICTS, ExpectedMoneyField
from apr.closing.figures import Known, KnownMoney
from apr.closing.reading import AsKnown
from foundation.api.fields import InstantField, MoneyField


class KnownTypeSerializer(serializers.Serializer[Any]):
    """The part of one action type, as known."""

    action_type = serializers.CharField()
    count = serializers.IntegerField(source="points.count")
    raw_points = serializers.IntegerField(source="points.raw")
    counted_points = serializers.IntegerField(source="points.counted")


class KnownScoreSerializer(serializers.Serializer[AsKnown]):
    """A score as it was known when its period was closed."""

    closed_at = InstantField(source="closing.known_at")
    closed_by = serializers.CharField(source="closing.closed_by_id", allow_null=True)
    raw_points = serializers.IntegerField(source="figures.points.raw")
    counted_points = serializers.IntegerField(source="figures.points.counted")
    confirmed_points = serializers.IntegerField(source="figures.points.confirmed")
    target = RatioField(source="figures.target", allow_null=True)
    expected_to_date = RatioField(source="figures.expected_to_date", allow_null=True)
    attainment = RatioField(source="figures.attainment", allow_null=True)
    status = serializers.ChoiceField(source="figures.status", choices=VERDICTS)
    by_type = serializers.SerializerMethodField()

    @extend_schema_field(KnownTypeSerializer(many=True))
    def get_by_type(self, value: AsKnown) -> Any:
        """By action type."""
        rows = [{"action_type": pk, "points": one} for pk, one in sorted(value.figures.by_type.items())]
        return KnownTypeSerializer(rows, many=True).data


class KnownMoneySerializer(serializers.Serializer[KnownMoney]):
    """An amount as known."""

    amount = MoneyField()
    count = serializers.IntegerField(help_text="Deals in it.")
    target = ExpectedMoneyField("target")
    attainment = RatioField(allow_null=True)


class KnownWinRateSerializer(serializers.Serializer[Known]):
    """Won of won and lost, as known."""

    rate = RatioField(source="win_rate", allow_null=True)
    wins = serializers.IntegerField()
    losses = serializers.IntegerField()
    target = RatioField(source="win_rate_target", allow_null=True)


class KnownResultsSerializer(serializers.Serializer[AsKnown]):
    """Results as they were known when their period was closed."""

    closed_at = InstantField(source="closing.known_at")
    closed_by = serializers.CharField(source="closing.closed_by_id", allow_null=True)
    won = KnownMoneySerializer(source="figures.money.won")
    sourced_won = KnownMoneySerializer(source="figures.money.sourced_won")
    influenced_won = KnownMoneySerializer(source="figures.money.influenced_won")
    pipeline_created = KnownMoneySerializer(source="figures.money.pipeline_created")
    win_rate = KnownWinRateSerializer(source="figures")
