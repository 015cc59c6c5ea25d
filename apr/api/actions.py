"""Logging in the API, one by one and up to a thousand at once."""

from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, transaction
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from apr.models import Action, ActionCapacity, ActionType, CoachingAdvice, Confirmation
from apr.permissions import may_read_notes
from apr.services.actions import answer_action, edit_action, log_action, void_action
from apr.services.coaching import acknowledge_advice
from foundation.api.fields import ID, IdRelated, InstantField
from foundation.api.filters import InstantFilter, RowFilters, lookups
from foundation.api.problems import problem_of
from foundation.api.serializers import Input, RowSerializer
from foundation.api.views import ReadOnlyCollection
from foundation.errors import Refusal
from opportunities.models import Customer, Opportunity
from partners.models import Partner

BULK_LIMIT = 1000


class ActionSerializer(RowSerializer[Action]):
    notes = serializers.SerializerMethodField(help_text="Null where they are private to a pair of others.")

    advice = serializers.SerializerMethodField(
        help_text="Of a coaching session; null where there is none, or it is private to a pair of others."
    )
    advice_acknowledged_at = InstantField(
        source="advice.acknowledged_at", read_only=True, default=None, allow_null=True
    )

    class Meta:
        model = Action
        fields = [
            "id",
            "action_type",
            "actor",
            "capacity",
            "occurred_at",
            "occurred_on",
            "logged_at",
            "duration_minutes",
            "opportunity",
            "partner",
            "customer",
            "counterpart",
            "notes",
            "advice",
            "advice_acknowledged_at",
            "confirmation",
            "voided_at",
            "source",
            "external_id",
        ]
        read_only_fields = fields

    def get_notes(self, action: Action) -> str | None:
        """The notes; None for who may not read them."""
        return action.notes if may_read_notes(self.context["request"].user, action) else None

    def get_advice(self, action: Action) -> str | None:
        """The advice; None for who may not read it."""
        advice: CoachingAdvice | None = getattr(action, "advice", None)
        if advice is None or not may_read_notes(self.context["request"].user, action):
            return None
        return advice.text


