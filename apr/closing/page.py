"""What the page of a closed period shows: figures then and now, and the rows that make the difference."""

from collections.abc import Collection
from dataclasses import dataclass
from fractions import Fraction

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Team, User
from apr.closing.differences import ActionChange, DealChange
from apr.closing.figures import Known, achieved, figures_of
from apr.closing.reading import closing_of, known_of
from apr.closing.words import signed, signed_money, why_action, why_deal
from apr.models import Action, ActionType, Closing, KnownCredit
from apr.periods import PeriodKind
from apr.periods_shown import Shown
from apr.readers import Reading
from apr.scorecards import Results, Score
from apr.scorecards.figures import Points, total_points
from apr.scorecards.rows import RESULT_KINDS
from foundation.wording import money_in_full, number, percent
from opportunities.models import Opportunity

NAMES: dict[str, str | Promise] = {
    "won": gettext_lazy("Won"),
    "sourced_won": gettext_lazy("Sourced won"),
    "influenced_won": gettext_lazy("Influenced won"),
    "pipeline_created": gettext_lazy("Pipeline created"),
    "wins": gettext_lazy("Deals won"),
    "losses": gettext_lazy("Deals lost"),
}
COUNTED = ("wins", "losses")  # told in deals, the others in money
SHOWN_ROWS = 200


@dataclass(frozen=True)
class Line:
    """One figure in words: as known, as it stands, and the difference (empty where it cannot be told)."""

    name: str | Promise
    then: str
    now: str
    difference: str = ""
    is_main: bool = False

    @property
    def is_changed(self) -> bool:
        """Whether both read differently."""
        return self.then != self.now


def figure_lines(then: Known, now: Known) -> list[Line]:
    """The figures one under another, without those of which neither has anything."""
    points = [
        _points(_("Points, counted"), then.points.counted, now.points.counted, is_main=True),
        _points(_("Points, raw"), then.points.raw, now.points.raw),
        _points(_("Points, confirmed"), then.points.confirmed, now.points.confirmed),
    ]
    if then.target is not None or now.target is not None:
        points.append(Line(_("Target"), _number(then.target), _number(now.target)))
        points.append(Line(_("Attainment"), _percent(then.attainment), _percent(now.attainment)))
    money = [_money(name, then, now) for name in then.money if _has(then, name) or _has(now, name)]
    if then.win_rate is not None or now.win_rate is not None:
        money.append(Line(_("Win rate"), _rate(then), _rate(now)))
    return points + money


def type_lines(then: Known, now: Known, types: Collection[ActionType]) -> list[Line]:
    """Counted points by action type, in the admin's order."""
    nothing = Points()
    return [
        _points(
            kind.name, then.by_type.get(kind.pk, nothing).counted, now.by_type.get(kind.pk, nothing).counted
        )
        for kind in types
        if kind.pk in then.by_type or kind.pk in now.by_type
    ]


def _points(name: str, then: int, now: int, *, is_main: bool = False) -> Line:
    return Line(name, number(then), number(now), signed(now - then), is_main)


def _money(name: str, then: Known, now: Known) -> Line:
    was, is_ = then.money[name].amount, now.money[name].amount
    same = was.currency == is_.currency
    difference = signed_money(is_.minor - was.minor, is_.currency) if same else ""
    return Line(NAMES[name], money_in_full(was), money_in_full(is_), difference)


def _has(known: Known, name: str) -> bool:
    return bool(known.money[name].count or known.money[name].target)


def _number(value: Fraction | None) -> str:
    return "–" if value is None else number(value)


def _percent(value: Fraction | None) -> str:
    return "–" if value is None else percent(value)


def _rate(known: Known) -> str:
    closed = known.wins + known.losses
    return _("%(wins)s of %(closed)s") % {"wins": number(known.wins), "closed": number(closed)}


def later_words(then: Known, now: Known, *, with_results: bool) -> str:
    """`2 points came later`: what changed since, as the line on a scorecard says it.

    `with_results` says that results of the same period stand beside the points.
    """
    later = now.points.counted - then.points.counted
    if later > 0:
        words = ngettext("%(n)s point came later", "%(n)s points came later", later) % {"n": number(later)}
    elif later < 0:
        words = ngettext("%(n)s point fell away since", "%(n)s points fell away since", -later)
        words %= {"n": number(-later)}
    else:
        words = _("the points are the same today")
    if with_results and achieved(then)[1:] != achieved(now)[1:]:
        return _("%(points)s, and results changed") % {"points": words}
    return words


@dataclass(frozen=True)
class ClosedLine:
    """`Closed on 3 Oct by Elif Maes; 2 points came later`, which opens the difference."""

    closing: Closing
    later: str
    url: str


