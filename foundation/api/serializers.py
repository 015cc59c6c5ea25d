"""Serializers that take what they name and nothing else."""

import copy
from collections.abc import Mapping
from typing import Any, TypeVar

from django.core.exceptions import ValidationError as ModelValidationError
from django.db import models
from django.utils.translation import gettext as _
from rest_framework import serializers

from foundation.api.fields import DayField, IdRelated, InstantField

Row = TypeVar("Row", bound=models.Model)


class _Strict(serializers.Serializer[Any]):
    """Refuses fields that do not exist or cannot be set, so that nobody believes they were."""

    def to_internal_value(self, data: Any) -> Any:
        """What was given, checked; ValidationError names each field that cannot be set."""
        if isinstance(data, Mapping):
            writable = {name for name, field in self.fields.items() if not field.read_only}
            if refused := sorted(str(name) for name in set(data) - writable):
                words = _("This cannot be set here.")
                raise serializers.ValidationError({name: [words] for name in refused})
        return super().to_internal_value(data)


class Input(_Strict):
    """The body of an act."""


class RowSerializer(_Strict, serializers.ModelSerializer[Row]):
    """A row with its id, its fields as listed, and the model's constraints said in words."""

    id = serializers.CharField(source="pk", read_only=True)
    serializer_related_field = IdRelated
    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.DateField: DayField,
        models.DateTimeField: InstantField,
    }

    def get_unique_together_validators(self) -> list[Any]:
        """None: `check` asks the model itself, which knows the conditions."""
        return []

    def check(self, **values: object) -> None:
        """Raises ValidationError where the row as it would become breaks a rule of the model."""
        model: type[models.Model] = self.Meta.model
        row = copy.copy(self.instance) if isinstance(self.instance, models.Model) else model()
        for name, value in values.items():
            if not model._meta.get_field(name).many_to_many:
                setattr(row, name, value)
        try:
            row.validate_constraints()
        except ModelValidationError as error:
            raise serializers.ValidationError(serializers.as_serializer_error(error)) from error


class PlainSerializer(RowSerializer[Row]):
    """For rows whose writing has no consequence elsewhere: the serializer saves them."""

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Also checks the model's constraints."""
        self.check(**attrs)
        return attrs
