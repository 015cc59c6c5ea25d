"""Mutual goals with partners, and how far they are."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Organisation
from apr.partner_goals import goal_values
from foundation.api.fields import MONEY, DayField, IdRelated, MoneyField, money_json
from foundation.api.filters import InstantFilter, RowFilters, lookups
from foundation.api.serializers import Input, RowSerializer
from foundation.api.views import ReadOnlyCollection
from foundation.money import Money
from partners.goals import MOST, Terms, change_goal, enter_progress, retire_goal, set_goal
from partners.models import GoalMetric, GoalSide, Partner, PartnerGoal

AMOUNT_OR_NUMBER = {"anyOf": [{"type": "integer"}, MONEY]}
TERMS = ("text", "metric", "target", "starts_on", "due_on", "why")


def _in_unit(goal: PartnerGoal, value: int) -> int | dict[str, str]:
    return money_json(Money(value, goal.currency)) if goal.currency else value


@extend_schema_field(AMOUNT_OR_NUMBER)
class GoalTargetField(serializers.Field[Any, Any, Any, PartnerGoal]):
    """Money where the goal is an amount, else a whole number."""

    def to_internal_value(self, data: object) -> object:
        """As it came; it is read when the metric is known."""
        return data

    def to_representation(self, value: PartnerGoal) -> int | dict[str, str]:
        """In the unit of the goal."""
        return _in_unit(value, value.target)


class GoalSerializer(RowSerializer[PartnerGoal]):
    target = GoalTargetField(source="*", read_only=True)
    progress = serializers.SerializerMethodField(help_text="What is reached, in the unit of the target.")

    class Meta:
        model = PartnerGoal
        fields = [
            "id",
            "partner",
            "side",
            "text",
            "metric",
            "target",
            "progress",
            "starts_on",
            "due_on",
            "why",
            "created_at",
            "retired_at",
            "retire_reason",
        ]
        read_only_fields = fields

    @extend_schema_field(AMOUNT_OR_NUMBER)
    def get_progress(self, goal: PartnerGoal) -> int | dict[str, str]:
        """Of the deals and actions that the caller sees, or as entered."""
        values: Mapping[int, Any] = self.context["values"]
        if goal.pk not in values:
            values = goal_values([goal], self.context["request"].user)
        return _in_unit(goal, values[goal.pk][0])


class TermsInput(Input):
    text = serializers.CharField(max_length=200)
    metric = serializers.ChoiceField(choices=GoalMetric.choices)
    target = GoalTargetField()
    starts_on = DayField()
    due_on = DayField()
    why = serializers.CharField(max_length=300)


class GoalInput(TermsInput):
    partner = IdRelated(queryset=Partner.objects.all())
    side = serializers.ChoiceField(choices=GoalSide.choices)


class ProgressInput(Input):
    on = DayField()
    value = serializers.IntegerField(min_value=0, max_value=MOST)
    note = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


class RetireInput(Input):
    reason = serializers.CharField(max_length=300)


class GoalFilters(RowFilters):
    updated_since = InstantFilter(field_name="updated_at", lookup_expr="gte")

    class Meta(RowFilters.Meta):
        model = PartnerGoal
        fields = lookups(
            PartnerGoal, "partner", "side", "metric", "starts_on", "due_on", "created_at", "retired_at"
        )


class PartnerGoals(ReadOnlyCollection[PartnerGoal]):
    """What a partner and we want to reach together. Changed goals keep what they were; none is deleted."""

    queryset = PartnerGoal.objects.all()
    serializer_class = GoalSerializer
    filterset_class = GoalFilters
    inputs = {
        "create": GoalInput,
        "partial_update": TermsInput,
        "progress": ProgressInput,
        "retire": RetireInput,
    }

    def get_serializer_context(self) -> dict[str, Any]:
        """With how far the goals of the page are."""
        return {**super().get_serializer_context(), "values": getattr(self, "values", {})}

    def paginate_queryset(self, queryset: QuerySet[PartnerGoal] | Any) -> Any:
        """The page; how far its goals are is told for all of them at once."""
        page = super().paginate_queryset(queryset)
        self.values = goal_values(page or [], self.person)
        return page

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A new goal of one side."""
        values = self.checked()
        partner, side = values.pop("partner"), values.pop("side")
        made = set_goal(partner=partner, side=side, terms=_terms(values), by=self.person)
        return self.shown(made.pk, status.HTTP_201_CREATED)

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Other terms from now on."""
        goal = self.get_object()
        values = {"target": _in_unit(goal, goal.target)} | self.checked(partial=True)
        kept = {name: getattr(goal, name) for name in TERMS if name not in values}
        change_goal(goal_id=goal.pk, terms=_terms({**kept, **values}), by=self.person)
        return self.shown(goal.pk)

    @action(detail=True, methods=["post"])
    def progress(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """How far it is on a day, where nothing measures it."""
        goal = self.get_object()
        enter_progress(goal_id=goal.pk, by=self.person, **self.checked())
        return self.shown(goal.pk)

    @action(detail=True, methods=["post"])
    def retire(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Takes it off the list, for a reason."""
        goal = self.get_object()
        retire_goal(goal_id=goal.pk, by=self.person, **self.checked())
        return self.shown(goal.pk)


def _terms(values: dict[str, Any]) -> Terms:
    """The terms, with the target in the unit that is kept; ValidationError where it is in another."""
    try:
        target = _kept(values["metric"], values["target"])
    except serializers.ValidationError as error:
        raise serializers.ValidationError({"target": error.detail}) from error
    return Terms(**{**values, "target": target})


def _kept(metric: str, value: object) -> int:
    if metric != GoalMetric.SOURCED_WON:
        return int(serializers.IntegerField(min_value=1, max_value=MOST).run_validation(value))
    money, currency = MoneyField().run_validation(value), Organisation.current().reporting_currency
    if money.currency != currency:
        raise serializers.ValidationError(_("Goals are in %(currency)s.") % {"currency": currency})
    return int(money.minor)
