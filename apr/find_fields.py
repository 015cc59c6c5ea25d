"""A field that finds one row among many by its name; its number goes along, so that names may repeat."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

SHOWN = 12  # names offered while one types


class FindWidget(forms.MultiWidget):
    """A text field with suggestions, and the number of what it names in a hidden one beside it."""

    template_name = "apr/find_widget.html"

    def __init__(self, kind: str, attrs: dict[str, Any] | None = None) -> None:
        self.kind = kind
        self.label_of: Callable[[Any], str] = str
        super().__init__({"": forms.HiddenInput(), "text": forms.TextInput()}, attrs)

    def decompress(self, value: Any) -> list[Any]:
        """The number and the name of a row."""
        return [value.pk, self.label_of(value)] if isinstance(value, Model) else [value, ""]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Adds which list of names is searched."""
        context = super().get_context(name, value, attrs)
        context["widget"]["kind"] = self.kind
        return context

    def id_for_label(self, id_: str) -> str:
        """The label belongs to the text field."""
        return f"{id_}_1" if id_ else id_


class FindField(forms.Field):
    """One row of a queryset (set by the form: those that the person sees), found by its name."""

    widget: FindWidget

    def __init__(self, *, kind: str, label_of: Callable[[Any], str] = str, **kwargs: Any) -> None:
        self.label_of = label_of
        self.queryset: QuerySet[Any] | None = None
        super().__init__(widget=FindWidget(kind), **kwargs)
        self.widget.label_of = label_of

    def clean(self, value: Any) -> Any:
        """The row meant by `[number, text]`: by its number while the text is its name, else by the text.

        No text at all means nothing; a text that fits none, or several, is refused with what there is.
        """
        number, text = value or (None, None)
        rows = self.queryset
        if rows is None:
            raise ValueError("the form sets the rows of its fields")
        if text is not None and not text.strip():
            return self._nothing()
        row = rows.filter(pk=number).first() if str(number or "").isdigit() else None
        if row is not None and (text is None or self.label_of(row) == text):
            return row
        return self._by_name(rows, text.strip()) if text else self._nothing()

    def _nothing(self) -> None:
        if self.required:
            raise ValidationError(self.error_messages["required"], code="required")

    def _by_name(self, rows: QuerySet[Any], text: str) -> Any:
        found = list(rows.filter(name__icontains=text.split(" · ")[0])[: SHOWN + 1])
        exact = [
            row for row in found if text.casefold() in (self.label_of(row).casefold(), row.name.casefold())
        ]
        for several in (exact, found):
            if len(several) == 1:
                return several[0]
        if not found:
            raise ValidationError(_("Nothing you see is called “%(text)s”.") % {"text": text}, code="unknown")
        names = get_text_list([self.label_of(row) for row in found[:3]], _("or"))
        raise ValidationError(
            _("“%(text)s” fits several, such as %(names)s. Choose one.") % {"text": text, "names": names},
            code="several",
        )
