"""How an action is said in a few words: “Call to Norrvik Systems”, “Coached Ana, Acme renewal”."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from apr.models import Action, ActionType
from opportunities.models import Customer, Opportunity
from partners.models import Partner

# What is said of the usual types; those that an administrator made are named and followed by who it was with.
SAID = {
    "call_to": gettext_lazy("Call to %(who)s"),
    "call_from": gettext_lazy("Call from %(who)s"),
    "email": gettext_lazy("E-mail to %(who)s"),
    "coaching_session": gettext_lazy("Coached %(who)s"),
    "face_to_face": gettext_lazy("Met %(who)s"),
    "joint_deal_review": gettext_lazy("Joint deal review with %(who)s"),
    "conference_call": gettext_lazy("Conference call with %(who)s"),
}


def phrase(
    action_type: ActionType,
    counterpart: User | None = None,
    partner: Partner | None = None,
    customer: Customer | None = None,
    deal: Opportunity | None = None,
) -> str:
    """The type and who it was done with: the colleague, else the partner, the customer, the deal."""
    who = (
        counterpart.short_name if counterpart else next((str(x) for x in (partner, customer, deal) if x), "")
    )
    if not who:
        return action_type.name
    if action_type.key in SAID:
        return SAID[action_type.key] % {"who": who}
    return _("%(type)s, %(who)s") % {"type": action_type.name, "who": who}


def said(action: Action) -> str:
    """An action in a few words."""
    return phrase(action.action_type, action.counterpart, action.partner, action.customer, action.opportunity)


def said_with_deal(action: Action) -> str:
    """The same with the deal, where that was not said already."""
    words = said(action)
    deal = action.opportunity
    return f"{words}, {deal.name}" if deal is not None and deal.name not in words else words
