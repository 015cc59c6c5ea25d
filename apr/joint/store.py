"""What is stored of joint scorecards: the facts of each deal in each week, month, quarter and year.

A fact follows from the rows of its deal, from the calendar, and from the day on which it was reckoned: while
a deal runs, visits grow longer and promises fall due without anybody writing. So each reckoning says from
which day until which it holds. What has passed its day is stale as if it were marked: readers reckon it live,
the audit leaves it, and the drain marks it and makes it again. Midnight needs no job that could be late.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum
from django.utils.functional import SimpleLazyObject

from accounts.calendar import WorkingCalendar
from accounts.calendars import organisation_calendar, personal_calendars
from accounts.models import Organisation
from apr.joint.facts import COUNTED, Pair, facts_of, owners_of, rows_of
from apr.joint.figures import Key
from apr.joint.rows import Row, Window
from apr.joint.stories import Story, concerning, stories_in_chunks
from apr.models import SHARDS, JointFact, JointReckoning, StaleJoint
from apr.periods import Period, PeriodKind, period_containing, periods_between
from apr.rollup.recompute import erase
from foundation.dated import EARLIEST, LATEST
from opportunities.models import Opportunity, OpportunityStatus

COUNTS = ("shared", "won", "lost", *(f"{key}_{what}" for key in COUNTED for what in ("done", "counted")))
Facts = dict[Pair, Counter[str]]


def recompute_joint(deal_ids: Collection[int]) -> None:
    """The facts of these deals as of today. The caller holds their shard, inside a transaction."""
    erase(JointFact.objects.filter(opportunity__in=deal_ids))
    erase(JointReckoning.objects.filter(opportunity__in=deal_ids))
    for facts, reckonings in reckoned(sorted(deal_ids)):
        JointFact.objects.bulk_create(facts, batch_size=1_000)
        JointReckoning.objects.bulk_create(reckonings, batch_size=1_000)


def reckoned(deal_ids: Sequence[int]) -> Iterator[tuple[list[JointFact], list[JointReckoning]]]:
    """What has to be stored today of those of the deals that exist, a part at a time."""
    organisation = Organisation.current()
    office, today = organisation_calendar(organisation), organisation.today()
    for stories in stories_in_chunks(deal_ids):
        calendars = personal_calendars(owners_of(stories), EARLIEST, LATEST, office)
        facts, reckonings = [], []
        for story in stories:
            for period in _periods(story, organisation, today):
                window = Window(period, today, organisation.tzinfo, office)
                for (pm, ae), counts in facts_of(story, window, calendars).items():
                    facts.append(
                        JointFact(
                            opportunity_id=story.deal.pk,
                            unit=period.kind,
                            starts_on=period.start,
                            pm_id=pm,
                            ae_id=ae,
                            **counts,
                        )
                    )
            until = today + timedelta(days=1) if _still_runs(story, organisation, today) else None
            reckonings.append(JointReckoning(opportunity=story.deal, reckoned_on=today, valid_until=until))
        yield facts, reckonings


def valid(today: date) -> QuerySet[JointReckoning]:
    """The reckonings that hold on a day, marks aside."""
    runs = Q(valid_until__isnull=True) | Q(valid_until__gt=today)
    return JointReckoning.objects.filter(runs, reckoned_on__lte=today)


def mark_what_time_has_passed(today: date) -> None:
    """Marks the deals whose reckoning held until a day that has come, unless they are marked."""
    marked = StaleJoint.objects.filter(opportunity_id=OuterRef("opportunity_id"))
    passed = JointReckoning.objects.filter(~Exists(marked), valid_until__lte=today)
    StaleJoint.objects.bulk_create(
        (
            StaleJoint(shard=pk % SHARDS, opportunity_id=pk)
            for pk in passed.values_list("opportunity_id", flat=True)
        ),
        batch_size=1_000,
    )


def facts_in(window: Window, *, trust_nothing: bool) -> Facts:
    """The counts of each pair in a period, added up over its deals: two queries, and seven for each 500 deals
    that are stale. `trust_nothing` reckons every deal live."""
    facts: Facts = defaultdict(Counter)
    if not trust_nothing:
        totals = {f"total_{count}": Sum(count) for count in COUNTS}
        sums = stored(window).order_by().values_list("pm_id", "ae_id").annotate(**totals)
        for pm, ae, *counted in sums:
            facts[pm, ae].update(dict(zip(COUNTS, counted, strict=True)))
    stale = to_reckon(window, trust_nothing=trust_nothing)
    for pair, counts in _live(list(stale.values_list("pk", flat=True)), window):
        facts[pair].update(counts)
    return facts


def stored(window: Window) -> QuerySet[JointFact]:
    """The facts of a period that hold."""
    return JointFact.objects.filter(
        unit=window.period.kind,
        starts_on=window.period.start,
        opportunity__in=valid(window.today).values("opportunity"),
    ).exclude(opportunity__in=StaleJoint.objects.values("opportunity_id"))


def to_reckon(window: Window, *, trust_nothing: bool) -> QuerySet[Opportunity]:
    """The deals whose facts of a period have to be reckoned live: the others."""
    deals = concerning(Opportunity.objects.all(), window.period.start)
    if trust_nothing:
        return deals
    marked = StaleJoint.objects.filter(opportunity_id=OuterRef("pk"))
    trusted = valid(window.today).filter(opportunity=OuterRef("pk"))
    return deals.filter(Exists(marked) | ~Exists(trusted))


def window_of(period: Period, organisation: Organisation, today: date | None = None) -> Window:
    """A period as it is on a day. The calendar is read when it is first asked for: stored facts need none."""
    office: Any = SimpleLazyObject(lambda: organisation_calendar(organisation))
    return Window(period, today or organisation.today(), organisation.tzinfo, office)


def are_kept(period: Period, organisation: Organisation) -> bool:
    """Whether facts are stored by such a period: one of the fiscal calendar in force."""
    own = period_containing(period.start, PeriodKind(period.kind), organisation.fiscal_first_month)
    return own.dates == period.dates


def rows_in(window: Window) -> Iterator[tuple[Pair, Key, Row]]:
    """The rows of every pair in a period but those of coaching, reckoned live."""
    ids = to_reckon(window, trust_nothing=True).order_by("pk").values_list("pk", flat=True)
    for story, calendars in _told(list(ids), window):
        yield from rows_of(story, window, calendars)


def _live(deal_ids: list[int], window: Window) -> Iterator[tuple[Pair, Counter[str]]]:
    for story, calendars in _told(deal_ids, window):
        yield from facts_of(story, window, calendars).items()


def _told(deal_ids: list[int], window: Window) -> Iterator[tuple[Story, dict[int, WorkingCalendar]]]:
    for stories in stories_in_chunks(deal_ids):
        calendars = personal_calendars(owners_of(stories), EARLIEST, LATEST, window.calendar)
        yield from ((story, calendars) for story in stories)


def _periods(story: Story, organisation: Organisation, today: date) -> Iterable[Period]:
    """The periods in which the deal can add anything: those in which it was open, somebody came to it, or a
    promise on it falls due."""
    first_month, found = organisation.fiscal_first_month, dict[tuple[PeriodKind, date], Period]()
    moments = [post.starts_at.astimezone(organisation.tzinfo).date() for post in story.owners]
    days = [*moments, *(promise.due_on for promise in story.promises)]
    for kind in PeriodKind:
        for day in days:
            if EARLIEST <= day <= LATEST:
                period = period_containing(day, kind, first_month)
                found[kind, period.start] = period
        if story.visits:
            end = min(max(visit.ends_on or today for visit in story.visits), today) + timedelta(days=1)
            for period in periods_between(story.visits[0].starts_on, end, kind, first_month):
                found[kind, period.start] = period
    return found.values()


def _still_runs(story: Story, organisation: Organisation, today: date) -> bool:
    """Whether the facts can be others on a later day though nobody writes: the deal is open, or something on
    it lies ahead, falls due, or is dated in the future."""
    zone, deal = organisation.tzinfo, story.deal
    return (
        any(visit.ends_on is None or visit.ends_on > today for visit in story.visits)
        or (deal.status != OpportunityStatus.OPEN and deal.closed_on is not None and deal.closed_on > today)
        or any(deed.occurred_on > today for deed in story.deeds)
        or any(post.starts_at.astimezone(zone).date() > today for post in story.owners)
        or any(one.due_on is not None and one.due_on >= today for one in story.obstacles)
        or any(one.settled_at is None and one.due_on >= today for one in story.promises)
    )
