"""Somebody leaves: what is in their hands goes to colleagues and their access ends, in one transaction."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Role, Team, User
from accounts.permissions import may_configure
from accounts.services.people import deactivate
from accounts.services.teams import join_team
from audit.models import Kind
from audit.recording import person_word, record
from foundation.errors import InvalidInput, NotAllowed
from opportunities.models import Capacity, Commitment, CommitmentOutcome, Obstacle, Opportunity
from opportunities.services import handovers
from opportunities.services.people import write_assignment
from opportunities.services.stages import locked
from partners.models import PartnerManagement


@dataclass(frozen=True)
class InHand:
    """What somebody has in hand today; what is over is nobody's to hand over."""

    person: User

    @property
    def owned(self) -> QuerySet[Opportunity]:
        """The open deals they drive."""
        return Opportunity.objects.open().filter(owner=self.person).order_by("name", "pk")

    @property
    def partnered(self) -> QuerySet[Opportunity]:
        """The open deals they stand beside as partner manager."""
        return Opportunity.objects.open().filter(partner_manager=self.person).order_by("name", "pk")

    @property
    def partners(self) -> QuerySet[PartnerManagement]:
        """The partners they look after, or will."""
        rows = PartnerManagement.objects.filter(user=self.person).overlapping(self.person.today(), None)
        return rows.select_related("partner").order_by("partner__name", "pk")

    @property
    def promises(self) -> QuerySet[Commitment]:
        """What they promised and is open still."""
        return Commitment.objects.open().filter(made_by=self.person).order_by("due_on", "pk")

    @property
    def promised(self) -> QuerySet[Commitment]:
        """What others promised them."""
        return Commitment.objects.open().filter(made_to=self.person).order_by("due_on", "pk")

    @property
    def obstacles(self) -> QuerySet[Obstacle]:
        """The obstacles they are asked to clear."""
        return Obstacle.objects.open().filter(assigned_to=self.person).order_by("due_on", "pk")

    @property
    def teams(self) -> QuerySet[Team]:
        """The teams they lead."""
        return self.person.led_teams.order_by("name", "pk")


# Each part of what is in hand, by the name under which a colleague is chosen for it.
PARTS = ("owned", "partnered", "partners", "promises", "promised", "obstacles", "teams")


@transaction.atomic
def leave(*, person: User, successors: dict[str, User], by: User) -> dict[str, int]:
    """Hands over what the person has in hand, by the names of PARTS, ends their access and returns how many
    of each went. The past stays theirs. Their last day in their team is today. Deals that are offered to them
    go back to who offered them.

    Raises NotAllowed, or InvalidInput: for oneself, the last administrator, a part with something in it and
    no colleague for it, a colleague who cannot take it.
    """
    if not may_configure(by):
        raise NotAllowed(_("Only administrators can do that."))
    person = User.objects.select_for_update().get(pk=person.pk)
    if not person.is_active:
        raise InvalidInput(_("%(name)s has left already.") % {"name": person})
    hand = InHand(person)
    counts = {}
    for part in PARTS:
        rows = list(getattr(hand, part))
        counts[part] = len(rows)
        if rows:
            to = successors.get(part)
            _check(person, part, to)
            assert to is not None  # noqa: S101 - checked above
            for row in rows:
                HANDERS[part](row, person, to, by)
    for offer in person.hand_overs_received.open():
        handovers.end_for_leaver(hand_over_id=offer.pk, by=by)
    join_team(person=person, team=None, starts_on=person.today() + timedelta(days=1))
    deactivate(person=person, by=by)
    taken = {part: person_word(successors[part].pk) for part, count in counts.items() if count}
    record(Kind.RIGHTS, "handed_over", of=person, person=person.pk, by=by.pk, before=counts, after=taken)
    return counts


def _check(person: User, part: str, to: User | None) -> None:
    if to is None:
        raise InvalidInput(_("Choose who takes this over."), field=part)
    if to == person or not to.is_active:
        raise InvalidInput(_("Choose a colleague who stays."), field=part)
    if part == "teams" and not {Role.LEADER, Role.ADMIN} & to.roles:
        raise InvalidInput(_("Choose somebody with the role of leader."), field=part)


def _deal(capacity: Capacity) -> Callable[[Opportunity, User, User, User], None]:
    def hand(deal: Opportunity, person: User, to: User, by: User) -> None:
        write_assignment(locked(deal.pk, None), capacity, to, by=by, starts_at=timezone.now())

    return hand


def _partner(row: PartnerManagement, person: User, to: User, by: User) -> None:
    """The successor begins on the day on which the other one no longer holds it."""
    day: date = max(person.today(), row.starts_on)
    if row.starts_on < day:
        row.ends_on = day
        row.save(update_fields=["ends_on"])
    else:
        row.delete()  # it lasted no day, so there is nothing to remember
    if not row.partner.managements.filter(user=to).overlapping(day, None).exists():
        PartnerManagement.objects.create(partner=row.partner, user=to, starts_on=day)


def _promise(row: Commitment, person: User, to: User, by: User) -> None:
    """The promise of the one who leaves ends: withdrawn, or broken where it was overdue. The successor makes
    it anew, for the same day or, where that is over, for today."""
    overdue = row.is_overdue(person.today())
    row.outcome = CommitmentOutcome.BROKEN if overdue else CommitmentOutcome.WITHDRAWN
    row.settled_at = timezone.now()
    row.save(update_fields=["outcome", "settled_at", "updated_at"])
    Commitment.objects.create(
        opportunity_id=row.opportunity_id,
        made_by=to,
        made_to_id=None if row.made_to_id == to.pk else row.made_to_id,
        text=row.text,
        due_on=max(row.due_on, to.today()),
    )


def _promised(row: Commitment, person: User, to: User, by: User) -> None:
    """Who promised it owes it to the successor; what somebody would owe themselves they owe the deal."""
    row.made_to = None if row.made_by_id == to.pk else to
    row.save(update_fields=["made_to", "updated_at"])


def _obstacle(row: Obstacle, person: User, to: User, by: User) -> None:
    row.assigned_to = to
    row.save(update_fields=["assigned_to", "updated_at"])


def _team(team: Team, person: User, to: User, by: User) -> None:
    team.leaders.add(to)
    team.leaders.remove(person)


HANDERS: dict[str, Callable[..., None]] = {
    "owned": _deal(Capacity.ACCOUNT_EXECUTIVE),
    "partnered": _deal(Capacity.PARTNER_MANAGER),
    "partners": _partner,
    "promises": _promise,
    "promised": _promised,
    "obstacles": _obstacle,
    "teams": _team,
}
