"""Storing what is known of a period: figures and the rows they add up from, all from one state."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from itertools import chain

from django.db import connection
from django.db.models import Count, Sum
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, Organisation, Team, User
from accounts.rates import Rates
from apr.closing.everybody import everybody
from apr.closing.figures import Known, Worth, achieved, figures_of_rows, nothing_known, written
from apr.closing.pairs import known_pairs
from apr.models import Action, Closing, KnownCredit, KnownPair, KnownScorecard
from apr.periods import Period
from apr.rollup.credits import credits_of
from apr.rollup.recompute import credit_row, within
from apr.rollup.worth import worth
from foundation.errors import Refusal
from opportunities.models import Opportunity

BATCH = 2_000
_ONE = _("The figures of person %(id)s are not the sum of their rows. Make scores again, then close.")
_ALL = _("The figures of everybody are not the sum of their rows. Make scores again, then close.")


class DoesNotAddUp(Refusal):
    """Figures are not the sum of their rows: what scores are read from is wrong and has to be made again."""

    default_code = "does_not_add_up"


def store(closing: Closing, today: date) -> None:
    """Stores figures and rows of the closing's period. The caller holds one snapshot, and the closing's lock.

    Raises DoesNotAddUp.
    """
    period = closing.period
    closing.tree = {str(pk): parent for pk, parent in Team.objects.values_list("pk", "parent_id")}
    _store_actions(closing, period)
    KnownCredit.objects.bulk_create(known_credits(closing, period, today), batch_size=BATCH)
    found = list(everybody(period, today))
    _check_sums(closing, found[0][1], {who.pk: known for who, known in found if isinstance(who, User)})
    KnownPair.objects.bulk_create(known_pairs(closing, period, today), batch_size=BATCH)
    KnownScorecard.objects.bulk_create(
        (
            KnownScorecard(
                closing=closing,
                user=who if isinstance(who, User) else None,
                team=who if isinstance(who, Team) else None,
                figures=written(known),
            )
            for who, known in found
        ),
        batch_size=BATCH,
    )


def _store_actions(closing: Closing, period: Period) -> None:
    done = Action.objects.filter(occurred_on__gte=period.start, occurred_on__lt=period.end)
    sql, params = worth(done)
    columns = "action_id, user_id, day, team_id, action_type_id, confirmation, raw, counted, confirmed"
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO apr_knownaction (closing_id, {columns}) SELECT %s, w.* FROM ({sql}) w",  # noqa: S608 - our own SQL
            [closing.pk, *params],
        )


def known_credits(closing: Closing, period: Period, today: date) -> Iterator[KnownCredit]:
    """The credits of the period's deals as they are at this moment, priced in the reporting currency."""
    rates, places = Rates(Organisation.current().reporting_currency), _Places(period)
    deals = Opportunity.objects.filter(within(period.dates, "opened_on") | within(period.dates, "closed_on"))
    for credit in credits_of(deals):
        if not period.contains(credit.day):
            continue
        minor = credit_row(credit, rates).reporting_minor
        if minor is None and credit.amount_minor is not None:
            minor = rates.price(credit.amount_minor, credit.currency, credit.priced_on or today)
        yield KnownCredit(
            closing=closing,
            opportunity_id=credit.opportunity_id,
            kind=credit.kind,
            user_id=credit.user_id,
            team_id=places.team(credit.user_id, credit.day),
            day=credit.day,
            amount_minor=credit.amount_minor,
            currency=credit.currency,
            minor=minor,
        )


class _Places:
    """Who was in which team on which day of a period."""

    def __init__(self, period: Period) -> None:
        self._of: dict[int, list[Membership]] = defaultdict(list)
        for row in Membership.objects.overlapping(period.start, period.end).order_by("-starts_on"):
            self._of[row.user_id].append(row)

    def team(self, user_id: int, day: date) -> int:
        """The team of a person on a day, 0 without one."""
        return next((row.team_id for row in self._of[user_id] if row.dates.contains(day)), 0)


def _check_sums(closing: Closing, total: Known, people: dict[int, Known]) -> None:
    """Each person's figures are the sum of their rows, and those of everybody that of all rows."""
    currency = total.money["won"].amount.currency
    actions: dict[int, list[Worth]] = defaultdict(list)
    sums = closing.actions.values_list("user_id", "action_type_id").annotate(
        Count("action_id"), Sum("raw"), Sum("counted"), Sum("confirmed")
    )
    for user, *figures in sums.order_by():
        actions[user].append(tuple(int(figure) for figure in figures))
    credits_: dict[int, list[KnownCredit]] = defaultdict(list)
    for credit in closing.credits.all():
        credits_[credit.user_id].append(credit)
    for pk in actions.keys() | credits_.keys() | people.keys():
        rows = figures_of_rows(actions[pk], credits_[pk], currency)
        if achieved(rows) != achieved(people.get(pk, nothing_known(currency))):
            raise DoesNotAddUp(_ONE % {"id": pk})
    everyone = figures_of_rows(chain(*actions.values()), chain(*credits_.values()), currency)
    if achieved(everyone) != achieved(total):
        raise DoesNotAddUp(_ALL)
