"""The questions that a file leaves: one form, made of what its first reading found."""

from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from apr.models import ActionType
from exchange.importing.dialects.choices import CREATE, LEAVE, REFERENCES, REFUSE, Choices
from exchange.importing.dialects.columns import FIELDS
from exchange.importing.dialects.funnels import FunnelOfFile
from exchange.importing.dialects.survey import usual_currency
from exchange.importing.dialects.systems import DIALECTS
from exchange.importing.dialects.values import COMMA, DAY_FIRST, MONTH_FIRST, POINT
from exchange.models import ImportRun
from foundation.errors import InvalidInput
from foundation.money import currency_digits
from opportunities.models import Funnel, LostReason
from partners.models import Partner

Offered = list[tuple[str, Any]]
WORDS = {
    CREATE: gettext_lazy("Make them here"),
    LEAVE: gettext_lazy("Leave the name out"),
    REFUSE: gettext_lazy("Refuse the rows"),
}
KIND_WORDS = {
    "people": gettext_lazy("People nobody knows here"),
    "customers": gettext_lazy("Customers nobody knows here"),
    "partners": gettext_lazy("Partners nobody knows here"),
    "stages": gettext_lazy("Stages the funnel does not have"),
    "action_types": gettext_lazy("Kinds of action nobody knows here"),
}
# Names that are asked for one by one; beyond them the one answer for all holds.
MOST_ASKED = 30
MOST_OFFERED = 500


