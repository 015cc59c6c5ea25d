"""What is said when an action has been logged: what it added, where the score stands, and how to undo it."""

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from apr.models import Action
from apr.periods import PeriodKind, period_containing
from apr.phrases import said_with_deal
from apr.scorecards import Score, action_points, person_score
from foundation.wording import number


def standing(score: Score, locale: str) -> str:
    """`44 of 60 in September 2026`; without a target the points alone."""
    parts = {"n": number(score.counted_points), "month": score.period.label(locale)}
    if score.target is None:
        return _("%(n)s points in %(month)s") % parts
    return _("%(n)s of %(target)s points in %(month)s") % {**parts, "target": number(score.target)}


def words_of(action: Action) -> str:
    """`Coached Ana, Acme renewal: +2, now 44 of 60 points in September 2026.`"""
    month = period_containing(action.occurred_on, PeriodKind.MONTH)
    return _("%(what)s: +%(points)s, now %(score)s.") % {
        "what": said_with_deal(action),
        "points": number(action_points([action])[action.pk].counted),
        "score": standing(person_score(action.actor, month), action.actor.locale),
    }


def say_logged(request: HttpRequest, action: Action) -> None:
    """Leaves a message with the new score and a button that takes the action back."""
    words = '{} <button class="toast-act" form="toast-act" formaction="{}">{}</button>'
    undo = reverse("apr:action_undo", args=[action.pk])
    messages.success(request, format_html(words, words_of(action), undo, _("Undo")))
