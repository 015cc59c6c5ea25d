"""Scores and results of a person or a team, and the actions behind a score."""

from fractions import Fraction
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Organisation, Team, User
from apr.api.actions import ActionSerializer
from apr.models import Action
from apr.periods import Period, parse_period
from apr.readers import Reading, reading
from apr.scorecards import (
    MoneyMeasure,
    Score,
    action_points,
    own_card,
    person_score,
    results,
    score_rows,
    team_scorecard,
)
from apr.scorecards.figures import Results
from apr.scoring import Status
from foundation.api.fields import ID, MONEY, MoneyField, money_json, ratio_json
from foundation.api.filters import PAGING
from foundation.api.views import ApiView
from foundation.money import Money

SUBJECT = OpenApiParameter("subject", str, required=True, description="`user:<id>` or `team:<id>`.")
PERIOD = OpenApiParameter(
    "period", str, required=True, description="`2026`, `2026-Q3`, `2026-09` or `2026-W37`."
)
VERDICTS = [(one.value, one.value) for one in Status]
# The kinds of subject, as the reader's rights call them.
KINDS = {"user": "person", "team": "team"}


class RatioField(serializers.FloatField):
    """A fraction, rounded once to four decimals."""

    def to_representation(self, value: Fraction) -> float | None:  # type: ignore[override]
        """A number."""
        return ratio_json(value)


class SubjectField(serializers.CharField):
    """`user:<id>` or `team:<id>`."""

    def to_representation(self, value: User | Team) -> str:  # type: ignore[override]
        """The kind and the id."""
        return f"{'user' if isinstance(value, User) else 'team'}:{value.pk}"


class PeriodSerializer(serializers.Serializer[Period]):
    key = serializers.CharField()
    start = serializers.DateField()
    end = serializers.DateField(help_text="The first day after it.")


class TypeScoreSerializer(serializers.Serializer[Any]):
    action_type = serializers.CharField(source="action_type.pk")
    count = serializers.IntegerField()
    raw_points = serializers.IntegerField()
    counted_points = serializers.IntegerField()


class ScoreSerializer(serializers.Serializer[Score]):
    subject = SubjectField()
    period = PeriodSerializer()
    raw_points = serializers.IntegerField()
    counted_points = serializers.IntegerField()
    confirmed_points = serializers.IntegerField()
    target = RatioField(allow_null=True)
    expected_to_date = RatioField(allow_null=True)
    attainment = RatioField(allow_null=True)
    pace = RatioField(allow_null=True)
    status = serializers.ChoiceField(choices=VERDICTS)
    by_type = TypeScoreSerializer(many=True)
    pending_changes = serializers.IntegerField(
        help_text="Not rolled up yet; the figures contain them all the same."
    )


class ScoreRowSerializer(ActionSerializer):
    """An action with what it adds to the score."""

    raw_points = serializers.SerializerMethodField()
    counted_points = serializers.SerializerMethodField()
    confirmed_points = serializers.SerializerMethodField()

    class Meta(ActionSerializer.Meta):
        fields = [*ActionSerializer.Meta.fields, "raw_points", "counted_points", "confirmed_points"]

    def get_raw_points(self, action: Action) -> int:
        """Before the cap."""
        return int(self.context["points"][action.pk].raw)

    def get_counted_points(self, action: Action) -> int:
        """Capped, nothing where disputed."""
        return int(self.context["points"][action.pk].counted)

    def get_confirmed_points(self, action: Action) -> int:
        """The part of counted that the counterpart confirmed."""
        return int(self.context["points"][action.pk].confirmed)


@extend_schema_field({**MONEY, "type": ["object", "null"]})
class ExpectedMoneyField(serializers.Field[Any, Any, Any, Any]):
    """An expected amount in the currency of the measure, rounded once to its minor unit."""

    def __init__(self, figure: str) -> None:
        super().__init__(source="*", read_only=True)
        self.figure = figure

    def to_representation(self, value: MoneyMeasure) -> dict[str, str] | None:
        """Money, or None where nothing is expected."""
        wanted: Fraction | None = getattr(value, self.figure)
        return None if wanted is None else money_json(Money(round(wanted), value.amount.currency))


class MoneyMeasureSerializer(serializers.Serializer[MoneyMeasure]):
    amount = MoneyField()
    count = serializers.IntegerField(help_text="Deals in it.")
    target = ExpectedMoneyField("target")
    expected_to_date = ExpectedMoneyField("expected_to_date")
    attainment = RatioField(allow_null=True)
    pace = RatioField(allow_null=True)
    status = serializers.ChoiceField(choices=VERDICTS)


