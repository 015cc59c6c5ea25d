"""What the page of a pair shows of a closed period: the joint scorecard then and now."""

from fractions import Fraction

from django.utils.translation import gettext as _

from accounts.models import User
from apr.closing.page import Line
from apr.closing.reading import closing_of
from apr.closing.words import MINUS
from apr.joint import JointScorecard
from apr.models import Closing, KnownPair
from apr.pair_words import NAMES
from foundation.wording import day_in_record, number

Score = Fraction | None


def then_and_now(card: JointScorecard) -> tuple[str, list[Line]]:
    """What a panel of a pair's page is called, and its lines; none where the period is open."""
    closing = closing_of(card.standing.period)
    if closing is None:
        return "", []
    known = _known(closing, card.pm, card.ae)
    standing = card.standing
    score = None if standing.score is None else Fraction(standing.score)
    lines = [
        _score(_("Joint accountability"), _fraction(known.score if known else ""), score, is_main=True),
        _score(_("Partner manager"), _fraction(known.pm_side if known else ""), standing.pm_side.score),
        _score(_("Account executive"), _fraction(known.ae_side if known else ""), standing.ae_side.score),
    ]
    components = known.components if known else {}
    whose = [_("PM")] * len(standing.pm_side.measures) + [_("AE")] * len(standing.ae_side.measures)
    for side, measure in zip(whose, standing.measures, strict=True):
        then = [Fraction(part) for part in components.get(measure.key.value, ("0", "0"))]
        now = [Fraction(measure.numerator), Fraction(measure.denominator)]
        lines.append(Line(f"{side} · {NAMES[measure.key]}", _ratio(*then), _ratio(*now)))
    title = _("As known on %(day)s, and now") % {"day": day_in_record(closing.known_at or closing.asked_at)}
    return title, lines


def _known(closing: Closing, pm: User, ae: User) -> KnownPair | None:
    return KnownPair.objects.filter(closing=closing, partner_manager=pm, account_executive=ae).first()


def _score(name: str, then: Score, now: Score, *, is_main: bool = False) -> Line:
    difference = ""
    if then is not None and now is not None:
        sign = "+" if now > then else MINUS
        difference = f"{sign}{number(abs(now - then), 1)}"
    return Line(name, _shown(then), _shown(now), difference, is_main)


def _shown(score: Score) -> str:
    return "–" if score is None else number(score, 1)


def _ratio(done: Fraction, of: Fraction) -> str:
    if not of:
        return "–"
    whole = number(of, 0 if of.denominator == 1 else 1)
    return _("%(done)s of %(whole)s") % {"done": number(done), "whole": whole}


def _fraction(text: str) -> Score:
    return Fraction(text) if text else None
