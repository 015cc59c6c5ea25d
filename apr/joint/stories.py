"""Deals with all that a joint scorecard looks at, read in six queries however many deals."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from apr.involvement import Deed, deeds_of
from opportunities.models import (
    Assignment,
    Capacity,
    Commitment,
    InvolvementKind,
    Obstacle,
    Opportunity,
    PartnerInvolvement,
    StageChange,
    StageKind,
)
from opportunities.visits import Visit, visits_of

# So many deals at a time are held in memory where many are reckoned.
CHUNK = 500


@dataclass(slots=True)
class Step:
    """A step as visits need it."""

    to_stage_name: str
    to_kind: str
    effective_at: datetime
    effective_on: date
    expected_days: int | None
    allowed_silence_days: int | None


class Post(NamedTuple):
    """Somebody's time on a deal in one capacity."""

    user_id: int
    starts_at: datetime
    ends_at: datetime | None


@dataclass(frozen=True)
class Story:
    """One deal. Visits, posts and deeds are in order of time; promises are those to a colleague."""

    deal: Opportunity
    visits: list[Visit]
    managers: list[Post]
    owners: list[Post]
    is_sourced: bool
    deeds: list[Deed]
    obstacles: list[Obstacle]
    promises: list[Commitment]


def stories_of(deals: QuerySet[Opportunity]) -> list[Story]:
    """These deals, by id."""
    told = accompanied(deals)
    ids = [story.deal.pk for story in told]
    obstacles, promises = defaultdict[int, list[Obstacle]](list), defaultdict[int, list[Commitment]](list)
    for obstacle in Obstacle.objects.filter(opportunity__in=ids).order_by("due_on", "pk"):
        obstacles[obstacle.opportunity_id].append(obstacle)
    given = Commitment.objects.filter(opportunity__in=ids, made_to__isnull=False)
    for promise in given.order_by("due_on", "pk"):
        promises[promise.opportunity_id].append(promise)
    return [
        replace(story, obstacles=obstacles[story.deal.pk], promises=promises[story.deal.pk]) for story in told
    ]


def accompanied(deals: QuerySet[Opportunity]) -> list[Story]:
    """The same without obstacles and promises: all that involvement is counted from. Four queries."""
    sourced = PartnerInvolvement.objects.filter(opportunity=OuterRef("pk"), kind=InvolvementKind.SOURCED)
    found = list(
        deals.annotate(is_sourced=Exists(sourced)).select_related("stage", "customer").order_by("pk")
    )
    ids = [deal.pk for deal in found]
    steps, posts, deeds = _steps(ids), _posts(ids), deeds_of(ids)
    return [
        Story(
            deal=deal,
            visits=visits_of(steps[deal.pk]),
            managers=posts[deal.pk, Capacity.PARTNER_MANAGER],
            owners=posts[deal.pk, Capacity.ACCOUNT_EXECUTIVE],
            is_sourced=deal.is_sourced,
            deeds=deeds.get(deal.pk, []),
            obstacles=[],
            promises=[],
        )
        for deal in found
    ]


def stories_in_chunks(deal_ids: Sequence[int]) -> Iterator[list[Story]]:
    """The same of many, a part at a time."""
    for at in range(0, len(deal_ids), CHUNK):
        yield stories_of(Opportunity.objects.filter(pk__in=deal_ids[at : at + CHUNK]))


def concerning(deals: QuerySet[Opportunity], since: date) -> QuerySet[Opportunity]:
    """Those of the deals that can stand in a scorecard of a period that ends after `since`: the others were
    closed for good before it, nobody has come to them since, and nothing on them fell due since."""
    last = StageChange.objects.filter(opportunity=OuterRef("pk")).order_by("-effective_at", "-pk")
    here = {"opportunity": OuterRef("pk")}
    day_before = datetime.combine(since - timedelta(days=1), time.min, UTC)  # early enough in any time zone
    return deals.alias(
        last_kind=Subquery(last.values("to_kind")[:1]), last_on=Subquery(last.values("effective_on")[:1])
    ).filter(
        Q(last_kind=StageKind.OPEN)
        | Q(last_on__gte=since)
        | Q(Exists(Assignment.objects.filter(**here, starts_at__gte=day_before)))
        | Q(Exists(Commitment.objects.filter(**here, due_on__gte=since)))
    )


def _steps(deal_ids: Iterable[int]) -> dict[int, list[Step]]:
    rows = (
        StageChange.objects.filter(opportunity__in=deal_ids)
        .order_by("effective_at", "pk")
        .values_list("opportunity_id", *(field.name for field in fields(Step)))
    )
    steps: dict[int, list[Step]] = defaultdict(list)
    for deal_id, *step in rows:
        steps[deal_id].append(Step(*step))
    return steps


def _posts(deal_ids: Iterable[int]) -> dict[tuple[int, str], list[Post]]:
    rows = (
        Assignment.objects.filter(opportunity__in=deal_ids)
        .order_by("starts_at", "pk")
        .values_list("opportunity_id", "capacity", *Post._fields)
    )
    posts: dict[tuple[int, str], list[Post]] = defaultdict(list)
    for deal_id, capacity, *post in rows:
        posts[deal_id, capacity].append(Post(*post))
    return posts