def closed_line(about: Reading, score: Score, results: Results, shown: Shown) -> ClosedLine | None:
    """The line for a scorecard of a closed period, None where it is open. At most two queries."""
    if not shown.is_over or score.period.kind not in (PeriodKind.MONTH, PeriodKind.QUARTER):
        return None
    closing = closing_of(score.period)
    if closing is None:
        return None
    currency = results.won.amount.currency
    then = known_of(closing, about.subject, about.within, currency)
    later = later_words(
        then, figures_of(score, results), with_results=results.period.dates == closing.period.dates
    )
    return ClosedLine(closing, later, _known_url(about, shown))


def _known_url(about: Reading, shown: Shown) -> str:
    if isinstance(about.subject, User):
        return shown.url_of("apr:known", about.subject.pk)
    if isinstance(about.subject, Team):
        return shown.url_of("apr:team_known", about.subject.pk)
    return shown.url_of("apr:organisation_known")


# --- rows -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ActionLine:
    """An action that differs. `action` is None for who may not see it, or where it is gone."""

    change: ActionChange
    action: Action | None
    type_name: str
    person: str
    why: str

    @property
    def about(self) -> str:
        """The partner, customer or colleague, where it was about no deal."""
        action = self.action
        named = action and (action.partner or action.customer or action.counterpart)
        return str(named or "")

    @property
    def points(self) -> list[str]:
        """Raw, counted and confirmed points that it changes."""
        points = self.change.points
        return [signed(points.raw), signed(points.counted), signed(points.confirmed)]


def action_lines(changes: Collection[ActionChange], closing: Closing, viewer: User) -> list[ActionLine]:
    """The first of the changes with what is known of them. Four queries."""
    shown = list(changes)[:SHOWN_ROWS]
    ids = [change.action_id for change in shown]
    about = ("action_type", "opportunity", "partner", "customer", "counterpart")
    actions = Action.objects.select_related(*about).in_bulk(ids)
    seen = set(Action.objects.visible_to(viewer).filter(pk__in=ids).values_list("pk", flat=True))
    known = set(closing.actions.filter(action__in=ids).values_list("action_id", flat=True))
    types = dict(ActionType.objects.values_list("pk", "name"))
    people = User.objects.in_bulk({row.user_id for change in shown if (row := change.now or change.was)})
    lines = []
    for change in shown:
        action, row = actions.get(change.action_id), change.now or change.was
        elsewhere = change.was is None and change.action_id in known
        lines.append(
            ActionLine(
                change=change,
                action=action if change.action_id in seen else None,
                type_name=types.get(row.action_type_id, "") if row else "",
                person=people[row.user_id].name if row and row.user_id in people else "",
                why=why_action(change, action, closing, types, elsewhere=elsewhere),
            )
        )
    return lines


def total_of(changes: Collection[ActionChange]) -> list[str]:
    """Raw, counted and confirmed points of all changes together."""
    points = total_points(change.points for change in changes)
    return [signed(points.raw), signed(points.counted), signed(points.confirmed)]


@dataclass(frozen=True)
class DealLine:
    """A deal that differs; `deal` is None for who may not see it."""

    deal: Opportunity | None
    why: str
    difference: str


@dataclass(frozen=True)
class DealGroup:
    """The deals that make the difference of one figure."""

    name: str | Promise
    lines: list[DealLine]
    total: str


def deal_groups(
    changes: dict[str, list[DealChange]], closing: Closing, viewer: User, currency: str
) -> list[DealGroup]:
    """The deals of each figure that differs. Three queries."""
    ids = {change.opportunity_id for each in changes.values() for change in each}
    deals = Opportunity.objects.select_related("customer").in_bulk(ids)
    seen = set(Opportunity.objects.visible_to(viewer).filter(pk__in=ids).values_list("pk", flat=True))
    rows = KnownCredit.objects.filter(closing=closing, opportunity__in=ids)
    known = set(rows.values_list("opportunity_id", "kind"))

    def difference(name: str, several: Collection[DealChange]) -> str:
        if name in COUNTED:
            return signed(sum(change.count for change in several))
        return signed_money(sum(change.minor for change in several), currency)

    def line(name: str, change: DealChange) -> DealLine:
        pk, deal = change.opportunity_id, deals.get(change.opportunity_id)
        why = why_deal(
            change,
            deal,
            closing,
            is_new=name == "pipeline_created",
            elsewhere=change.was is None and any((pk, kind) in known for kind in RESULT_KINDS[name]),
        )
        return DealLine(deal if pk in seen else None, why, difference(name, [change]))

    return [
        DealGroup(NAMES[name], [line(name, one) for one in each], difference(name, each))
        for name, each in changes.items()
        if name not in COUNTED or any(one.count for one in each)
    ]
