"""Scores and results of a person or a team, and the actions behind a score."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Team, User
from apr.api.actions import ActionSerializer
from apr.api.asked import PERIOD, Asked, PeriodSerializer, RatioField
from apr.api.figures import VERDICTS, ExpectedMoneyField
from apr.api.known import KnownResultsSerializer, KnownScoreSerializer
from apr.closing.reading import AsKnown, as_known
from apr.models import Action
from apr.periods import Period
from apr.readers import Reading, reading
from apr.scorecards import (
    MoneyMeasure,
    Score,
    action_points,
    own_card,
    person_score,
    results,
    score_rows,
    team_figures,
)
from apr.scorecards.figures import Results
from foundation.api.fields import ID, MoneyField, ratio_json
from foundation.api.filters import PAGING

SUBJECT = OpenApiParameter("subject", str, required=True, description="`user:<id>` or `team:<id>`.")
KNOWN = "What was known when the period was closed; null where it is open."
# The kinds of subject, as the reader's rights call them.
KINDS = {"user": "person", "team": "team"}


class SubjectField(serializers.CharField):
    """`user:<id>` or `team:<id>`."""

    def to_representation(self, value: User | Team) -> str:  # type: ignore[override]
        """The kind and the id."""
        return f"{'user' if isinstance(value, User) else 'team'}:{value.pk}"


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
    known = serializers.SerializerMethodField(help_text=KNOWN)

    @extend_schema_field(KnownScoreSerializer(allow_null=True))
    def get_known(self, score: Score) -> Any:
        """The figures of that day."""
        known: AsKnown | None = self.context["known"]
        return None if known is None else KnownScoreSerializer(known).data


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
    known = serializers.SerializerMethodField(help_text=KNOWN)

    @extend_schema_field(KnownResultsSerializer(allow_null=True))
    def get_known(self, value: Results) -> Any:
        """The figures of that day."""
        known: AsKnown | None = self.context["known"]
        return None if known is None else KnownResultsSerializer(known).data


class _OfSubject(Asked):
    """What is asked about a subject in a period, named in the query."""

    parameters = frozenset({"subject", "period"})

    def reading(self) -> Reading:
        """Whom it is about, and which of their days; 404 where the caller may not see them, as for nobody."""
        kind, _colon, pk = self.asked("subject").partition(":")
        if kind not in KINDS or not ID.fullmatch(pk):
            raise serializers.ValidationError({"subject": [_("Write user:<id> or team:<id>.")]})
        return reading(self.person, KINDS[kind], int(pk))


class ScoreView(_OfSubject):
    """APR points of a person or a team against their target."""

    serializer_class = ScoreSerializer

    @extend_schema(operation_id="scores_retrieve", parameters=[SUBJECT, PERIOD], responses=ScoreSerializer)
    def get(self, request: Request) -> Response:
        """The score; of a person whom one leads or led, that of the days on which one did."""
        period, asked = self.period(), self.reading()
        context = {"known": as_known(asked, period)}
        return Response(ScoreSerializer(_score(asked, period), context=context).data)


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
        page = self.paginate_queryset(actions.select_related("action_type", "advice")) or []
        context = {**self.get_serializer_context(), "points": action_points(page)}
        return self.get_paginated_response(ScoreRowSerializer(page, many=True, context=context).data)


class ResultView(_OfSubject):
    """What came of the work: won, sourced, influenced, pipeline and win rate against their targets."""

    serializer_class = ResultsSerializer

    @extend_schema(operation_id="results_retrieve", parameters=[SUBJECT, PERIOD], responses=ResultsSerializer)
    def get(self, request: Request) -> Response:
        """The results; of a person whom one leads or led, those of the days on which one did."""
        period, asked = self.period(), self.reading()
        context = {"known": as_known(asked, period)}
        return Response(ResultsSerializer(_results(asked, period), context=context).data)


def _score(asked: Reading, period: Period) -> Score:
    subject = asked.subject
    if isinstance(subject, Team):
        return team_figures(subject, period).score
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
