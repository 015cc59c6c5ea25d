"""What actions are worth and what is expected of whom. Superseded, never overwritten."""

from fractions import Fraction
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import CONFIGURATION
from accounts.models import Organisation, Role, Team, User
from apr.models import ActionCategory, ActionType, Metric, PointRule, Target, TargetScope
from apr.periods import PeriodKind
from apr.services.rules import add_action_type, plan_rule, save_action_types
from apr.services.targets import KEYED, Subject, set_target
from foundation.api.fields import ID, MONEY, DayField, IdRelated, MoneyField, money_json
from foundation.api.filters import InstantFilter, RowFilters, lookups
from foundation.api.serializers import Input, RowSerializer
from foundation.api.views import ReadOnlyCollection
from foundation.money import Money

IN_MONEY = frozenset(
    {Metric.WON_AMOUNT, Metric.SOURCED_WON_AMOUNT, Metric.INFLUENCED_WON_AMOUNT, Metric.PIPELINE_CREATED}
)
PERCENT_OF_PERCENT = 10_000  # a win rate is kept in hundredths of a per cent
SMALL = 32_767


class ActionTypeSerializer(RowSerializer[ActionType]):
    class Meta:
        model = ActionType
        fields = ["id", "key", "name", "category", "icon", "position", "is_active"]
        read_only_fields = fields


class NewTypeInput(Input):
    name = serializers.CharField(max_length=80)
    category = serializers.ChoiceField(choices=ActionCategory.choices)
    points = serializers.IntegerField(min_value=0, max_value=SMALL, help_text="Worth from today on.")


class TypeChange(Input):
    name = serializers.CharField(max_length=80)
    position = serializers.IntegerField(min_value=1, max_value=1000)
    is_active = serializers.BooleanField()


class ActionTypeFilters(RowFilters):
    class Meta(RowFilters.Meta):
        model = ActionType
        fields = lookups(ActionType, "key", "name", "category", "position", "is_active")


class ActionTypes(ReadOnlyCollection[ActionType]):
    """Kinds of actions; retired, never deleted."""

    queryset = ActionType.objects.all()
    serializer_class = ActionTypeSerializer
    filterset_class = ActionTypeFilters
    permission_classes = CONFIGURATION
    inputs = {"create": NewTypeInput, "partial_update": TypeChange}

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A new kind of action, with its points from today on."""
        values = self.checked()
        points = values.pop("points")
        made = add_action_type(action_type=ActionType(**values), points=points, by=self.person)
        return self.shown(made.pk, status.HTTP_201_CREATED)

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Another name or place; retired or back in use."""
        row = self.get_object()
        values = self.checked(partial=True)
        position = values.pop("position", None)
        for name, value in values.items():
            setattr(row, name, value)
        with transaction.atomic():
            row.save()
            if position is not None:
                others = list(ActionType.objects.exclude(pk=row.pk))
                save_action_types(action_types=[*others[: position - 1], row, *others[position - 1 :]])
        return self.shown(row.pk)


class PointRuleSerializer(RowSerializer[PointRule]):
    class Meta:
        model = PointRule
        fields = ["id", "action_type", "points", "daily_cap", "effective_from"]
        read_only_fields = fields


class RuleInput(Input):
    action_type = IdRelated(queryset=ActionType.objects.all())
    points = serializers.IntegerField(min_value=0, max_value=SMALL)
    daily_cap = serializers.IntegerField(min_value=0, max_value=SMALL, allow_null=True, default=None)
    effective_from = DayField(help_text="Today or later: points that were earned stay.")


class PointRuleFilters(RowFilters):
    updated_since = InstantFilter(field_name="created_at", lookup_expr="gte")

    class Meta(RowFilters.Meta):
        model = PointRule
        fields = lookups(PointRule, "action_type", "points", "daily_cap", "effective_from")


