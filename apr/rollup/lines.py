"""Credits of deals as scorecards read them: added up in the database, or computed live where stale."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_

from django.db.models import BooleanField, Case, Count, F, Q, QuerySet, Sum, Value, When

from accounts.rates import Rates
from apr.models import DealCredit
from apr.rollup.credits import credits_of
from apr.rollup.pending import Pending
from apr.rollup.recompute import credit_row, within
from foundation.dated import DateRange
from opportunities.models import Opportunity

# With more stale deals than this, all deals of the period are computed live.
MANY_DEALS = 1_000
UNPRICED = Q(reporting_minor__isnull=True, amount_minor__isnull=False)


@dataclass(frozen=True)
class Members:
    """The people of a subject and their days in it; `days=None` means everybody, always."""

    days: Mapping[int, tuple[DateRange, ...]] | None

    def has(self, user_id: int | None, day: date) -> bool:
        """Whether somebody belongs to the subject on a day."""
        if user_id is None or self.days is None:
            return user_id is not None
        return any(one.contains(day) for one in self.days.get(user_id, ()))

    def rows(self, user: str, day: str) -> Q:
        """Rows of those who belonged to the subject on the row's day."""
        if self.days is None:
            return Q(**{f"{user}__isnull": False})
        people: dict[tuple[DateRange, ...], list[int]] = {}
        for pk, days in self.days.items():
            people.setdefault(days, []).append(pk)
        each = [
            Q(**{f"{user}__in": pks}) & reduce(or_, (within(one, day) for one in days))
            for days, pks in people.items()
            if days
        ]
        return reduce(or_, each, Q(**{f"{user}__in": []}))


@dataclass(frozen=True)
class Line:
    """Deals of one person and kind, added up in the reporting currency.

    `shared` deals stand with an account executive of the subject too, `with_self` with the same person.
    `left_out` is an amount in a currency without a rate. Without `user_id` they are many people's, and
    `with_self` says nothing.
    """

    user_id: int | None
    kind: str
    shared: bool
    with_self: bool
    count: int
    minor: int
    left_out: tuple[str, int] | None = None


def lines(
    members: Members, dates: DateRange, marks: Pending, rates: Rates, today: date, *, together: bool = False
) -> list[Line]:
    """The credits of the members dated in the range. One query, one more where some have no stored price, and
    one where deals are stale.

    Open deals in other currencies are priced by today's rate, which nothing stored could follow. With
    `together` those read from the store are added up over the people.
    """
    if marks.every_deal or len(marks.deals) > MANY_DEALS:
        deals = Opportunity.objects.filter(within(dates, "opened_on") | within(dates, "closed_on"))
        return list(_live(deals, members, dates, rates, today))
    rows = DealCredit.objects.filter(members.rows("user", "day"), within(dates, "day"))
    found: list[Line] = []
    if marks.deals:
        rows = rows.exclude(opportunity__in=marks.deals)
        stale = Opportunity.objects.filter(pk__in=marks.deals)
        found += _live(stale, members, dates, rates, today)
    sums, are_unpriced = _added_up(rows, members, together=together)
    found += sums
    if are_unpriced:
        found += (_line(row, members, rates, today) for row in rows.filter(UNPRICED))
    return found


def _live(
    deals: QuerySet[Opportunity], members: Members, dates: DateRange, rates: Rates, today: date
) -> Iterator[Line]:
    for credit in credits_of(deals):
        if dates.contains(credit.day) and members.has(credit.user_id, credit.day):
            yield _line(credit_row(credit, rates), members, rates, today)


def _line(row: DealCredit, members: Members, rates: Rates, today: date) -> Line:
    minor, left_out = row.reporting_minor, None
    if minor is None and row.amount_minor is not None:
        minor = rates.price(row.amount_minor, row.currency, row.priced_on or today)
        left_out = (row.currency, row.amount_minor) if minor is None else None
    return Line(
        user_id=row.user_id,
        kind=row.kind,
        shared=members.has(row.colleague_id, row.day),
        with_self=row.colleague_id == row.user_id,
        count=1,
        minor=minor or 0,
        left_out=left_out,
    )


def _added_up(rows: QuerySet[DealCredit], members: Members, *, together: bool) -> tuple[list[Line], bool]:
    """The sums of what has a price, and whether there is anything without."""

    def whether(condition: Q) -> Case:
        return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())

    rows = rows.order_by().annotate(
        shared=whether(members.rows("colleague", "day")),
        own=Value(False) if together else whether(Q(colleague=F("user"))),
    )
    by = ("kind", "shared", "own") if together else ("kind", "shared", "own", "user_id")
    sums = rows.values_list(*by).annotate(
        unpriced=Count("opportunity", filter=UNPRICED),
        priced=Count("opportunity") - F("unpriced"),
        total=Sum("reporting_minor"),
    )
    found, are_unpriced = [], False
    for kind, shared, own, *whose, unpriced, priced, total in sums:
        user = whose[0] if whose else None
        found.append(Line(user, kind, bool(shared), bool(own), priced, int(total or 0)))
        are_unpriced |= unpriced > 0
    return [line for line in found if line.count], are_unpriced
