"""The frame of every view of the API."""

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar, TypeVar

from django.conf import settings
from django.db.models import Model, QuerySet
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from rest_framework import mixins, status
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from foundation.errors import NotAllowed, Refusal

Row = TypeVar("Row", bound=Model)


class PreconditionFailed(Refusal):
    """`If-Match` names a state that has passed."""

    status = 412
    default_code = "precondition_failed"


class ApiView(APIView):
    """Every POST can be repeated with an Idempotency-Key; every answer says what the rate limit leaves.

    How answers are kept is told by the setting `API_IDEMPOTENCY`, because the storage lives above.
    """

    http_method_names = ["get", "head", "post", "patch", "delete"]

    @property
    def person(self) -> Any:
        """Who asks; views are closed to everybody who has not signed in."""
        return self.request.user

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Reads the body (within its limit) before anybody else can, and minds the key."""
        if request.method not in ("GET", "HEAD"):
            request._request.body  # noqa: B018 - raises where it is too large
        super().initial(request, *args, **kwargs)
        key, name = request.headers.get("Idempotency-Key"), (request.method or "").lower()
        if name == "post" and key is not None and hasattr(self, name):
            setattr(self, name, partial(self._once, key, getattr(self, name)))

    def _once(
        self, key: str, act: Callable[..., Response], request: Request, *args: Any, **kwargs: Any
    ) -> Response:
        answer_once = import_string(settings.API_IDEMPOTENCY)
        response: Response = answer_once(request, key, partial(act, request, *args, **kwargs))
        return response

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """Adds what the rate limit is and leaves: `"default";q=600;w=60` and `"default";r=598;t=42`."""
        if rate := getattr(request._request, "rate_limit", None):
            limit, window, left, reset = rate
            response["RateLimit-Policy"] = f'"default";q={limit};w={window}'
            response["RateLimit"] = f'"default";r={left};t={reset}'
        return super().finalize_response(request, response, *args, **kwargs)


class Collection(ApiView, GenericViewSet[Row]):
    """A collection; its rows are those of `queryset` that are visible to the caller."""

    lookup_value_regex = "[0-9]{1,18}"
    # What the body of an act looks like, by action, where it is not the row itself.
    inputs: ClassVar[dict[str, type[BaseSerializer[Any]]]] = {}

    def get_serializer_class(self) -> type[BaseSerializer[Any]]:
        """The serializer of the body."""
        return self.inputs.get(self.action) or super().get_serializer_class()

    def get_queryset(self) -> QuerySet[Row]:
        """What the caller may see; configuration, which has no `visible_to`, is for everybody."""
        rows: Any = super().get_queryset()
        mine: QuerySet[Row] = rows
        if hasattr(rows, "visible_to") and not getattr(self, "swagger_fake_view", False):
            mine = rows.visible_to(self.person)
        return mine

    def get_object(self) -> Row:
        """The row of the path: what one may not see is absent. Filters are for lists."""
        row: Row = get_object_or_404(
            self.get_queryset(), **{self.lookup_field: self.kwargs[self.lookup_field]}
        )
        self.check_object_permissions(self.request, row)
        return row

    def checked(self, **options: Any) -> dict[str, Any]:
        """The body, checked by the serializer of this act."""
        serializer = self.get_serializer(data=self.request.data, **options)
        serializer.is_valid(raise_exception=True)
        values: dict[str, Any] = serializer.validated_data
        return values

    def shown(self, pk: int, status: int = status.HTTP_200_OK) -> Response:
        """The row as it reads now."""
        row = self.get_queryset().get(pk=pk)
        return Response(self.shown_as(row).data, status=status)

    def shown_as(self, row: Row) -> BaseSerializer[Any]:
        """The serializer with which rows are read."""
        serializer_class = self.serializer_class
        assert serializer_class is not None  # noqa: S101 - each collection names one
        return serializer_class(row, context=self.get_serializer_context())


class ReadOnlyCollection(mixins.ListModelMixin, mixins.RetrieveModelMixin, Collection[Row]):
    """A list and its rows."""


class PlainCollection(ReadOnlyCollection[Row]):
    """A collection whose rows are made and changed by its serializer, without consequences elsewhere."""

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A new row."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return self.shown(self.save(serializer).pk, status.HTTP_201_CREATED)

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The row with the fields that were given."""
        serializer = self.get_serializer(self.get_object(), data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        return self.shown(self.save(serializer).pk)

    def save(self, serializer: BaseSerializer[Row]) -> Row:
        """Writes what was checked; collections with a service call it here."""
        row: Row = serializer.save()
        return row


def allow(may: bool) -> None:
    """Raises NotAllowed unless the predicate of the act said yes."""
    if not may:
        raise NotAllowed(_("You may see this, but not change it."))


def etag(version: int) -> str:
    """The entity tag of a row that counts its versions."""
    return f'"{version}"'


def matched_version(request: Request, current: int) -> int | None:
    """The version that `If-Match` names, None without that header; PreconditionFailed where it has passed."""
    header = request.headers.get("If-Match")
    if header is None:
        return None
    if header.strip() != "*" and etag(current) not in [tag.strip() for tag in header.split(",")]:
        raise PreconditionFailed(_("Somebody changed this in the meantime. Read it again."))
    return current
