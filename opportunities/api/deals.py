"""Deals, how they moved, and who was on them."""

from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Role, User
from foundation.api.fields import DayField, IdRelated, InstantField, MoneyField
from foundation.api.filters import IdFilter, InstantFilter, RowFilters, lookups
from foundation.api.serializers import Input, RowSerializer
from foundation.api.views import ReadOnlyCollection, allow, etag, matched_version
from foundation.errors import Conflict
from foundation.money import Money
from opportunities.models import (
    Assignment,
    Capacity,
    Customer,
    InvolvementKind,
    LostReason,
    Opportunity,
    PartnerInvolvement,
    Stage,
    StageChange,
)
from opportunities.permissions import may_open
from opportunities.services.details import edit_opportunity, open_opportunity
from opportunities.services.people import assign, involve_partner, release_partner
from opportunities.services.stages import move_stage
from partners.models import Partner

PLAIN = ("name", "customer", "expected_close_on")
COLUMNS = {"owner": Capacity.ACCOUNT_EXECUTIVE, "partner_manager": Capacity.PARTNER_MANAGER}
IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="The ETag that was read, in place of version.",
)
IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match", str, OpenApiParameter.HEADER, description="The ETag that was read; 304 while it holds."
)


class NamedField(serializers.SlugRelatedField[Any]):
    """An entry of an administrator's list, by its name or its id; read as its name."""

    def __init__(self, **options: Any) -> None:
        super().__init__(slug_field="name", **options)

    def to_internal_value(self, data: Any) -> Any:
        """The entry in use."""
        if not isinstance(data, str):
            self.fail("invalid")
        rows: Any = self.get_queryset()
        rows = rows.filter(is_active=True)
        if (
            data.isascii()
            and data.isdigit()
            and len(data) <= 18
            and (row := rows.filter(pk=int(data)).first())
        ):
            return row
        return rows.filter(name=data).first() or self.fail("does_not_exist", slug_name="name", value=data)


class InvolvementSerializer(serializers.ModelSerializer[PartnerInvolvement]):
    partner = IdRelated(queryset=Partner.objects.all())

    class Meta:
        model = PartnerInvolvement
        fields = ["partner", "kind"]


class NextStepSerializer(Input):
    text = serializers.CharField()
    due_on = DayField()


class OpportunitySerializer(RowSerializer[Opportunity]):
    amount = MoneyField(read_only=True, allow_null=True)
    partners = InvolvementSerializer(source="involvements", many=True, read_only=True)
    next_step = serializers.SerializerMethodField(help_text="The owner's nearest open commitment.")

    class Meta:
        model = Opportunity
        fields = [
            "id",
            "name",
            "customer",
            "funnel",
            "stage",
            "status",
            "amount",
            "expected_close_on",
            "closed_on",
            "owner",
            "partner_manager",
            "partners",
            "next_step",
            "external_source",
            "external_id",
            "created_at",
            "version",
        ]
        read_only_fields = fields

    @extend_schema_field(NextStepSerializer(allow_null=True))
    def get_next_step(self, deal: Any) -> dict[str, str] | None:
        """Its text and date, None where there is none."""
        if deal.next_step_due_on is None:
            return None
        return {"text": deal.next_step_text, "due_on": deal.next_step_due_on.isoformat()}


class InvolvementInput(Input):
    partner = IdRelated(queryset=Partner.objects.all())
    kind = serializers.ChoiceField(choices=InvolvementKind.choices)


class FactsInput(Input):
    """What may be said of a deal when it is opened, and later."""

    name = serializers.CharField(max_length=200)
    customer = IdRelated(queryset=Customer.objects.all(), allow_null=True, required=False)
    amount = MoneyField(allow_null=True, required=False)
    expected_close_on = DayField(allow_null=True, required=False)
    owner = IdRelated(queryset=User.objects.active(), allow_null=True, required=False)
    partner_manager = IdRelated(queryset=User.objects.active(), allow_null=True, required=False)
    partners = InvolvementInput(many=True, required=False, max_length=50)  # type: ignore[call-arg]

    def validate_partners(self, partners: list[dict[str, Any]]) -> list[tuple[Partner, InvolvementKind]]:
        """At most one of them sourced the deal, and nothing is said twice."""
        pairs = [(row["partner"], InvolvementKind(row["kind"])) for row in partners]
        if len(set(pairs)) < len(pairs):
            raise serializers.ValidationError(_("Say each partner and kind once."))
        if sum(kind == InvolvementKind.SOURCED for _partner, kind in pairs) > 1:
            raise serializers.ValidationError(_("Only one partner can have sourced a deal."))
        return pairs


