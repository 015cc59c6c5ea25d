"""Form fields that several apps share."""

from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from foundation.dated import EARLIEST, LATEST, WHEN


class DayField(forms.DateField):
    """A day that somebody can mean, in the browser's own field for it."""

    def __init__(self, **kwargs: Any) -> None:
        # The browser's field takes ISO dates only, whatever the reader's language.
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        super().__init__(widget=widget, **kwargs)
        self.validators += [MinValueValidator(EARLIEST, WHEN), MaxValueValidator(LATEST, WHEN)]
