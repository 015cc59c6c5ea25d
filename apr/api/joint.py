"""The joint scorecard of a pair, and the rows behind each of its components."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apr.api.asked import PERIOD, Asked, PeriodSerializer, RatioField
from apr.api.scores import KNOWN, MoneyMeasureSerializer
from apr.closing.pair_page import known_pair
from apr.closing.reading import closing_of
from apr.joint import (
    Amount,
    JointScorecard,
    Key,
    Measure,
    Outcomes,
    Row,
    Side,
    State,
    joint_scorecard,
    pair_for,
)
from apr.models import KnownPair
from foundation.api.fields import ID, InstantField, MoneyField, ratio_json
from foundation.api.filters import PAGING
from foundation.api.pages import RowPages

PEOPLE = [
    OpenApiParameter("partner_manager", str, required=True, description="The id of a user."),
    OpenApiParameter("account_executive", str, required=True, description="The id of a user."),
]
COMPONENT = OpenApiParameter("component", str, required=True, enum=[key.value for key in Key])


def _known_score(text: str) -> float | None:
    return ratio_json(Fraction(text)) if text else None


class ComponentSerializer(serializers.Serializer[Measure]):
    key = serializers.ChoiceField(choices=[(key.value, key.value) for key in Key])
    numerator = serializers.IntegerField(help_text="Rows done.")
    denominator = RatioField(help_text="Rows there are, or (coaching) ought to be; 0 is left out.")
    ratio = RatioField(allow_null=True)
    weight = serializers.IntegerField()


class SideSerializer(serializers.Serializer[Side]):
    score = RatioField(allow_null=True, help_text="0 to 100; null is too little to judge.")
    components = ComponentSerializer(many=True, source="measures")


class SidesSerializer(serializers.Serializer[Any]):
    partner_manager = SideSerializer(source="pm_side")
    account_executive = SideSerializer(source="ae_side")


class AmountSerializer(serializers.Serializer[Amount]):
    count = serializers.IntegerField(help_text="Deals.")
    amount = MoneyField(source="money")
    missing_rates = serializers.SerializerMethodField(help_text="Currencies left out of the amount.")

    def get_missing_rates(self, value: Amount) -> list[str]:
        """Their codes."""
        return [money.currency for money in value.left_out]


class AloneSerializer(serializers.Serializer[Outcomes]):
    won = serializers.IntegerField(source="alone_won")
    lost = serializers.IntegerField(source="alone_lost")
    win_rate = RatioField(source="alone_win_rate", allow_null=True)


class PmNumberSerializer(serializers.Serializer[Any]):
    sourced_won = MoneyMeasureSerializer()
    influenced_won = MoneyMeasureSerializer()


class AeNumberSerializer(serializers.Serializer[Any]):
    won = MoneyMeasureSerializer()


class OutcomesSerializer(serializers.Serializer[Outcomes]):
    pipeline = AmountSerializer(help_text="Shared deals open at the end of the period, or now.")
    won = AmountSerializer()
    lost = AmountSerializer()
    win_rate = RatioField(allow_null=True)
    without_partner_manager = AloneSerializer(source="*", help_text="The account executive's other deals.")
    partner_manager = PmNumberSerializer(source="pm_results")
    account_executive = AeNumberSerializer(source="ae_results")


class KnownComponentSerializer(serializers.Serializer[Any]):
    key = serializers.ChoiceField(choices=[(key.value, key.value) for key in Key])
    numerator = RatioField()
    denominator = RatioField()


class KnownPairSerializer(serializers.Serializer[KnownPair]):
    """A joint scorecard as it was known when its period was closed."""

    closed_at = InstantField(source="closing.known_at")
    closed_by = serializers.CharField(source="closing.closed_by_id", allow_null=True)
    partner_manager = serializers.SerializerMethodField(help_text="Score of the side, 0 to 100.")
    account_executive = serializers.SerializerMethodField(help_text="Score of the side, 0 to 100.")
    joint_score = serializers.SerializerMethodField()
    components = serializers.SerializerMethodField()

    def get_partner_manager(self, known: KnownPair) -> float | None:
        """Null was too little to judge."""
        return _known_score(known.pm_side)

    def get_account_executive(self, known: KnownPair) -> float | None:
        """Null was too little to judge."""
        return _known_score(known.ae_side)

    def get_joint_score(self, known: KnownPair) -> float | None:
        """Null was too little to judge."""
        return _known_score(known.score)

    @extend_schema_field(KnownComponentSerializer(many=True))
    def get_components(self, known: KnownPair) -> Any:
        """All ten, in the order of the scorecard."""
        found = [(key, known.components.get(key.value, ("0", "0"))) for key in Key]
        rows = [
            {"key": key.value, "numerator": Fraction(done), "denominator": Fraction(of)}
            for key, (done, of) in found
        ]
        return KnownComponentSerializer(rows, many=True).data


class JointScorecardSerializer(serializers.Serializer[JointScorecard]):
    partner_manager = serializers.CharField(source="pm.pk")
    account_executive = serializers.CharField(source="ae.pk")
    period = PeriodSerializer()
    sides = SidesSerializer(source="standing")
    joint_score = serializers.SerializerMethodField(help_text="√(one side × the other).")
    shared_opportunities = serializers.IntegerField(source="shared_count")
    outcomes = OutcomesSerializer()
    known = serializers.SerializerMethodField(help_text=KNOWN)

    @extend_schema_field(KnownPairSerializer(allow_null=True))
    def get_known(self, card: JointScorecard) -> Any:
        """The figures of that day."""
        closing = closing_of(card.period)
        known = None if closing is None else known_pair(closing, card.pm, card.ae)
        return None if known is None else KnownPairSerializer(known).data

    def get_joint_score(self, card: JointScorecard) -> float | None:
        """0 to 100, to four decimals."""
        score: Decimal | None = card.standing.score
        return None if score is None else float(score)


class JointRowSerializer(serializers.Serializer[Any]):
    """One visit, deal, obstacle, session or promise; what the caller may not see by itself is null."""

    state = serializers.ChoiceField(choices=[(state.value, state.value) for state in State])
    day = serializers.DateField(help_text="By which it counts: due, closed, last open, brought, done.")
    opportunity = serializers.SerializerMethodField()
    stage = serializers.SerializerMethodField(help_text="Of the visit.")
    starts_on = serializers.SerializerMethodField(help_text="Of the visit.")
    ends_on = serializers.SerializerMethodField(help_text="Of the visit; null while it lasts.")
    expected_days = serializers.SerializerMethodField(help_text="Of the visit.")
    obstacle = serializers.SerializerMethodField()
    commitment = serializers.SerializerMethodField()
    action = serializers.SerializerMethodField()

    def get_opportunity(self, row: Row) -> str | None:
        """The id of the deal."""
        return None if row.deal_id is None else str(row.deal_id)

    def get_stage(self, row: Row) -> str | None:
        """The name that the stage had."""
        return row.visit.stage if row.visit else None

    def get_starts_on(self, row: Row) -> str | None:
        """A date."""
        return row.visit.starts_on.isoformat() if row.visit else None

    def get_ends_on(self, row: Row) -> str | None:
        """A date."""
        return row.visit.ends_on.isoformat() if row.visit and row.visit.ends_on else None

    def get_expected_days(self, row: Row) -> int | None:
        """Working days."""
        return row.visit.expected_days if row.visit else None

    def get_obstacle(self, row: Row) -> str | None:
        """Its id."""
        return None if row.obstacle is None else str(row.obstacle.pk)

    def get_commitment(self, row: Row) -> str | None:
        """Its id."""
        return None if row.promise is None else str(row.promise.pk)

    def get_action(self, row: Row) -> str | None:
        """Its id."""
        return None if row.session is None else str(row.session.pk)


class _OfPair(Asked):
    """What is asked about two people in a period."""

    parameters = frozenset({"partner_manager", "account_executive", "period"})

    def card(self) -> JointScorecard:
        """The card as the caller may read it; 404 where they may not."""
        period = self.period()
        pm_id, ae_id = self.person_id("partner_manager"), self.person_id("account_executive")
        pm, ae = pair_for(self.person, pm_id, ae_id, period)
        return joint_scorecard(pm, ae, period, viewer=self.person)

    def person_id(self, name: str) -> int:
        """Whom a parameter names; refuses what is no id."""
        if not ID.fullmatch(self.asked(name)):
            raise serializers.ValidationError({name: [_("Write the id of a user.")]})
        return int(self.asked(name))


class JointScorecardView(_OfPair):
    """What a partner manager and an account executive owe each other, and what came of it."""

    serializer_class = JointScorecardSerializer

    @extend_schema(
        operation_id="joint_scorecards_retrieve",
        parameters=[*PEOPLE, PERIOD],
        responses=JointScorecardSerializer,
    )
    def get(self, request: Request) -> Response:
        """The scorecard: the two read it, and who leads one of them, with the same figures."""
        return Response(JointScorecardSerializer(self.card()).data)


class JointScorecardRows(_OfPair):
    """The rows behind a component."""

    serializer_class = JointRowSerializer
    pagination_class = RowPages
    parameters = _OfPair.parameters | PAGING | {"component"}

    @extend_schema(
        operation_id="joint_scorecards_rows_list",
        parameters=[*PEOPLE, PERIOD, COMPONENT],
        responses=JointRowSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """A page of them; those done are the numerator."""
        component = self.asked("component")
        if component not in set(Key):
            words = _("Write one of: %(keys)s.") % {"keys": ", ".join(Key)}
            raise serializers.ValidationError({"component": [words]})
        rows = self.card().standing.measure(Key(component)).rows
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(JointRowSerializer(page, many=True).data)