class OpenInput(FactsInput):
    stage = IdRelated(queryset=Stage.objects.all())
    external_source = serializers.CharField(max_length=40, required=False)
    external_id = serializers.CharField(max_length=190, required=False)


class EditInput(FactsInput):
    version = serializers.IntegerField(min_value=1, required=False)


class MoveInput(Input):
    stage = IdRelated(queryset=Stage.objects.all())
    effective_at = InstantField(required=False, help_text="When it was so; now, if left out.")
    lost_reason = NamedField(
        queryset=LostReason.objects.all(), required=False, help_text="Needed where it was lost."
    )
    version = serializers.IntegerField(min_value=1, required=False)


class OpportunityFilters(RowFilters):
    partner = IdFilter(method="with_partner")
    updated_since = InstantFilter(field_name="updated_at", lookup_expr="gte")

    class Meta(RowFilters.Meta):
        model = Opportunity
        fields = lookups(
            Opportunity,
            "name",
            "customer",
            "funnel",
            "stage",
            "status",
            "expected_close_on",
            "closed_on",
            "owner",
            "partner_manager",
            "external_source",
            "external_id",
            "created_at",
        )

    def with_partner(self, rows: QuerySet[Opportunity], _name: str, partner_id: str) -> QuerySet[Opportunity]:
        """Deals on which a partner is involved, each once."""
        involved = PartnerInvolvement.objects.filter(opportunity=OuterRef("pk"), partner=int(partner_id))
        return rows.filter(Exists(involved))


class Opportunities(ReadOnlyCollection[Opportunity]):
    """Deals. What is written names the version that was read, as `version` or `If-Match`."""

    queryset = Opportunity.objects.with_next_step().prefetch_related("involvements")
    serializer_class = OpportunitySerializer
    filterset_class = OpportunityFilters
    inputs = {"create": OpenInput, "partial_update": EditInput, "move": MoveInput}

    @extend_schema(parameters=[IF_NONE_MATCH], responses={200: OpportunitySerializer, 304: None})
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The deal with its ETag; 304 where `If-None-Match` names it."""
        deal = self.get_object()
        tag = etag(deal.version)
        known = [
            one.strip().removeprefix("W/") for one in request.headers.get("If-None-Match", "").split(",")
        ]
        if tag in known or known == ["*"]:
            return Response(status=status.HTTP_304_NOT_MODIFIED, headers={"ETag": tag})
        return Response(self.shown_as(deal).data, headers={"ETag": tag})

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A new deal; where nobody is named, it is the caller's."""
        values = self.checked()
        people = [values[column] for column in COLUMNS if values.get(column)]
        if not people and (column := _place_of(self.person)):
            values[column] = self.person
            people = [self.person]
        allow(may_open(self.person, people))
        source, external_id = values.get("external_source", ""), values.get("external_id", "")
        known = Opportunity.objects.filter(external_source=source, external_id=external_id)
        if external_id and known.exists():
            raise Conflict(_("This id of that source is known already."), code="exists", field="external_id")
        deal = open_opportunity(by=self.person, **values)
        return self.answered(deal.pk, status.HTTP_201_CREATED)

    @extend_schema(parameters=[IF_MATCH])
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The deal with the facts, people and partners that were given; all or nothing."""
        deal = self.get_object()
        values = self.checked(partial=True)
        version = self.version(deal, values)
        try:
            with transaction.atomic():
                self.write(deal, version, values)
        except Conflict as conflict:
            raise self.with_current(conflict, deal.pk) from None
        return self.answered(deal.pk)

    @extend_schema(parameters=[IF_MATCH])
    @action(detail=True, methods=["post"])
    def move(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The deal in another stage of its funnel, with the step in its history."""
        deal = self.get_object()
        values = self.checked()
        version = self.version(deal, values)
        stage = values.pop("stage")
        try:
            move_stage(opportunity_id=deal.pk, to_stage=stage, by=self.person, version=version, **values)
        except Conflict as conflict:
            raise self.with_current(conflict, deal.pk) from None
        return self.answered(deal.pk)

    def write(self, deal: Opportunity, version: int, values: dict[str, Any]) -> None:
        """Calls the service of each thing that was given, one's own place last: leaving it ends the right."""
        facts: dict[str, Any] = {
            name: values[name] for name in ("name", "customer", "expected_close_on") if name in values
        }
        if "amount" in values:
            facts |= _amount(values["amount"])
        edit_opportunity(opportunity_id=deal.pk, by=self.person, version=version, **facts)
        if "partners" in values:
            self.write_partners(deal, set(values["partners"]))
        places = [column for column in COLUMNS if column in values]
        for column in sorted(places, key=lambda column: getattr(deal, column) == self.person):
            assign(opportunity_id=deal.pk, capacity=COLUMNS[column], person=values[column], by=self.person)

    def write_partners(self, deal: Opportunity, wanted: set[tuple[Partner, InvolvementKind]]) -> None:
        """Makes the partners exactly these."""
        present = {
            (row.partner, InvolvementKind(row.kind)): row
            for row in deal.involvements.select_related("partner")
        }
        for pair in present.keys() - wanted:
            release_partner(involvement_id=present[pair].pk, by=self.person)
        for partner, kind in wanted - present.keys():
            involve_partner(opportunity_id=deal.pk, partner=partner, kind=kind, by=self.person)

    def version(self, deal: Opportunity, values: dict[str, Any]) -> int:
        """The version that was read, from the body or `If-Match`; writing without knowing it is refused."""
        matched = matched_version(self.request, deal.version)
        version: int | None = values.pop("version", matched)
        if version is None:
            raise serializers.ValidationError({"version": [_("Say which version you have read.")]})
        return version

    def with_current(self, conflict: Conflict, pk: int) -> Conflict:
        """The conflict with the deal as it stands now."""
        conflict.current = dict(self.shown_as(self.get_queryset().get(pk=pk)).data)
        return conflict

    def answered(self, pk: int, status: int = status.HTTP_200_OK) -> Response:
        """The deal as it reads now, with its ETag."""
        response = self.shown(pk, status)
        response["ETag"] = etag(response.data["version"])
        return response


