"""What the page of a pair shows of a closed period: the joint scorecard then and now."""

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _

from accounts.models import User
from apr.closing.page import Line
from apr.closing.pair_rows import Kept, RowChange, changes
from apr.closing.reading import closing_of
from apr.closing.words import MINUS
from apr.joint import JointScorecard
from apr.models import Action, Closing, KnownPair
from apr.pair_words import NAMES
from foundation.wording import day_in_record, number
from opportunities.models import Commitment, Obstacle, Opportunity

Score = Fraction | None


def then_and_now(card: JointScorecard) -> tuple[str, list[Line]]:
    """What a panel of a pair's page is called, and its lines; none where the period is open."""
    closing = closing_of(card.standing.period)
    if closing is None:
        return "", []
    known = known_pair(closing, card.pm, card.ae)
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


@dataclass(frozen=True)
class ChangedRow:
    """A row that counts in another way, in words; without its deal where the reader may not see that."""

    component: str
    whose: str
    deal: Opportunity | None
    what: str
    then: str
    now: str


def changed_rows(closing: Closing, card: JointScorecard, viewer: User) -> list[ChangedRow] | None:
    """What makes the difference, as far as `viewer` may see it; None where rows were not kept. The card is
    that of nobody in particular."""
    known = known_pair(closing, card.pm, card.ae)
    if known is not None and known.rows is None:
        return None
    found = changes(known or KnownPair(), card)
    ids = {one.row.deal_id for one in found if one.row.deal_id}
    deals = Opportunity.objects.visible_to(viewer).select_related("customer").in_bulk(ids)
    texts = _texts(found, viewer)
    pm_keys = {measure.key for measure in card.standing.pm_side.measures}

    def line(one: RowChange) -> ChangedRow:
        deal = deals.get(one.row.deal_id or 0)
        text = texts.get(one.row.about, "")
        return ChangedRow(
            component=str(NAMES[one.key]),
            whose="pm" if one.key in pm_keys else "ae",
            deal=deal,
            what=text or (_what(one.row) if deal is not None else ""),
            then=_state(one.was),
            now=_state(one.now),
        )

    return [line(one) for one in found]


def _texts(found: list[RowChange], viewer: User) -> dict[str, str]:
    """What obstacles, promises and sessions say, of those that the viewer may see."""
    asked: dict[str, set[int]] = defaultdict(set)
    for one in found:
        kind, _colon, pk = one.row.about.partition(":")
        if kind in ("obstacle", "promise", "session"):
            asked[kind].add(int(pk))
    seen = Opportunity.objects.visible_to(viewer)
    obstacles = Obstacle.objects.filter(pk__in=asked["obstacle"], opportunity__in=seen.order_by())
    promises = Commitment.objects.visible_to(viewer).filter(pk__in=asked["promise"])
    sessions = Action.objects.visible_to(viewer).filter(pk__in=asked["session"])
    return {
        **{f"obstacle:{pk}": text for pk, text in obstacles.values_list("pk", "description")},
        **{f"promise:{pk}": text for pk, text in promises.values_list("pk", "text")},
        **{f"session:{pk}": name for pk, name in sessions.values_list("pk", "action_type__name")},
    }


def _what(row: Kept) -> str:
    if row.stage:
        return _("%(stage)s, from %(day)s") % {"stage": row.stage, "day": day_in_record(row.day)}
    return day_in_record(row.day)


def _state(row: Kept | None) -> str:
    if row is None:
        return _("not counted")
    return _("done") if row.is_done else _("not done")


def known_pair(closing: Closing, pm: User, ae: User) -> KnownPair | None:
    """What was stored of two people; None where they were no pair then."""
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