class CorrectInput(Input):
    """What may be said of an action, when it is logged and later."""

    action_type = IdRelated(queryset=ActionType.objects.all())
    capacity = serializers.ChoiceField(choices=ActionCapacity.choices, required=False)
    occurred_at = InstantField()
    duration_minutes = serializers.IntegerField(
        min_value=1, max_value=10_080, allow_null=True, required=False
    )
    opportunity = IdRelated(
        queryset=Opportunity.objects.select_related("customer"), allow_null=True, required=False
    )
    partner = IdRelated(queryset=Partner.objects.all(), allow_null=True, required=False)
    customer = IdRelated(queryset=Customer.objects.all(), allow_null=True, required=False)
    counterpart = IdRelated(queryset=User.objects.active(), allow_null=True, required=False)
    notes = serializers.CharField(max_length=20_000, allow_blank=True, required=False)
    advice = serializers.CharField(
        max_length=4_000, allow_blank=True, required=False, help_text="Of a coaching session alone."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Names as the services know them."""
        if "opportunity" in attrs:
            attrs["deal"] = attrs.pop("opportunity")
        return attrs


class LogInput(CorrectInput):
    actor = IdRelated(queryset=User.objects.active(), required=False, help_text="The caller, if left out.")
    source = serializers.CharField(max_length=20, required=False)  # type: ignore[assignment]
    external_id = serializers.CharField(max_length=190, required=False)


class BulkInput(Input):
    actions = serializers.ListField(
        child=serializers.JSONField(allow_null=True),
        min_length=1,
        max_length=BULK_LIMIT,
        help_text="Each as for one action.",
    )


class BulkRow(serializers.Serializer[Any]):
    index = serializers.IntegerField()
    status = serializers.IntegerField()
    action = ActionSerializer(allow_null=True)
    problem = serializers.DictField(allow_null=True)


class BulkAnswer(serializers.Serializer[Any]):
    results = BulkRow(many=True)


class VoidInput(Input):
    reason = serializers.CharField(max_length=300, allow_blank=True, required=False)


class AcknowledgeInput(Input):
    word = serializers.CharField(max_length=300, allow_blank=True, required=False)


class ConfirmInput(Input):
    note = serializers.CharField(max_length=300, allow_blank=True, required=False)


class DisputeInput(Input):
    note = serializers.CharField(max_length=300, help_text="What was different.")


class ActionFilters(RowFilters):
    updated_since = InstantFilter(field_name="updated_at", lookup_expr="gte")

    class Meta(RowFilters.Meta):
        model = Action
        fields = lookups(
            Action,
            "action_type",
            "actor",
            "capacity",
            "occurred_at",
            "occurred_on",
            "logged_at",
            "duration_minutes",
            "opportunity",
            "partner",
            "customer",
            "counterpart",
            "confirmation",
            "voided_at",
            "source",
            "external_id",
        )


class Actions(ReadOnlyCollection[Action]):
    """What people did. Logged for oneself and for the people one leads; voided, never deleted."""

    queryset = Action.objects.select_related("action_type", "advice")
    serializer_class = ActionSerializer
    filterset_class = ActionFilters
    inputs = {
        "create": LogInput,
        "partial_update": CorrectInput,
        "void": VoidInput,
        "confirm": ConfirmInput,
        "dispute": DisputeInput,
        "acknowledge": AcknowledgeInput,
    }

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A new action."""
        return self.shown(self.log(self.checked()).pk, status.HTTP_201_CREATED)

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The action corrected. What the counterpart had answered is asked anew."""
        row = self.get_object()
        values = {
            "action_type": row.action_type,
            "occurred_at": row.occurred_at,
            "deal": row.opportunity,
            "partner": row.partner,
            "customer": row.customer,
            "counterpart": row.counterpart,
            "capacity": ActionCapacity(row.capacity),
            "duration_minutes": row.duration_minutes,
            "notes": row.notes,
            **self.checked(partial=True),
        }
        edit_action(action_id=row.pk, by=self.person, **values)
        return self.shown(row.pk)

    @action(detail=True, methods=["post"])
    def void(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The action is taken back: it stays on record and counts nothing."""
        row = self.get_object()
        void_action(action_id=row.pk, by=self.person, **self.checked())
        return self.shown(row.pk)

    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The counterpart says that it was so."""
        return self.answer(Confirmation.CONFIRMED)

    @action(detail=True, methods=["post"])
    def dispute(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The counterpart says that it was otherwise."""
        return self.answer(Confirmation.DISPUTED)

    @action(detail=True, methods=["post"])
    def acknowledge(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Who was coached says that they have read the advice."""
        row = self.get_object()
        acknowledge_advice(action_id=row.pk, by=self.person, **self.checked())
        return self.shown(row.pk)

    @extend_schema(request=BulkInput, responses=BulkAnswer)
    @action(detail=False, methods=["post"])
    def bulk(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Up to 1,000 actions at once. Each stands for itself: those that are refused stop no other."""
        body = BulkInput(data=request.data)
        body.is_valid(raise_exception=True)
        rows = body.validated_data["actions"]
        form = LogInput(context={**self.get_serializer_context(), "rows": self.rows_named_in(rows)})
        with transaction.atomic():
            outcomes = [self.log_row(form, row) for row in rows]
        logged = self.get_queryset().in_bulk([one.pk for one in outcomes if isinstance(one, Action)])
        results = [self.result(index, one, logged) for index, one in enumerate(outcomes)]
        return Response({"results": results})

    def answer(self, answer: Confirmation) -> Response:
        """Records what the counterpart says."""
        row = self.get_object()
        answer_action(action_id=row.pk, by=self.person, answer=answer, **self.checked())
        return self.shown(row.pk)

    def log(self, values: dict[str, Any]) -> Action:
        """Logs what was checked, for the caller unless somebody is named."""
        return log_action(by=self.person, **{"actor": self.person, "source": "api", **values})

    def log_row(self, form: LogInput, row: object) -> Action | dict[str, object]:
        """The action made from a row of many, or the problem with it."""
        try:
            return self.log(form.run_validation(row))
        except (Refusal, IntegrityError, serializers.ValidationError) as error:
            return problem_of(error) or {}

    def rows_named_in(self, bodies: Iterable[object]) -> dict[str, dict[int, Any]]:
        """The rows that many bodies name, by field and id: one query a field instead of one a body."""
        fields = LogInput(context=self.get_serializer_context()).fields
        named: dict[str, dict[int, Any]] = {}
        for name, field in fields.items():
            if isinstance(field, IdRelated):
                written = [body.get(name) for body in bodies if isinstance(body, dict)]
                ids = {int(one) for one in written if isinstance(one, str) and ID.fullmatch(one)}
                named[name] = field.get_queryset().in_bulk(ids) if ids else {}
        return named

    def result(
        self, index: int, outcome: Action | dict[str, object], logged: dict[int, Action]
    ) -> dict[str, object]:
        """What is said about a row of many."""
        if isinstance(outcome, Action):
            shown = self.shown_as(logged[outcome.pk]).data
            return {"index": index, "status": status.HTTP_201_CREATED, "action": shown, "problem": None}
        return {"index": index, "status": outcome["status"], "action": None, "problem": outcome}
