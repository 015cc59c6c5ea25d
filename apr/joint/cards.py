"""The joint scorecard of one pair, computed from the source rows, with every row behind every figure."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from itertools import chain

from django.db.models import Exists, OuterRef, Q

from accounts.calendars import personal_calendars
from accounts.models import Organisation, User
from apr.joint import owed, rows
from apr.joint.coaching import Coaching
from apr.joint.figures import SIDES, JointScorecard, Key, Measure, Side, Standing
from apr.joint.outcomes import outcomes_of
from apr.joint.rows import Row, Shared, State, Window
from apr.joint.seen import as_seen_by
from apr.joint.stories import Story, concerning, stories_of
from apr.joint.weights import weights
from apr.models import Action
from apr.periods import Period
from apr.rollup.snapshot import reading
from apr.scorecards.expectations import Frame
from foundation.dated import EARLIEST, LATEST
from opportunities.models import Assignment, Capacity, Commitment, Opportunity


@reading()
def joint_scorecard(
    pm: User, ae: User, period: Period, *, viewer: User | None = None, today: date | None = None
) -> JointScorecard:
    """The scorecard of a pair, by the organisation's date or that of `today`.

    A `viewer` gets the same figures; deals, actions and promises that they may not see by themselves are
    left out of the rows, whose states remain. Whether they may see the pair at all is asked before.
    """
    return _Pair(pm, ae, period, period, today).card(period, viewer)


@reading()
def joint_scorecard_and_trend(
    pm: User, ae: User, period: Period, *, viewer: User, periods: int = 6, today: date | None = None
) -> tuple[JointScorecard, list[Standing]]:
    """Both from one reading, for the page that shows both."""
    wanted = _until(period, periods)
    pair = _Pair(pm, ae, wanted[0], period, today)
    card = pair.card(period, viewer)
    before = [pair.standing(pair.window(one)) for one in wanted[:-1]]
    return card, [*before, pair.standing(pair.window(period))]


@reading()
def joint_trend(
    pm: User, ae: User, period: Period, *, periods: int = 6, today: date | None = None
) -> list[Standing]:
    """How the pair stood in so many periods of a kind up to and with this one, oldest first."""
    wanted = _until(period, periods)
    pair = _Pair(pm, ae, wanted[0], period, today)
    return [pair.standing(pair.window(one)) for one in wanted]


def _until(period: Period, count: int) -> list[Period]:
    wanted = [period]
    while len(wanted) < count:
        wanted.insert(0, wanted[0].previous())
    return wanted


def _deals_named(deals: Iterable[Shared], standing: Standing) -> dict[int, Opportunity]:
    """The deals of the pair, and those that other rows name."""
    found = {one.story.deal.pk: one.story.deal for one in deals}
    named = (row.deal_id for measure in standing.measures for row in (*measure.rows, *measure.owed))
    others = {pk for pk in named if pk is not None} - found.keys()
    if others:
        rest = Opportunity.objects.select_related("stage", "customer").filter(pk__in=others)
        found |= {deal.pk: deal for deal in rest}
    return found


class _Pair:
    """All that concerns a pair from the first to the last of some periods, read once."""

    def __init__(self, pm: User, ae: User, first: Period, last: Period, today: date | None) -> None:
        self.pm, self.ae, self.asked_today = pm, ae, today
        self.organisation = Organisation.current()
        whole = replace(last, start=first.start)
        self.frame = Frame(self.organisation, whole, [pm.pk, ae.pk], judged_on=today)
        self.own = personal_calendars([ae.pk], EARLIEST, LATEST, self.frame.office)[ae.pk]
        self.coaching, self.weights = Coaching(), weights()
        managed = Assignment.objects.filter(
            opportunity=OuterRef("pk"), user=pm, capacity=Capacity.PARTNER_MANAGER
        )
        deals = concerning(Opportunity.objects.filter(Exists(managed)), first.start)
        self.stories: list[Story] = stories_of(deals)
        between = Q(made_by=pm, made_to=ae) | Q(made_by=ae, made_to=pm)
        self.promises = list(Commitment.objects.filter(between).order_by("due_on", "pk"))
        held = Action.objects.coaching_sessions().filter(actor=pm, counterpart=ae)
        self.sessions = list(held.select_related("action_type").order_by("occurred_at", "pk"))

    def card(self, period: Period, viewer: User | None) -> JointScorecard:
        """The scorecard of one of the periods, with what the viewer may see of its rows."""
        window = self.window(period)
        deals, standing = self.shared(window), self.standing(window)
        card = JointScorecard(
            pm=self.pm,
            ae=self.ae,
            period=period,
            today=window.today,
            standing=standing,
            shared=tuple(deals),
            shared_count=len(deals),
            deals=_deals_named(deals, standing),
            outcomes=outcomes_of(self.pm, self.ae, deals, window, self.frame, self.asked_today),
        )
        return card if viewer is None else as_seen_by(viewer, card)

    def window(self, period: Period) -> Window:
        """A period as it is now."""
        return Window(period, self.frame.priced_today, self.organisation.tzinfo, self.frame.office)

    def shared(self, window: Window) -> list[Shared]:
        """The deals of the pair in a period, in the order in which they were made."""
        return [one for one in self._of_pm(window) if one.ae_id == self.ae.pk]

    def _of_pm(self, window: Window) -> list[Shared]:
        found = (rows.shared(story, window) for story in self.stories)
        return [one for one in found if one is not None and one.pm_id == self.pm.pk]

    def standing(self, window: Window) -> Standing:
        """Both sides in a period."""
        mine = self._of_pm(window)
        deals = [one for one in mine if one.ae_id == self.ae.pk]
        expected = self.coaching.expected(
            self.frame.narrowed(window.period),
            self.pm.pk,
            len({one.ae_id for one in mine}) if deals else 0,
        )
        found: dict[Key, Measure] = {}
        for key in Key:
            found[key] = Measure(
                key=key,
                rows=tuple(self._rows(key, deals, window)),
                weight=self.weights[key],
                expected=expected if key == Key.COACHING else None,
                still_open=not window.is_over,
            )
            if window.has_begun and not window.is_over:
                found[key] = replace(found[key], owed=self._owed(found[key], deals, window))
        people = {Capacity.PARTNER_MANAGER: self.pm, Capacity.ACCOUNT_EXECUTIVE: self.ae}
        pm_side, ae_side = (
            Side(capacity, people[capacity], tuple(found[key] for key in keys))
            for capacity, keys in SIDES.items()
        )
        return Standing(window.period, pm_side, ae_side)

    def _rows(self, key: Key, deals: list[Shared], window: Window) -> Iterable[Row]:
        if key in rows.OF_DEALS:
            return chain.from_iterable(rows.OF_DEALS[key](one, window) for one in deals)
        if key == Key.COACHING:
            return [
                Row(State.DONE, one.occurred_on, one.opportunity_id, session=one)
                for one in self.sessions
                if window.period.start <= one.occurred_on <= window.last_day
            ]
        if key == Key.FOLLOW_THROUGH:
            return self._followed(window)
        maker = self._maker(key)
        found = (rows.kept(one, window) for one in self.promises if one.made_by_id == maker.pk)
        return [row for row in found if row is not None]

    def _followed(self, window: Window) -> Iterable[Row]:
        for story in self.stories:
            one = rows.brought(story, window)
            if one is not None and (one.pm_id, one.ae_id) == (self.pm.pk, self.ae.pk):
                yield rows.followed_through(story, one, window, self.own)

    def _owed(self, measure: Measure, deals: list[Shared], window: Window) -> tuple[Row, ...]:
        if measure.key in owed.OF_DEALS:
            return owed.owed_on(measure.key, deals, window)
        if measure.key in (Key.PM_COMMITMENTS, Key.AE_COMMITMENTS):
            maker = self._maker(measure.key)
            return owed.owed_promises(one for one in self.promises if one.made_by_id == maker.pk)
        return owed.still_open((*measure.rows, *measure.lacking))

    def _maker(self, key: Key) -> User:
        return self.pm if key == Key.PM_COMMITMENTS else self.ae