class WinRateSerializer(serializers.Serializer[Results]):
    rate = RatioField(source="win_rate", allow_null=True)
    wins = serializers.IntegerField()
    losses = serializers.IntegerField()
    target = RatioField(source="win_rate_target", allow_null=True)
    attainment = serializers.SerializerMethodField()
    status = serializers.ChoiceField(source="win_rate_status", choices=VERDICTS)

    def get_attainment(self, value: Results) -> float | None:
        """The rate held against its target."""
        if value.win_rate is None or not value.win_rate_target:
            return None
        return ratio_json(value.win_rate / value.win_rate_target)


class ResultsSerializer(serializers.Serializer[Results]):
    subject = SubjectField()
    period = PeriodSerializer()
    won = MoneyMeasureSerializer()
    sourced_won = MoneyMeasureSerializer()
    influenced_won = MoneyMeasureSerializer()
    pipeline_created = MoneyMeasureSerializer()
    win_rate = WinRateSerializer(source="*")
    overlap = MoneyField(help_text="Won amount that stands in an AE's number and in a PM's.")
    missing_rates = serializers.ListField(child=serializers.CharField(), help_text="Currencies left out.")
    pending_changes = serializers.IntegerField()


class _OfSubject(ApiView, GenericAPIView[Any]):
    """What is asked about a subject in a period, named in the query."""

    filter_backends = ()
    parameters = frozenset({"subject", "period"})
    queryset = Action.objects.none()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuses parameters that nobody knows."""
        super().initial(request, *args, **kwargs)
        if unknown := sorted(set(request.query_params) - self.parameters):
            raise serializers.ValidationError({name: [_("There is no such parameter.")] for name in unknown})

    def reading(self) -> Reading:
        """Whom it is about, and which of their days; 404 where the caller may not see them, as for nobody."""
        kind, _colon, pk = self.asked("subject").partition(":")
        if kind not in KINDS or not ID.fullmatch(pk):
            raise serializers.ValidationError({"subject": [_("Write user:<id> or team:<id>.")]})
        return reading(self.person, KINDS[kind], int(pk))

    def period(self) -> Period:
        """When; refuses what is no period."""
        return parse_period(self.asked("period"), Organisation.current().fiscal_first_month)

    def asked(self, name: str) -> str:
        """A parameter of the query that has to be there."""
        value = self.request.query_params.get(name, "")
        if not value:
            raise serializers.ValidationError({name: [_("This is needed.")]})
        return value


class ScoreView(_OfSubject):
    """APR points of a person or a team against their target."""

    serializer_class = ScoreSerializer

    @extend_schema(operation_id="scores_retrieve", parameters=[SUBJECT, PERIOD], responses=ScoreSerializer)
    def get(self, request: Request) -> Response:
        """The score; of a person whom one leads or led, that of the days on which one did."""
        period = self.period()
        return Response(ScoreSerializer(_score(self.reading(), period)).data)


class ScoreRows(_OfSubject):
    """The actions behind a score."""

    serializer_class = ScoreRowSerializer
    parameters = _OfSubject.parameters | PAGING

    @extend_schema(
        operation_id="scores_rows_list", parameters=[SUBJECT, PERIOD], responses=ScoreRowSerializer(many=True)
    )
    def get(self, request: Request) -> Response:
        """A page of them; the points of all add up to the score."""
        period, asked = self.period(), self.reading()
        actions: QuerySet[Action] = score_rows(asked.subject, period, viewer=self.person, within=asked.within)
        page = self.paginate_queryset(actions.select_related("action_type")) or []
        context = {**self.get_serializer_context(), "points": action_points(page)}
        return self.get_paginated_response(ScoreRowSerializer(page, many=True, context=context).data)


class ResultView(_OfSubject):
    """What came of the work: won, sourced, influenced, pipeline and win rate against their targets."""

    serializer_class = ResultsSerializer

    @extend_schema(operation_id="results_retrieve", parameters=[SUBJECT, PERIOD], responses=ResultsSerializer)
    def get(self, request: Request) -> Response:
        """The results; of a person whom one leads or led, those of the days on which one did."""
        period = self.period()
        return Response(ResultsSerializer(_results(self.reading(), period)).data)


def _score(asked: Reading, period: Period) -> Score:
    subject = asked.subject
    if isinstance(subject, Team):
        return team_scorecard(subject, period).total
    assert isinstance(subject, User)  # noqa: S101 - KINDS names no other
    if asked.within is None:
        return person_score(subject, period)
    return own_card(subject, period, period, within=asked.within).score


def _results(asked: Reading, period: Period) -> Results:
    subject = asked.subject
    assert isinstance(subject, User | Team)  # noqa: S101 - KINDS names no other
    if isinstance(subject, Team) or asked.within is None:
        return results(subject, period)
    return own_card(subject, period, period, within=asked.within).results
