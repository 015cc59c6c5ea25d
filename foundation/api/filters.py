"""Filters are named after the fields. What is none is refused, so that a typing error never lists all."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError as FormError
from django.db import models
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema_field
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.views import APIView

from foundation.api.fields import ID, DayField, InstantField

PAGING = frozenset({"cursor", "page_size"})


class _IdFormField(forms.RegexField):
    def __init__(self, **options: Any) -> None:
        super().__init__(ID.pattern.join(("^", "$")), **options)


class _CheckedFormField(forms.CharField):
    """Text that a serializer field of the API turns into a value."""

    by: type[DayField | InstantField]

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            return self.by().run_validation(text.replace(" ", "+"))  # a plus sign in a query means a space
        except ValidationError as error:
            raise FormError([str(words) for words in error.detail]) from error


class _DayFormField(_CheckedFormField):
    by = DayField


class _InstantFormField(_CheckedFormField):
    by = InstantField


@extend_schema_field({"type": "string", "pattern": "^[0-9]{1,18}$"})
class IdFilter(filters.CharFilter):
    """Rows that point at the row with this id; none where there is no such row."""

    field_class = _IdFormField


@extend_schema_field({"type": "string", "format": "date"})
class DayFilter(filters.Filter):
    """By a date."""

    field_class = _DayFormField


@extend_schema_field({"type": "string", "format": "date-time"})
class InstantFilter(filters.Filter):
    """By an instant."""

    field_class = _InstantFormField


@extend_schema_field({"type": "boolean"})
class FlagFilter(filters.TypedChoiceFilter):
    """`true` or `false`."""

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("choices", [("true", "true"), ("false", "false")])
        super().__init__(*args, coerce=lambda text: text == "true", **options)


class RowFilters(filters.FilterSet):
    """The filters of a list; subclasses name the model and the fields with `lookups`."""

    class Meta:
        filter_overrides = {
            models.ForeignKey: {"filter_class": IdFilter},
            models.ManyToManyField: {"filter_class": IdFilter},
            models.DateField: {"filter_class": DayFilter},
            models.DateTimeField: {"filter_class": InstantFilter},
            models.BooleanField: {"filter_class": FlagFilter},
        }

    @classmethod
    def filter_for_lookup(cls, field: models.Field[Any, Any], lookup_type: str) -> Any:
        """Whether something is set is a flag, whatever its type."""
        if lookup_type == "isnull":
            return FlagFilter, {}
        return super().filter_for_lookup(field, lookup_type)


def lookups(model: type[models.Model], *names: str) -> dict[str, list[str]]:
    """For `Meta.fields`: each field by its value, times and numbers also from (`__gte`) and before (`__lt`),
    names also by a part of them (`__icontains`), and what may be empty by `__isnull`."""
    return {name: list(_lookups(model._meta.get_field(name))) for name in names}


def _lookups(field: Any) -> Iterable[str]:
    yield "exact"
    if field.null:
        yield "isnull"
    if isinstance(field, models.DateField | models.IntegerField) and not field.choices:
        yield from ("gte", "lt")
    if field.name == "name":
        yield "icontains"


class KnownFilters(filters.DjangoFilterBackend):
    """django-filter, closed: a parameter that is no filter of the list is an error."""

    def filter_queryset(  # type: ignore[override]  # DRF passes its own request
        self, request: Request, queryset: models.QuerySet[Any], view: APIView
    ) -> models.QuerySet[Any]:
        """The filtered rows; ValidationError by parameter."""
        filterset = self.get_filterset(request, queryset, view)
        known = PAGING | set(filterset.filters if filterset else ())
        if unknown := sorted(set(request.query_params) - known):
            raise ValidationError({name: [_("This list has no such filter.")] for name in unknown})
        filtered: models.QuerySet[Any] = super().filter_queryset(request, queryset, view)
        return filtered
