"""The obstacles that wait for somebody, by the partner whose help they need: one call can clear several."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from apr.scorecards import points_of_one_more
from apr.services.obstacles import type_for_clearing
from apr.shortcuts import new_key
from foundation.money import Money
from opportunities.measures import Measures
from opportunities.models import Obstacle
from partners.models import Partner


@dataclass(frozen=True)
class Waiting:
    """An open obstacle: the working days since it was raised, and whether its date has passed."""

    row: Any
    days_open: int
    is_late: bool
    is_chosen: bool = True


@dataclass
class PartnerGroup:
    """What waits for one partner (None: needs no partner, or nobody has said which)."""

    partner: Partner | None
    needs_partner: bool
    lines: list[Waiting] = field(default_factory=list)
    amount: Money | None = None
    form: "ClearTogetherForm | None" = None

    @property
    def key(self) -> str:
        """The name of the group in the page's address."""
        if self.partner is not None:
            return f"partner-{self.partner.pk}"
        return "partner-unknown" if self.needs_partner else "own"


class ClearTogetherForm(forms.Form):
    """How several obstacles were cleared at once. `obstacle` are those of the group."""

    partner = forms.ModelChoiceField(queryset=Partner.objects.none())
    obstacle = forms.ModelMultipleChoiceField(
        queryset=Obstacle.objects.none(),
        error_messages={
            "required": _("Choose the obstacles that are out of the way."),
            "invalid_choice": _("One of them is cleared already, or waits for somebody else. Look again."),
        },
    )
    resolution = forms.CharField(
        label=_("How was it solved?"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )
    request_key = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(
        self,
        sent: QueryDict | None = None,
        *,
        person: User,
        viewer: User,
        partner: Partner,
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(sent, initial=initial)
        self.sent = QueryDict() if sent is None else sent
        self.auto_id = f"clear-{partner.pk}-%s"
        fields: Any = self.fields
        fields["partner"].queryset = Partner.objects.visible_to(viewer)
        rows = Obstacle.objects.visible_to(viewer).waiting_for(person)
        fields["obstacle"].queryset = rows.asking(partner)


def groups_of(
    person: User, viewer: User, measures: Measures, sent: ClearTogetherForm | None = None
) -> list[PartnerGroup]:
    """The groups, the largest first, those without a partner last; `sent` is a form that was refused.

    Two queries, and one for the rates where deals are in other currencies.
    """
    related = ("opportunity__stage", "opportunity__customer", "raised_by", "assigned_to", "kind")
    rows = Obstacle.objects.visible_to(viewer).waiting_for(person).with_partner_to_ask()
    found: list[Any] = list(rows.select_related(*related).order_by("due_on", "raised_at", "pk"))
    partners = Partner.objects.in_bulk({row.asks_partner_id for row in found} - {None})
    chosen = set(sent.sent.getlist("obstacle")) if sent is not None else None
    refused = sent.sent.get("partner") if sent is not None else None
    grouped: dict[tuple[bool, int | None], list[Any]] = defaultdict(list)
    for row in found:
        grouped[row.needs_partner, row.asks_partner_id].append(row)
    groups = []
    for (needs, pk), members in grouped.items():
        group = PartnerGroup(partners.get(pk) if pk else None, needs)
        is_sent = sent is not None and str(pk) == refused
        group.lines = [
            _line(row, measures, is_chosen=not is_sent or chosen is None or str(row.pk) in chosen)
            for row in members
        ]
        group.amount = _together(members, measures)
        if group.partner is not None:
            group.form = sent if is_sent else _fresh(person, viewer, group.partner)
        groups.append(group)
    return sorted(groups, key=_place)


def _place(group: PartnerGroup) -> tuple[bool, bool, int, int, str]:
    worth = group.amount.minor if group.amount else 0
    name = group.partner.name if group.partner else ""
    return group.partner is None, not group.needs_partner, -len(group.lines), -worth, name


def _fresh(person: User, viewer: User, partner: Partner) -> ClearTogetherForm:
    return ClearTogetherForm(
        person=person, viewer=viewer, partner=partner, initial={"request_key": new_key()}
    )


def _line(row: Any, measures: Measures, *, is_chosen: bool) -> Waiting:
    return Waiting(
        row,
        measures.days_open(row),
        is_late=row.due_on is not None and row.due_on < measures.today,
        is_chosen=is_chosen,
    )


def _together(rows: list[Any], measures: Measures) -> Money:
    """What the deals are worth together, each once, in the reporting currency; those without a rate not."""
    deals = {row.opportunity.pk: row.opportunity for row in rows}.values()
    priced = [
        measures.priced(deal.amount_minor, deal.currency, None)
        for deal in deals
        if deal.amount_minor is not None
    ]
    return measures.whole(sum(minor for minor in priced if minor is not None))


def points_for_clearing(person: User) -> int | None:
    """What one call that clears obstacles would add to the person's points today; None where it is not
    logged. Three queries."""
    kind = type_for_clearing()
    return None if kind is None else points_of_one_more(person, kind, person.today()).counted
