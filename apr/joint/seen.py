"""Who may read a joint scorecard, and what of its rows."""

from dataclasses import replace

from django.db.models import Exists, OuterRef
from django.http import Http404

from accounts.models import Membership, Team, User
from apr.joint.figures import JointScorecard, Measure, Side
from apr.joint.rows import Row
from apr.models import Action
from apr.periods import Period
from opportunities.models import Assignment, Capacity, Commitment, Opportunity

NOBODY: frozenset[int] = frozenset()


def readable_people(viewer: User | None, period: Period) -> frozenset[int] | None:
    """The people whose pairs `viewer` may read in a period; None means everybody's.

    Oneself, and those whom one leads or led on a day of it, in whichever reporting line; administrators all,
    and so does nobody in particular (None): work that stores what all of them will read.
    A pair may be read by whoever may read one of the two, so that both sides' leaders see the same figures.
    """
    if viewer is None or (viewer.is_active and viewer.is_admin):
        return None
    if not viewer.is_active:
        return NOBODY
    led = Membership.objects.led_by(viewer).overlapping(period.start, period.end)
    return frozenset({viewer.pk, *led.values_list("user_id", flat=True)})


def people_of(team: Team, period: Period) -> set[int]:
    """Who belonged to the team, or to one below it, on a day of the period: their pairs are the team's."""
    below = Team.objects.with_below({team.pk})
    rows = Membership.objects.filter(team__in=below).overlapping(period.start, period.end)
    return set(rows.values_list("user_id", flat=True))


def may_read_pair(viewer: User, pm: User, ae: User, period: Period) -> bool:
    """Whether `viewer` may read the joint scorecard of two people who have been on a deal together.

    Without such a deal they are no pair, and only administrators read what would be one's alone.
    """
    people = readable_people(viewer, period)
    if people is None:
        return pm != ae
    return bool({pm.pk, ae.pk} & people) and _is_pair(pm, ae)


def pair_for(viewer: User, pm_id: int, ae_id: int, period: Period) -> tuple[User, User]:
    """The two people of an address; Http404 where `viewer` may not read their scorecard, as for nobody."""
    people = User.objects.in_bulk({pm_id, ae_id})
    pm, ae = people.get(pm_id), people.get(ae_id)
    if pm is None or ae is None or not may_read_pair(viewer, pm, ae, period):
        raise Http404
    return pm, ae


def _is_pair(pm: User, ae: User) -> bool:
    owned = Assignment.objects.filter(
        opportunity=OuterRef("opportunity"), user=ae, capacity=Capacity.ACCOUNT_EXECUTIVE
    )
    managed = Assignment.objects.filter(Exists(owned), user=pm, capacity=Capacity.PARTNER_MANAGER)
    return pm != ae and managed.exists()


def as_seen_by(viewer: User, card: JointScorecard) -> JointScorecard:
    """The card with the deals, sessions and promises that `viewer` may see; other rows keep their state."""
    visible = Opportunity.objects.visible_to(viewer).filter(pk__in=card.deals)
    deals = {pk: card.deals[pk] for pk in visible.values_list("pk", flat=True)}
    everything = [row for measure in card.standing.measures for row in (*measure.rows, *measure.owed)]
    eyes = _Eyes(viewer, set(deals), everything)
    standing = replace(
        card.standing, pm_side=eyes.side(card.standing.pm_side), ae_side=eyes.side(card.standing.ae_side)
    )
    shared = tuple(one for one in card.shared if one.story.deal.pk in deals)
    return replace(card, deals=deals, shared=shared, standing=standing)


class _Eyes:
    """What one person sees of the rows of a card. At most two queries."""

    def __init__(self, viewer: User, deals: set[int], everything: list[Row]) -> None:
        self.deals = deals
        sessions = {row.session.pk for row in everything if row.session}
        promises = {row.promise.pk for row in everything if row.promise}
        self.sessions = set(
            Action.objects.visible_to(viewer).filter(pk__in=sessions).values_list("pk", flat=True)
        )
        self.promises = set(
            Commitment.objects.visible_to(viewer).filter(pk__in=promises).values_list("pk", flat=True)
        )

    def side(self, side: Side) -> Side:
        """The side with what is seen of its rows."""
        return replace(side, measures=tuple(self._measure(measure) for measure in side.measures))

    def _measure(self, measure: Measure) -> Measure:
        return replace(
            measure,
            rows=tuple(self._row(row) for row in measure.rows),
            owed=tuple(self._row(row) for row in measure.owed),
        )

    def _row(self, row: Row) -> Row:
        if row.session is None and row.promise is None:
            return row if row.deal_id is None or row.deal_id in self.deals else _bare(row)
        seen = row.session.pk in self.sessions if row.session else False
        seen = seen or (row.promise.pk in self.promises if row.promise else False)
        return (
            replace(row, deal_id=row.deal_id if row.deal_id in self.deals else None) if seen else _bare(row)
        )


def _bare(row: Row) -> Row:
    """Only what became of it, and when."""
    return Row(row.state, row.day)
