"""How deals are filtered, on the list and on the board alike; every filter stands in the address."""

from collections.abc import Iterable
from typing import Any

import django_filters as filters
from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from foundation.money import InvalidMoney, Money, parse_money
from opportunities.measures import Measures
from opportunities.models import OpportunityStatus, PartnerInvolvement, Stage

Choices = list[tuple[Any, Any]]
ALL = "all"
MET = ("owner", "owner__name", "partner_manager", "partner_manager__name", "expected_days")


class AmountField(forms.CharField):
    """An amount of the reporting currency, as the reader writes it."""

    def __init__(self, *, currency: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.currency = currency
        self.widget.attrs["data-unit"] = currency

    def clean(self, value: Any) -> Any:
        """The amount, or None where nothing was typed."""
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_money(text, self.currency, get_language() or "en")
        except InvalidMoney as refusal:
            raise forms.ValidationError(refusal.message) from None


class AmountFilter(filters.Filter):
    """Compares `comparable` (Measures.with_comparable)."""

    field_class = AmountField

    def filter(self, qs: Any, value: Money | None) -> Any:
        """The deals on the right side of the amount."""
        return qs if value is None else qs.filter(**{f"comparable__{self.lookup_expr}": value.minor})


def _date() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def _tick() -> Any:
    """A filter that is on or off; its method sees it only when it is on."""
    return {"widget": forms.CheckboxInput, "field_name": "pk"}


class DealFilters(filters.FilterSet):
    """What the board knows: the list adds stage and status. `deals` are those that the reader sees.

    `expected` holds every number of days that is expected of one of their visits.
    """

    q = filters.CharFilter(method="with_words", label=_("Search"))
    partner_manager = filters.ChoiceFilter(label=_("Partner manager"), empty_label=_("Partner manager: all"))
    owner = filters.ChoiceFilter(label=_("Account executive"), empty_label=_("Account executive: all"))
    partner = filters.ChoiceFilter(label=_("Partner"), method="with_partner", empty_label=_("Partner: all"))
    quiet = filters.BooleanFilter(method="only_quiet", label=_("Quiet"), **_tick())
    over = filters.BooleanFilter(method="only_over", label=_("Over expected days"), **_tick())
    amount_from = AmountFilter(lookup_expr="gte", label=_("Amount from"))
    amount_to = AmountFilter(lookup_expr="lte", label=_("Amount to"))
    close_from = filters.DateFilter(
        field_name="expected_close_on", lookup_expr="gte", label=_("Expected close from"), widget=_date()
    )
    close_to = filters.DateFilter(
        field_name="expected_close_on", lookup_expr="lte", label=_("Expected close to"), widget=_date()
    )

    def __init__(self, data: Any, *, deals: QuerySet[Any], measures: Measures) -> None:
        deals = deals.with_visit().order_by()  # type: ignore[attr-defined] # our own queryset
        super().__init__(data, queryset=measures.with_comparable(deals))
        self.measures = measures
        met = list(deals.values_list(*MET).distinct())
        self.expected = {row[4] for row in met} - {None}
        self.filters["owner"].extra["choices"] = _named(row[:2] for row in met)
        self.filters["partner_manager"].extra["choices"] = _named(row[2:4] for row in met)
        involved = PartnerInvolvement.objects.filter(opportunity__in=deals.values("pk"))
        self.filters["partner"].extra["choices"] = _named(
            involved.order_by().values_list("partner", "partner__name").distinct()
        )

    def get_form_class(self) -> Any:
        """Amounts are typed in the reporting currency."""
        for name in ("amount_from", "amount_to"):
            self.filters[name].extra["currency"] = self.measures.currency
        return super().get_form_class()

    @property
    def chips(self) -> list[Any]:
        """The bound fields that stand in the row as chips with choices."""
        return [self.form[name] for name in ("partner_manager", "owner", "partner")]

    @property
    def ranges(self) -> list[Any]:
        """The bound fields of the ranges, which share one menu."""
        return [self.form[name] for name in ("amount_from", "amount_to", "close_from", "close_to")]

    @property
    def has_ranges(self) -> bool:
        """Whether one of the ranges is given or refused, so that its menu shows it."""
        return any(field.value() for field in self.ranges)

    @property
    def is_narrow(self) -> bool:
        """Whether anything narrows the set of deals."""
        return any(value not in (None, "", False) for value in self.form.cleaned_data.values())

    def with_words(self, deals: Any, _name: str, text: str) -> Any:
        """Deals that have every word in their own name, their customer's or a partner's."""
        for word in text.split():
            involved = PartnerInvolvement.objects.filter(
                opportunity=OuterRef("pk"), partner__name__icontains=word
            )
            named = Q(name__icontains=word) | Q(customer__name__icontains=word)
            deals = deals.filter(named | Exists(involved))
        return deals

    def with_partner(self, deals: Any, _name: str, pk: str) -> Any:
        """Deals on which a partner is involved, each once."""
        return deals.filter(
            Exists(PartnerInvolvement.objects.filter(opportunity=OuterRef("pk"), partner=int(pk)))
        )

    def only_quiet(self, deals: Any, _name: str, wanted: bool) -> Any:
        """Deals whose partner manager has gone silent."""
        return deals.filter(self.measures.is_quiet()) if wanted else deals

    def only_over(self, deals: Any, _name: str, wanted: bool) -> Any:
        """Deals longer in their stage than expected."""
        return deals.filter(self.measures.is_over(self.expected)) if wanted else deals


class ListFilters(DealFilters):
    """The filters of the list, over all funnels."""

    status = filters.ChoiceFilter(
        label=_("Status"),
        method="in_state",
        empty_label=None,
        choices=[*OpportunityStatus.choices, (ALL, _("Open and closed"))],
    )
    funnel = filters.ChoiceFilter(label=_("Funnel"), empty_label=_("Funnel: all"))
    stage = filters.ChoiceFilter(label=_("Stage"), empty_label=_("Stage: all"))

    @property
    def chips(self) -> list[Any]:
        """The same with status and stage; one funnel is no choice."""
        names = ["status", "funnel", "stage"] if len(self.funnels) > 1 else ["status", "stage"]
        return [*(self.form[name] for name in names), *super().chips]

    def __init__(self, data: Any, *, stages: Iterable[Stage], **kwargs: Any) -> None:
        asked = data.copy()
        asked.setdefault("status", OpportunityStatus.OPEN)
        super().__init__(asked, **kwargs)
        funnels: dict[tuple[int, str], Choices] = {}
        for stage in stages:
            funnels.setdefault((stage.funnel_id, stage.funnel.name), []).append((stage.pk, stage.name))
        self.funnels = list(funnels)
        several = [(name, group) for (_pk, name), group in funnels.items()]
        self.filters["stage"].extra["choices"] = (
            several if len(several) > 1 else [c for _n, g in several for c in g]
        )
        self.filters["funnel"].extra["choices"] = self.funnels

    @property
    def is_narrow(self) -> bool:
        """Whether anything narrows the open deals."""
        data = {**self.form.cleaned_data}
        return data.pop("status", None) != OpportunityStatus.OPEN or any(
            value not in (None, "", False) for value in data.values()
        )

    def in_state(self, deals: Any, _name: str, status: str) -> Any:
        """Open deals unless others are asked for."""
        return deals if status == ALL else deals.filter(status=status)


def _named(rows: Iterable[tuple[Any, Any]]) -> Choices:
    """Each person or partner once, by name; nobody is left out."""
    return sorted(
        {row for row in rows if row[0] is not None}, key=lambda row: (str(row[1]).casefold(), row[0])
    )
