"""Forms about deals: moving one, opening one, changing its facts and its people."""

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, Role, RoleGrant, User
from accounts.settings_forms import currency_choices
from foundation.fields import DayField
from foundation.money import InvalidMoney, Money, format_money, parse_money
from opportunities.models import InvolvementKind, LostReason, Opportunity, Stage, StageKind
from opportunities.services.stages import criteria_asked
from partners.models import Partner


def date_input() -> forms.DateInput:
    """The browser's own field for a date."""
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def holders(role: Role, today: date, *also: User | None) -> QuerySet[User]:
    """Who can be chosen for a place on a deal: active people with the role today, and who has it now."""
    grants = RoleGrant.objects.on(today).filter(user=OuterRef("pk"), role=role)
    kept = [person.pk for person in also if person is not None]
    people: QuerySet[User] = User.objects.filter(Q(Exists(grants), is_active=True) | Q(pk__in=kept))
    return people.order_by("name", "pk")


class StageRadios(forms.RadioSelect):
    """Stages to choose from; each says its kind and whether exit criteria are asked, so that the page can."""

    left: Stage

    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """One stage."""
        option: dict[str, Any] = super().create_option(*args, **kwargs)
        stage = option["value"].instance
        option["attrs"]["data-kind"] = stage.kind
        if criteria_asked(self.left, stage):
            option["attrs"]["data-asks"] = "criteria"
        return option


class MoveForm(forms.Form):
    """Where a deal goes and what has to be known about it. `to` leaves only what that stage asks for."""

    stage = forms.ModelChoiceField(
        queryset=Stage.objects.none(), label=_("To which stage?"), empty_label=None, widget=StageRadios
    )
    criteria = forms.MultipleChoiceField(
        label=_("What holds by now?"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("A deal may move on without; the note then says why."),
    )
    asked = forms.BooleanField(required=False, widget=forms.HiddenInput, initial=True)
    lost_reason = forms.ModelChoiceField(
        queryset=LostReason.objects.filter(is_active=True),
        label=_("Why was it lost?"),
        required=False,
        empty_label=_("Choose a reason"),
    )
    note = forms.CharField(label=_("Note"), required=False, widget=forms.Textarea(attrs={"rows": 2}))
    effective_on = forms.DateField(
        label=_("When"), required=False, widget=date_input(), help_text=_("Earlier, if it was so earlier.")
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, deal: Opportunity, to: Stage | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "move-%s", **kwargs})
        self.deal, self.to = deal, to
        fields: Any = self.fields
        fields["stage"].queryset = deal.funnel.stages.filter(is_active=True).exclude(pk=deal.stage_id)
        fields["stage"].widget.left = deal.stage
        fields["criteria"].choices = [(text, text) for text in deal.stage.criteria]
        fields["effective_on"].initial = Organisation.current().today()
        if not deal.stage.criteria:
            self._drop("criteria", "asked")
        if to is not None:
            self._fix(to)

    def _fix(self, to: Stage) -> None:
        self.fields["stage"].widget = forms.HiddenInput()
        self.fields["stage"].initial = to.pk
        if not criteria_asked(self.deal.stage, to):
            self._drop("criteria", "asked")
        if to.kind != StageKind.LOST:
            self._drop("lost_reason")

    def _drop(self, *names: str) -> None:
        for name in names:
            self.fields.pop(name, None)

    def overtaken(self) -> Stage | None:
        """The stage that was asked for, where the deal has changed since the form was made; else None.

        Asked before anything else: the other questions are those of a stage that the deal may have left.
        """
        version, wanted = str(self["version"].value()), str(self["stage"].value())
        if not version.isdecimal() or int(version) == self.deal.version or not wanted.isdecimal():
            return None
        return self.deal.funnel.stages.filter(is_active=True, pk=int(wanted)).first()

    def effective_at(self) -> datetime | None:
        """The instant of the move: None (now) for today, else noon of the day, yet never before the last
        move where that was on the same day."""
        zone = Organisation.current().tzinfo
        day = self.cleaned_data.get("effective_on")
        if day is None or day == timezone.localdate(timezone=zone):
            return None
        noon = datetime.combine(day, time(12), tzinfo=zone)
        entered = self.deal.stage_entered_at.astimezone(zone)
        return max(noon, entered) if entered.date() == day else noon

    def move(self) -> dict[str, Any]:
        """The arguments of the service, without who and which deal."""
        data = self.cleaned_data
        return {
            "to_stage": data["stage"],
            "version": data["version"],
            "effective_at": self.effective_at(),
            "lost_reason": data.get("lost_reason") if data["stage"].kind == StageKind.LOST else None,
            "criteria_met": data.get("criteria", []) if data.get("asked") else None,
            "note": data["note"],
        }


