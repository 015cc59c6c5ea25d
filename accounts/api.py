"""People, teams, membership and the calendar in the API. Everybody reads; administrators write."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import mixins, serializers, status
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Absence, Holiday, Membership, Organisation, Role, Team, User
from accounts.permissions import may_configure
from accounts.services.addresses import set_address
from accounts.services.people import (
    add_absence,
    add_person,
    change_roles,
    deactivate,
    reactivate,
    remove_absence,
)
from accounts.services.teams import join_team, place_team
from accounts.session_limits import confirmed_lately
from foundation.api.fields import DayField, IdRelated
from foundation.api.filters import InstantFilter, RowFilters, lookups
from foundation.api.serializers import Input, PlainSerializer, RowSerializer
from foundation.api.views import PlainCollection, ReadOnlyCollection


class AdminsWrite(BasePermission):
    """Everybody reads, administrators write."""

    message = gettext_lazy("Only administrators can change this.")

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Whether the person may configure, or only reads."""
        user = request.user
        return request.method in SAFE_METHODS or (isinstance(user, User) and may_configure(user))


class WriteAfterConfirming(BasePermission):
    """By a browser's session people and rights are changed only while it is fresh, or was confirmed."""

    message = gettext_lazy("Sign in anew first: this changes who may do what.")

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Tokens were made by somebody who had."""
        return (
            request.method in SAFE_METHODS or request.auth is not None or confirmed_lately(request._request)
        )


CONFIGURATION = [*APIView.permission_classes, AdminsWrite]
RIGHTS = [*CONFIGURATION, WriteAfterConfirming]


class RolesField(serializers.MultipleChoiceField):
    """The roles held today."""

    def to_representation(self, value: frozenset[str]) -> list[str]:  # type: ignore[override]
        """In alphabetical order."""
        return sorted(value)


class UserSerializer(PlainSerializer[User]):
    roles = RolesField(choices=Role.choices, required=False)
    email = serializers.EmailField(allow_null=True, required=False)

    class Meta:
        model = User
        fields = [
            "id",
            "name",
            "email",
            "time_zone",
            "locale",
            "roles",
            "is_active",
            "joined_at",
            "external_source",
            "external_id",
        ]
        read_only_fields = ["joined_at"]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Address and roles have services of their own, which check them."""
        self.check(**{name: value for name, value in attrs.items() if name not in ("roles", "email")})
        return attrs


class UserFilters(RowFilters):
    class Meta(RowFilters.Meta):
        model = User
        fields = lookups(
            User, "name", "email", "time_zone", "locale", "is_active", "external_source", "external_id"
        )


class Users(PlainCollection[User]):
    """People. Without an address they are known by name only; people are deactivated, never deleted."""

    queryset = User.objects.prefetch_related("role_grants")
    serializer_class = UserSerializer
    filterset_class = UserFilters
    permission_classes = RIGHTS

    def save(self, serializer: serializers.BaseSerializer[User]) -> User:
        """Writes the person; address, roles and coming and going by their services."""
        values = dict(serializer.validated_data)
        person = serializer.instance
        today = Organisation.current().today()
        with transaction.atomic():
            if person is None:
                email, roles = values.pop("email", None), set(values.pop("roles", ()))
                return add_person(person=User(**values), email=email, roles=roles, team=None, starts_on=today)
            if "email" in values:
                set_address(person=person, email=values.pop("email"))
            if "roles" in values:
                change_roles(person=person, roles=set(values.pop("roles")), starts_on=today)
            if "is_active" in values:
                self.let(person, values.pop("is_active"))
            for name, value in values.items():
                setattr(person, name, value)
            person.save(update_fields=list(values))
        return person

    def let(self, person: User, stay: bool) -> None:
        """Gives or ends the person's access."""
        if stay:
            reactivate(person=person)
        else:
            deactivate(person=person, by=self.person)


class TeamSerializer(PlainSerializer[Team]):
    leaders = IdRelated(queryset=User.objects.all(), many=True, required=False)

    class Meta:
        model = Team
        fields = ["id", "name", "kind", "parent", "leaders", "is_active", "external_source", "external_id"]