def _place_of(person: User) -> str | None:
    """The place that somebody takes on a deal of their own, by their role."""
    if Role.ACCOUNT_EXECUTIVE in person.roles:
        return "owner"
    return "partner_manager" if Role.PARTNER_MANAGER in person.roles else None


def _amount(amount: Money | None) -> dict[str, object]:
    if amount is None:
        return {"amount_minor": None}
    return {"amount_minor": amount.minor, "currency": amount.currency}


class StageChangeSerializer(RowSerializer[StageChange]):
    amount = MoneyField(read_only=True, allow_null=True)

    class Meta:
        model = StageChange
        fields = [
            "id",
            "opportunity",
            "from_stage",
            "to_stage",
            "effective_at",
            "recorded_at",
            "changed_by",
            "amount",
            "expected_close_on",
        ]


class StageChangeFilters(RowFilters):
    updated_since = InstantFilter(field_name="recorded_at", lookup_expr="gte")

    class Meta(RowFilters.Meta):
        model = StageChange
        fields = lookups(
            StageChange,
            "opportunity",
            "from_stage",
            "to_stage",
            "effective_at",
            "recorded_at",
            "changed_by",
            "expected_close_on",
        )


class StageChanges(ReadOnlyCollection[StageChange]):
    """Each step of a deal as it was then; append-only."""

    queryset = StageChange.objects.all()
    serializer_class = StageChangeSerializer
    filterset_class = StageChangeFilters


class AssignmentSerializer(RowSerializer[Assignment]):
    class Meta:
        model = Assignment
        fields = ["id", "opportunity", "user", "capacity", "starts_at", "ends_at"]


class AssignmentFilters(RowFilters):
    updated_since = InstantFilter(field_name="updated_at", lookup_expr="gte")

    class Meta(RowFilters.Meta):
        model = Assignment
        fields = lookups(Assignment, "opportunity", "user", "capacity", "starts_at", "ends_at")


class Assignments(ReadOnlyCollection[Assignment]):
    """Who was account executive or partner manager of a deal, from when to when."""

    queryset = Assignment.objects.all()
    serializer_class = AssignmentSerializer
    filterset_class = AssignmentFilters