class PointRules(ReadOnlyCollection[PointRule]):
    """What a kind of action is worth from a day on, until a later rule begins."""

    queryset = PointRule.objects.all()
    serializer_class = PointRuleSerializer
    filterset_class = PointRuleFilters
    permission_classes = CONFIGURATION
    inputs = {"create": RuleInput}

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A rule from a day on; a planned one of the same day is replaced."""
        rule = plan_rule(by=self.person, **self.checked())
        return self.shown(rule.pk, status.HTTP_201_CREATED)


@extend_schema_field({"type": "string", "pattern": "^(user|team):[0-9]+$|^role:[a-z_]+$"})
class SubjectField(serializers.Field[Any, Any, str, Target]):
    """`user:<id>`, `team:<id>` or `role:<key>`."""

    default_error_messages = {
        "invalid": _("Write user:<id>, team:<id> or role:<key>."),
        "does_not_exist": _("There is no such row, or it is not for you to see."),
    }

    def to_internal_value(self, data: object) -> Subject:
        """Whom a target is for."""
        kind, _colon, key = data.partition(":") if isinstance(data, str) else ("", "", "")
        if kind == "role" and key in Role.values:
            return Subject(role=key)
        if kind not in ("user", "team") or not ID.fullmatch(key):
            self.fail("invalid")
        reader = self.context["request"].user
        if kind == "user":
            user = User.objects.visible_to(reader).filter(pk=int(key)).first()
            return Subject(user=user) if user else self.fail("does_not_exist")
        team = Team.objects.visible_to(reader).filter(pk=int(key)).first()
        return Subject(team=team) if team else self.fail("does_not_exist")

    def to_representation(self, value: Target) -> str:
        """The kind and the id or key."""
        if value.user_id:
            return f"user:{value.user_id}"
        return f"team:{value.team_id}" if value.team_id else f"role:{value.role}"


@extend_schema_field({"type": "string"})
class MetricField(serializers.Field[Any, Any, str, Target]):
    """`apr_points`, `category_points:<key>`, `action_count:<key>`, `won_amount` …"""

    default_error_messages = {"invalid": _("There is no such metric.")}

    def to_internal_value(self, data: object) -> tuple[Metric, str]:
        """The metric and the category or action type it is about."""
        name, _colon, key = data.partition(":") if isinstance(data, str) else ("", "", "")
        if name not in Metric.values or bool(key) != (name in KEYED):
            self.fail("invalid")
        return Metric(name), key

    def to_representation(self, value: Target) -> str:
        """The metric, with its key after a colon where it has one."""
        return f"{value.metric}:{value.metric_key}" if value.metric_key else value.metric


@extend_schema_field({"anyOf": [{"type": "number"}, MONEY]})
class ValueField(serializers.Field[Any, Any, Any, Target]):
    """Points or a count as a whole number, an amount as money, a win rate as a number from 0 to 1."""

    def to_internal_value(self, data: object) -> object:
        """As it came; `TargetInput` reads it when the metric is known."""
        return data

    def to_representation(self, value: Target) -> int | float | dict[str, str]:
        """In the unit of the metric."""
        if value.metric in IN_MONEY:
            return money_json(Money(value.value, self.context["currency"]))
        if value.metric == Metric.WIN_RATE:
            return float(Fraction(value.value, PERCENT_OF_PERCENT))
        return value.value


class TargetSerializer(RowSerializer[Target]):
    subject = SubjectField(source="*", read_only=True)
    metric = MetricField(source="*", read_only=True)
    value = ValueField(source="*", read_only=True)

    class Meta:
        model = Target
        fields = ["id", "subject", "scope", "metric", "period_kind", "value", "effective_from", "why"]
        read_only_fields = fields


class TargetInput(Input):
    subject = SubjectField()
    scope = serializers.ChoiceField(choices=TargetScope.choices, default=TargetScope.EACH)
    metric = MetricField()
    period_kind = serializers.ChoiceField(choices=PeriodKind.choices)
    value = ValueField()
    effective_from = DayField()
    why = serializers.CharField(max_length=300)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The value in the unit that is kept, as the metric says."""
        metric, key = attrs.pop("metric")
        try:
            value = self._kept(metric, attrs["value"])
        except serializers.ValidationError as error:
            raise serializers.ValidationError({"value": error.detail}) from error
        return {**attrs, "metric": metric, "metric_key": key, "value": value}

    def _kept(self, metric: Metric, value: object) -> int:
        if metric in IN_MONEY:
            money = MoneyField().run_validation(value)
            if money.currency != self.context["currency"]:
                raise serializers.ValidationError(
                    _("Targets are in %(currency)s.") % {"currency": self.context["currency"]}
                )
            return int(money.minor)
        if metric == Metric.WIN_RATE:
            rate = serializers.DecimalField(5, 4, min_value=0, max_value=1).run_validation(value)
            return int(rate * PERCENT_OF_PERCENT)
        return int(serializers.IntegerField(min_value=0, max_value=10**9).run_validation(value))


class TargetFilters(RowFilters):
    updated_since = InstantFilter(field_name="created_at", lookup_expr="gte")

    class Meta(RowFilters.Meta):
        model = Target
        fields = lookups(Target, "user", "team", "role", "scope", "metric", "period_kind", "effective_from")


class Targets(ReadOnlyCollection[Target]):
    """What is expected per period from a day on, and why. Nobody sets their own."""

    queryset = Target.objects.all()
    serializer_class = TargetSerializer
    filterset_class = TargetFilters
    permission_classes = CONFIGURATION
    inputs = {"create": TargetInput}

    def get_serializer_context(self) -> dict[str, Any]:
        """With the currency in which amounts are kept."""
        currency = Organisation.current().reporting_currency
        return {**super().get_serializer_context(), "currency": currency}

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A new target; the one that held until then stays on record."""
        values = self.checked()
        made = set_target(
            by=self.person,
            **values
            | {"scope": TargetScope(values["scope"]), "period_kind": PeriodKind(values["period_kind"])},
        )
        return self.shown(made.pk, status.HTTP_201_CREATED)
