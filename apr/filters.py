"""How a log is cut: by type, days, deal, partner, person, confirmation, and whether it was voided."""

from typing import Any

import django_filters as filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from apr.models import Action, ActionType, Confirmation

DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class ActionFilter(filters.FilterSet):
    """Filters of a log. Voided actions are shown only when asked for."""

    action_type = filters.ModelChoiceFilter(
        label=_("What"), queryset=ActionType.objects.all(), empty_label=_("Any type")
    )
    since = filters.DateFilter(label=_("From"), field_name="occurred_on", lookup_expr="gte", widget=DATE)
    until = filters.DateFilter(label=_("To"), field_name="occurred_on", lookup_expr="lte", widget=DATE)
    deal = filters.CharFilter(
        label=_("Deal"), field_name="opportunity__name", lookup_expr="icontains", widget=forms.SearchInput
    )
    partner = filters.CharFilter(
        label=_("Partner"), field_name="partner__name", lookup_expr="icontains", widget=forms.SearchInput
    )
    confirmation = filters.ChoiceFilter(
        label=_("Confirmation"), choices=Confirmation.choices, empty_label=_("Any")
    )
    voided = filters.BooleanFilter(
        label=_("Voided ones too"), method="with_voided", widget=forms.CheckboxInput
    )

    class Meta:
        model = Action
        fields: list[str] = []

    def filter_queryset(self, queryset: QuerySet[Action]) -> QuerySet[Action]:
        """Leaves voided actions out, unless asked for."""
        rows = super().filter_queryset(queryset)
        return rows if self.form.cleaned_data.get("voided") else rows.filter(voided_at__isnull=True)

    def with_voided(self, queryset: QuerySet[Action], _name: str, _value: bool) -> QuerySet[Action]:
        """Decided once all filters are known."""
        return queryset

    @property
    def is_cut(self) -> bool:
        """Whether anything is asked for."""
        return any(self.form.cleaned_data.values()) if self.form.is_valid() else True


def people_led_by(user: User) -> QuerySet[User]:
    """Those whose log somebody may open, themselves among them."""
    people: QuerySet[User] = User.objects.scores_visible_to(user).order_by("name")
    return people


def chosen_person(user: User, wanted: Any) -> User:
    """The person whose log is asked for; oneself where nobody is, or one may not see them."""
    if not str(wanted or "").isdigit():
        return user
    return people_led_by(user).filter(pk=int(wanted)).first() or user