class AnswersForm(forms.Form):
    """Which column tells what, how the file is read, and whom its unknown names mean."""

    def __init__(self, run: ImportRun, *args: Any, **kwargs: Any) -> None:
        self.run = run
        self.choices = Choices.from_json(run.choices)
        self.survey = run.survey
        super().__init__(*args, **kwargs)
        self._add_columns()
        self._add_reading()
        self._add_names()

    def _add_columns(self) -> None:
        offered = [("", _("Left out")), *((key, one.label) for key, one in FIELDS[self.run.kind].items())]
        for place, column in enumerate(self.survey["columns"]):
            self.fields[f"column_{place}"] = forms.ChoiceField(
                label=column["name"],
                required=False,
                choices=offered,
                initial=self.choices.columns.get(column["name"], ""),
                help_text=" · ".join(column["samples"]),
            )

    def _choice(self, name: str, label: str, offered: Offered, help_text: str = "") -> None:
        self.fields[name] = forms.ChoiceField(
            label=label,
            choices=offered,
            initial=getattr(self.choices, name),
            required=name in ("dates", "numbers", "funnel"),
            help_text=help_text,
        )

    def _add_reading(self) -> None:
        either = _("These could be either: %(samples)s.")
        asks = {"dates": self.survey["date_samples"], "numbers": self.survey["amount_samples"]}
        shown = {
            name: either % {"samples": ", ".join(samples)} if samples else ""
            for name, samples in asks.items()
        }
        unsaid = [("", _("Choose"))]
        self._choice(
            "dates",
            _("Dates of numbers"),
            [*unsaid, (DAY_FIRST, _("Day first: 31/12/2026")), (MONTH_FIRST, _("Month first: 12/31/2026"))],
            shown["dates"],
        )
        self._choice(
            "numbers",
            _("Amounts"),
            [*unsaid, (POINT, "1,234.50"), (COMMA, "1.234,50")],
            shown["numbers"],
        )
        signs = self.survey["signs"]
        self.fields["currency"] = forms.CharField(
            label=_("Currency"),
            max_length=3,
            initial=usual_currency(signs) if signs else self.run.currency,
            help_text=_("Of amounts without one. The file writes: %(signs)s.") % {"signs": ", ".join(signs)}
            if signs
            else _("Of amounts without one."),
        )
        if len(self.survey["sheets"]) > 1:
            self._choice("sheet", _("Sheet"), [(name, name) for name in self.survey["sheets"]])
        if self.run.kind == "opportunities":
            own = FunnelOfFile(DIALECTS[self.run.preset], self.choices).own_name
            here = Funnel.objects.filter(is_active=True).values_list("name", flat=True)
            self._choice("funnel", _("Funnel"), [(name, name) for name in dict.fromkeys([*here, own])])
        if self.run.kind in ("opportunities", "actions"):
            people = User.objects.active().order_by("name")[:MOST_OFFERED]
            offered = [("", _("Nobody")), *((str(person.pk), person.name) for person in people)]
            self._choice("owner", _("Where the file names nobody"), offered)
        if self.run.kind == "actions":
            kinds = ActionType.objects.filter(is_active=True)
            offered = [("", _("Choose")), *((one.key, one.name) for one in kinds)]
            self._choice("action_type", _("What these are, where no column says it"), offered)

    def _add_names(self) -> None:
        for kind, names in self.survey["unknown"].items():
            fates = [(one, WORDS[one]) for one in REFERENCES[kind]]
            usual = self.choices.unknown.get(kind) or REFERENCES[kind][0]
            count = self.survey["unknown_count"][kind]
            self.fields[f"unknown_{kind}"] = forms.ChoiceField(
                label=format_lazy("{} ({})", KIND_WORDS[kind], count), choices=fates, initial=usual
            )
            here = self._here(kind)
            for place, (name, _count) in enumerate(names[:MOST_ASKED]):
                if here is not None:
                    self.fields[f"value_{kind}_{place}"] = forms.ChoiceField(
                        label=name,
                        required=False,
                        choices=[("", _("As said for all")), *fates, *here],
                        initial=self.choices.values.get(kind, {}).get(name.casefold(), ""),
                    )

    def _here(self, kind: str) -> list[tuple[str, str]] | None:
        """Who or what is here to be meant by a name; None where there are too many to choose from."""
        if kind == "stages":
            return [(stage.name, stage.name) for stage in self._funnel().stages.values() if stage.pk]
        if kind == "action_types":
            return [(one.key, one.name) for one in ActionType.objects.filter(is_active=True)]
        rows = {
            "people": User.objects.active().order_by("name"),
            "partners": Partner.objects.order_by("name"),
            "lost_reasons": LostReason.objects.all(),
        }.get(kind)
        return None if rows is None else [(str(row.pk), str(row)) for row in rows[:MOST_OFFERED]]

    def _funnel(self) -> FunnelOfFile:
        return FunnelOfFile(DIALECTS[self.run.preset], self.choices)

    # --- what the page shows, part by part ---------------------------------------------------------

    def columns(self) -> list[forms.BoundField]:
        """A field for each column of the file."""
        return [field for field in self if field.name.startswith("column_")]

    def reading(self) -> list[forms.BoundField]:
        """How the file is read."""
        return [field for field in self if not field.name.startswith(("column_", "unknown_", "value_"))]

    def names(self) -> list[tuple[forms.BoundField, list[forms.BoundField]]]:
        """For each kind of unknown names the answer for all, and those for single ones."""
        return [
            (self[f"unknown_{kind}"], [one for one in self if one.name.startswith(f"value_{kind}_")])
            for kind in self.survey["unknown"]
        ]

    # --- what came of it ---------------------------------------------------------------------------

    def clean_currency(self) -> str:
        """A code that exists."""
        code = str(self.cleaned_data["currency"]).strip().upper()
        try:
            currency_digits(code)
        except InvalidInput as refusal:
            raise forms.ValidationError(refusal.message) from refusal
        return code

    def clean(self) -> dict[str, Any]:
        """Each field told by one column, and those told that must be."""
        cleaned = super().clean() or {}
        told: dict[str, str] = {}
        for place, column in enumerate(self.survey["columns"]):
            field = cleaned.get(f"column_{place}")
            if field and field in told:
                words = _("“%(column)s” tells this already.") % {"column": told[field]}
                self.add_error(f"column_{place}", words)
            elif field:
                told[field] = column["name"]
        for key, one in FIELDS[self.run.kind].items():
            if one.needed and key not in told:
                self.add_error(None, _("Say which column tells this: %(field)s.") % {"field": one.label})
        is_named = self.run.kind != "actions" or {"owner", "owner_id"} & told.keys() or cleaned.get("owner")
        if not is_named:
            self.add_error("owner", _("No column says who did it: choose somebody."))
        if "action_type" in self.survey["questions"] and not cleaned.get("action_type"):
            self.add_error("action_type", _("Say what kind of action these are."))
        return cleaned

    def decided(self) -> Choices:
        """The decisions, for the run and for the next file of this header."""
        data = self.cleaned_data
        columns = {
            column["name"]: data[f"column_{place}"]
            for place, column in enumerate(self.survey["columns"])
            if data[f"column_{place}"]
        }
        values = {kind: dict(said) for kind, said in self.choices.values.items()}
        for kind, names in self.survey["unknown"].items():
            for place, (name, _count) in enumerate(names[:MOST_ASKED]):
                if said := data.get(f"value_{kind}_{place}"):
                    values.setdefault(kind, {})[name.casefold()] = said
        unknown = {kind: data[f"unknown_{kind}"] for kind in self.survey["unknown"]}
        names = ("dates", "numbers", "sheet", "funnel", "owner", "action_type")
        plain = {name: str(data.get(name) or "") for name in names}
        return Choices(columns=columns, unknown={**self.choices.unknown, **unknown}, values=values, **plain)
