"""Tables edited in place: one form per row, an order that is dragged or typed, one button that saves all."""

from typing import Any, TypeVar

from django import forms
from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _

Row = TypeVar("Row", bound=Model)
LAST = 10**6


class PlacedRow(forms.ModelForm[Row]):
    """A row. `place` orders the rows; dragging only renumbers it. The row's name names its fields."""

    place = forms.IntegerField(label=_("Order"), min_value=1, widget=forms.NumberInput(attrs={"min": 1}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            words = _("%(field)s of %(row)s") % {"field": field.label, "row": self.instance}
            field.widget.attrs["aria-label"] = words

    def typed_place(self) -> int:
        """The place that stands in the field, so that refused rows keep their order; unreadable goes last."""
        typed = str(self["place"].value() or "")
        return int(typed) if typed.isdecimal() else LAST


class PlacedRows(forms.BaseModelFormSet[Row, PlacedRow[Row]]):
    """The rows of a table, saved together. Each has a `name` that no other one may have."""

    def clean(self) -> None:
        """Two rows cannot have one name, in whatever order they are saved."""
        super().clean()
        seen: set[str] = set()
        for form in self.forms:
            name = form.cleaned_data.get("name", "").casefold()
            if name and name in seen:
                form.add_error("name", _("Another row has this name too."))
            seen.add(name)

    def validate_unique(self) -> None:
        """Names are compared among the rows (clean), because two may be exchanged."""

    @property
    def is_outdated(self) -> bool:
        """Whether what was sent is about other rows than there are now: somebody added or retired one."""
        sent = [str(self.data.get(f"{self.add_prefix(at)}-id")) for at in range(self.total_form_count())]
        now = [str(row.pk) for row in self.get_queryset()]
        return self.is_bound and (self.initial_form_count() != len(now) or sorted(sent) != sorted(now))

    @property
    def lines(self) -> list[PlacedRow[Row]]:
        """The rows as they stand on the page."""
        return sorted(self.forms, key=lambda form: form.typed_place())

    def in_order(self) -> list[Row]:
        """The objects with what was typed, not saved yet, in the order of the rows."""
        return [form.save(commit=False) for form in self.lines]


def placed_rows(
    kind: type[PlacedRow[Row]], rows: QuerySet[Row], data: Any = None, **options: Any
) -> PlacedRows[Row]:
    """The table of `rows` as they are ordered, numbered from 1, bound to `data` where it was sent."""
    formset = forms.modelformset_factory(rows.model, form=kind, formset=PlacedRows, extra=0, **options)
    table: Any = formset(data, queryset=rows, prefix="rows")
    for place, form in enumerate(table.forms, 1):
        form.initial["place"] = place
    placed: PlacedRows[Row] = table
    return placed
