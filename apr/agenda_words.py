"""The sentences of the list of what to do, as one would say them aloud."""

from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from apr.models import Action, CoachingAdvice
from foundation.wording import day as as_day
from foundation.wording import short_day
from opportunities.handover_words import Clock
from opportunities.models import Commitment, HandOver, Obstacle, Opportunity

WEEK = 5  # working days


def about(deal: Opportunity, reader: User) -> str:
    """Stage with probability, colleague, partner: `Negotiation 80% · Ana Kovač · Norrvik Systems`."""
    colleague = deal.partner_manager if deal.owner_id == reader.pk else deal.owner
    partners = [involvement.partner.name for involvement in deal.involvements.all()][:1]
    return " · ".join(filter(None, [_stage(deal), colleague.name if colleague else "", *partners]))


def without_pm(deal: Opportunity, days: int, last: date | None, today: date) -> str:
    """That no partner manager has acted on a deal, and how near its close is."""
    if last is None:
        silent = _("has had no partner manager yet")
    else:
        silent = _("has had no partner manager for %(long)s") % {"long": _so_long(days)}
    return _closing(deal, silent, today)


def silent(deal: Opportunity, days: int, last: date | None, today: date) -> str:
    """That nobody has acted on a deal."""
    if last is None:
        return _closing(deal, _("has had no action yet"), today)
    return _closing(deal, _("has been silent for %(long)s") % {"long": _so_long(days)}, today)


def promised(promise: Commitment, today: date) -> str:
    """What was promised, to whom, by when."""
    parts = {"what": _inside(promise.text), "when": _when(promise.due_on, today)}
    if promise.made_to is not None:
        parts["who"] = promise.made_to.short_name
        if promise.is_overdue(today):
            return _("You promised %(who)s by %(when)s, and it is overdue: %(what)s") % parts
        return _("You promised %(who)s by %(when)s: %(what)s") % parts
    if promise.is_overdue(today):
        return _("Next step overdue since %(when)s: %(what)s") % parts
    return _("Next step due %(when)s: %(what)s") % parts


def promised_about(promise: Commitment, reader: User) -> str:
    """The deal, its stage, and when it was promised."""
    deal = promise.opportunity
    made = _("promised %(day)s") % {"day": short_day(promise.made_at.astimezone(reader.tzinfo))}
    return " · ".join([deal.name, _stage(deal), made])


def obstacle(row: Obstacle) -> str:
    """What is in the way, and who has to act."""
    if row.needs_partner:
        return _("Obstacle waits for the partner: %(what)s") % {"what": _inside(row.description)}
    return _("Obstacle waits for you: %(what)s") % {"what": _inside(row.description)}


def obstacle_about(row: Obstacle) -> str:
    """The deal, its stage, who raised it when, and when it is due."""
    raised = {"who": row.raised_by.short_name, "day": short_day(row.raised_at)}
    said = _("raised by %(who)s %(day)s") % raised
    if row.due_on is not None:
        said += ", " + _("due %(day)s") % {"day": as_day(row.due_on)}
    return " · ".join([row.opportunity.name, _stage(row.opportunity), said])


def was_it_so(action: Action) -> str:
    """What a colleague says was done together."""
    return _("%(who)s logged with you on %(day)s: %(what)s. Was it so?") % {
        "who": action.actor.short_name,
        "what": _inside(action.action_type.name),
        "day": as_day(action.occurred_on),
    }


def waits_for_your_word(action: Action, points: int) -> str:
    """What hangs on the answer."""
    waiting = ngettext(
        "%(points)s of %(who)s’s points waits for your word",
        "%(points)s of %(who)s’s points wait for your word",
        points,
    ) % {"points": points, "who": action.actor.short_name}
    subject = action.opportunity or action.partner or action.customer
    return " · ".join(filter(None, [str(subject) if subject else "", waiting]))


def advised(row: CoachingAdvice) -> str:
    """What a coach advised."""
    parts = {"who": row.action.actor.short_name, "deal": row.action.opportunity, "what": row.text}
    if row.action.opportunity is None:
        return _("%(who)s advises you: “%(what)s”") % parts
    return _("%(who)s advises you on %(deal)s: “%(what)s”") % parts


def advised_about(row: CoachingAdvice) -> str:
    """When, and that the word of the person is wanted."""
    coached = _("coached on %(day)s") % {"day": as_day(row.action.occurred_on)}
    deal = row.action.opportunity
    stage = [_stage(deal)] if deal else []
    return " · ".join([*stage, coached, _("say that you have read it")])


def offered(row: HandOver) -> str:
    """That a partner manager offers a deal."""
    return _("%(who)s offers you %(deal)s. Do you take it?") % {
        "who": row.offered_by.short_name,
        "deal": row.opportunity,
    }


def offered_about(row: HandOver, clock: Clock) -> str:
    """The stage, through whom it came, how long there is, and what was said with it."""
    through = _("through %(partner)s") % {"partner": row.partner}
    return " · ".join(filter(None, [_stage(row.opportunity), through, clock.words, row.note]))


def unanswered(row: HandOver) -> str:
    """That an answer is overdue."""
    return _("%(who)s has not answered your offer of %(deal)s") % {
        "who": row.offered_to.short_name,
        "deal": row.opportunity,
    }


def answer_owed(row: HandOver, clock: Clock) -> str:
    """What somebody owes who was offered a deal, and how long they have."""
    answer = _("an answer to your offer of %(deal)s") % {"deal": row.opportunity}
    return f"{answer}, {clock.words}"


def returned(row: HandOver) -> str:
    """That a deal came back."""
    return _("%(who)s returned %(deal)s. Who drives it now?") % {
        "who": row.offered_to.short_name,
        "deal": row.opportunity,
    }


def returned_about(row: HandOver) -> str:
    """The stage, the partner and the reason."""
    return " · ".join([_stage(row.opportunity), str(row.partner), f"“{row.reason}”"])


def _stage(deal: Opportunity) -> str:
    return f"{deal.stage.name} {deal.stage.probability}%"


def _closing(deal: Opportunity, silent: str, today: date) -> str:
    close, parts = deal.expected_close_on, {"deal": deal.name, "silent": silent}
    if close is None or close - today > timedelta(days=30):
        return _("%(deal)s %(silent)s") % parts
    if close < today:
        return _("%(deal)s should have closed on %(day)s and %(silent)s") % {**parts, "day": short_day(close)}
    if close == today:
        return _("%(deal)s closes today and %(silent)s") % parts
    days = (close - today).days
    counted = ngettext("closes in %(days)s day", "closes in %(days)s days", days) % {"days": days}
    return _("%(deal)s %(closes)s and %(silent)s") % {**parts, "closes": counted}


def _so_long(days: int) -> str:
    """Working days in words: from two weeks on in weeks."""
    if days >= 2 * WEEK:
        return ngettext("%(n)s week", "%(n)s weeks", days // WEEK) % {"n": days // WEEK}
    return ngettext("%(n)s working day", "%(n)s working days", days) % {"n": days}


def _when(when: date, today: date) -> str:
    near = {-1: _("yesterday"), 0: _("today"), 1: _("tomorrow")}
    return near.get((when - today).days) or as_day(when)


def _inside(text: str) -> str:
    """The text inside a sentence: without its capital, unless it stands for a name such as PM or E-mail."""
    return text[:1].lower() + text[1:] if text[1:2].islower() and " " in text else text