class TeamFilters(RowFilters):
    class Meta(RowFilters.Meta):
        model = Team
        fields = lookups(
            Team, "name", "kind", "parent", "leaders", "is_active", "external_source", "external_id"
        )


class Teams(PlainCollection[Team]):
    """Teams as a tree; retired by `is_active`."""

    queryset = Team.objects.prefetch_related("leaders")
    serializer_class = TeamSerializer
    filterset_class = TeamFilters
    permission_classes = RIGHTS

    def save(self, serializer: serializers.BaseSerializer[Team]) -> Team:
        """Writes the team; its place in the tree cannot be below itself."""
        with transaction.atomic():
            parent = serializer.validated_data.get("parent")
            if serializer.instance is not None and parent is not None:
                place_team(team=serializer.instance, parent=parent)
            return serializer.save()


class MembershipSerializer(RowSerializer[Membership]):
    class Meta:
        model = Membership
        fields = ["id", "user", "team", "starts_on", "ends_on"]


class JoinInput(Input):
    user = IdRelated(queryset=User.objects.all())
    team = IdRelated(queryset=Team.objects.all())
    starts_on = DayField()


class LeaveInput(Input):
    ends_on = DayField(help_text="The first day on which the person no longer belongs to the team.")


class MembershipFilters(RowFilters):
    updated_since = InstantFilter(field_name="updated_at", lookup_expr="gte")

    class Meta(RowFilters.Meta):
        model = Membership
        fields = lookups(Membership, "user", "team", "starts_on", "ends_on")


class Memberships(ReadOnlyCollection[Membership]):
    """Who belonged to which team when. Joining another team ends the former membership."""

    queryset = Membership.objects.all()
    serializer_class = MembershipSerializer
    filterset_class = MembershipFilters
    permission_classes = CONFIGURATION
    inputs = {"create": JoinInput, "partial_update": LeaveInput}

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The person joins the team."""
        values = self.checked()
        joined = join_team(person=values["user"], team=values["team"], starts_on=values["starts_on"])
        assert joined is not None  # noqa: S101 - there is a team
        return self.shown(joined.pk, status.HTTP_201_CREATED)

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The person leaves the team; only a membership that lasts can end."""
        row = self.get_object()
        ends_on = self.checked()["ends_on"]
        if row.ends_on is not None:
            raise serializers.ValidationError({"ends_on": [_("This membership has ended already.")]})
        if ends_on <= row.starts_on:
            raise serializers.ValidationError({"ends_on": [_("The end must come after the start.")]})
        join_team(person=row.user, team=None, starts_on=ends_on)
        return self.shown(row.pk)


class HolidaySerializer(PlainSerializer[Holiday]):
    class Meta:
        model = Holiday
        fields = ["id", "date", "name"]


class HolidayFilters(RowFilters):
    class Meta(RowFilters.Meta):
        model = Holiday
        fields = lookups(Holiday, "date", "name")


class Holidays(mixins.DestroyModelMixin, PlainCollection[Holiday]):
    """Days on which nobody is expected to work."""

    queryset = Holiday.objects.all()
    serializer_class = HolidaySerializer
    filterset_class = HolidayFilters
    permission_classes = CONFIGURATION


class AbsenceSerializer(PlainSerializer[Absence]):
    class Meta:
        model = Absence
        fields = ["id", "user", "starts_on", "ends_on"]
        extra_kwargs = {
            "ends_on": {"required": True, "allow_null": False, "help_text": "The first day back."}
        }


class AbsenceFilters(RowFilters):
    class Meta(RowFilters.Meta):
        model = Absence
        fields = lookups(Absence, "user", "starts_on", "ends_on")


class Absences(mixins.DestroyModelMixin, ReadOnlyCollection[Absence]):
    """Days on which nothing is expected of a person; said by them, by who leads them, and administrators."""

    queryset = Absence.objects.all()
    serializer_class = AbsenceSerializer
    filterset_class = AbsenceFilters

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Days away. Other days are said by taking these back and giving new ones."""
        values = self.checked()
        made = add_absence(person=values.pop("user"), by=self.person, **values)
        return self.shown(made.pk, status.HTTP_201_CREATED)

    def perform_destroy(self, instance: Absence) -> None:
        """Those days are expected again."""
        remove_absence(absence=instance, by=self.person)