class FactsForm(forms.Form):
    """What a deal is about. The amount is read by the rules of the reader's language."""

    name = forms.CharField(label=_("Name"), max_length=200)
    customer = forms.CharField(
        label=_("Customer"), max_length=160, required=False, help_text=_("A new name makes a new customer.")
    )
    amount = forms.CharField(label=_("Amount"), max_length=40, required=False)
    currency = forms.ChoiceField(label=_("Currency"), choices=currency_choices)
    expected_close_on = forms.DateField(label=_("Expected close"), required=False, widget=date_input())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "deal-%s", **kwargs})
        self.fields["customer"].widget.attrs.update({"list": "customer-names", "autocomplete": "off"})
        self.fields["amount"].widget.attrs["inputmode"] = "decimal"

    def clean(self) -> dict[str, Any]:
        """The same with `money`: the amount in its currency, or None where none was typed."""
        data = super().clean() or {}
        data["money"] = None
        if data.get("amount") and data.get("currency"):
            try:
                data["money"] = self._money(data["amount"], data["currency"])
            except InvalidMoney as refusal:
                self.add_error("amount", refusal.message)
        return data

    def _money(self, text: str, currency: str) -> Money:
        amount = parse_money(text, currency, get_language() or "en")
        if amount.minor < 0:
            raise InvalidMoney(_("An amount cannot be below zero."))
        return amount


class EditForm(FactsForm):
    """The facts of a deal that was read in some `version`."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    @staticmethod
    def facts_of(deal: Opportunity) -> dict[str, Any]:
        """What stands in the fields for a deal."""
        amount = deal.amount
        return {
            "name": deal.name,
            "customer": deal.customer.name if deal.customer else "",
            "amount": format_money(amount, get_language() or "en") if amount else "",
            "currency": deal.currency,
            "expected_close_on": deal.expected_close_on,
            "version": deal.version,
        }


class OpenForm(FactsForm):
    """A new deal with its first stage, its people and the partner who brought or helps it."""

    stage = forms.ModelChoiceField(queryset=Stage.objects.none(), label=_("Stage"), empty_label=None)
    owner = forms.ModelChoiceField(
        queryset=User.objects.none(),
        label=_("Account executive"),
        required=False,
        empty_label=_("Nobody yet"),
    )
    partner_manager = forms.ModelChoiceField(
        queryset=User.objects.none(), label=_("Partner manager"), required=False, empty_label=_("Nobody")
    )
    partner = forms.ModelChoiceField(
        queryset=Partner.objects.none(), label=_("Partner"), required=False, empty_label=_("None")
    )
    kind = forms.ChoiceField(
        label=_("What the partner does"), choices=InvolvementKind.choices, required=False
    )

    offered_to = forms.ModelChoiceField(
        queryset=User.objects.none(),
        label=_("Offer it to"),
        required=False,
        empty_label=_("Nobody yet"),
        help_text=_("They own the deal once they accept it."),
    )
    answer_by = DayField(label=_("Answer by"), required=False)

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        if by.roles & {Role.PARTNER_MANAGER, Role.LEADER, Role.ADMIN}:
            fields["offered_to"].queryset = holders(Role.ACCOUNT_EXECUTIVE, by.today())
        else:
            del fields["offered_to"], fields["answer_by"]
        fields["stage"].queryset = (
            Stage.objects.filter(kind=StageKind.OPEN, is_active=True, funnel__is_active=True)
            .select_related("funnel")
            .order_by("-funnel__is_default", "funnel__name", "position")
        )
        funnels = {stage.funnel_id for stage in fields["stage"].queryset}
        if len(funnels) > 1:
            fields["stage"].label_from_instance = lambda stage: f"{stage.funnel}: {stage}"
        fields["owner"].queryset = holders(Role.ACCOUNT_EXECUTIVE, by.today())
        fields["partner_manager"].queryset = holders(Role.PARTNER_MANAGER, by.today())
        fields["partner"].queryset = Partner.objects.visible_to(by).active()

    def clean(self) -> dict[str, Any]:
        """An offer comes from a partner manager, through the partner that brought the deal, to one person."""
        data = super().clean()
        if data.get("offered_to"):
            self._clean_offer(data)
        return data

    def _clean_offer(self, data: dict[str, Any]) -> None:
        if data.get("owner"):
            self.add_error("owner", _("Leave this to whoever accepts the offer, or offer it to nobody."))
        if not data.get("partner_manager"):
            self.add_error("partner_manager", _("Say which partner manager offers it."))
        if not data.get("partner"):
            self.add_error("partner", _("Say through which partner the deal came."))
        elif data.get("kind") != InvolvementKind.SOURCED:
            self.add_error("kind", _("A deal that is offered was sourced by its partner."))
        day = data.get("answer_by")
        if day is not None and day < Organisation.current().today():
            self.add_error("answer_by", _("Choose a date that is still ahead."))


class PeopleForm(forms.Form):
    """Who drives a deal and who stands beside it."""

    owner = OpenForm.base_fields["owner"]
    partner_manager = OpenForm.base_fields["partner_manager"]
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, deal: Opportunity, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "people-%s", **kwargs})
        fields: Any = self.fields
        fields["owner"].queryset = holders(Role.ACCOUNT_EXECUTIVE, today, deal.owner)
        fields["partner_manager"].queryset = holders(Role.PARTNER_MANAGER, today, deal.partner_manager)


class InvolveForm(forms.Form):
    """A partner and what it does for the deal."""

    partner = forms.ModelChoiceField(
        queryset=Partner.objects.none(), label=_("Partner"), empty_label=_("Choose a partner")
    )
    kind = forms.ChoiceField(label=_("What the partner does"), choices=InvolvementKind.choices)

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "involve-%s", **kwargs})
        self.fields["partner"].queryset = Partner.objects.visible_to(by).active()  # type: ignore[attr-defined]
