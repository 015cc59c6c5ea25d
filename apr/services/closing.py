"""Closing periods, and opening them again. What waits stands in the table; a worker looks for it.

Storing is one transaction that holds the lock of its closing: killed at any moment it leaves nothing behind
but the wish, which another worker takes up. So no period is closed twice, and none by half.
"""

import structlog
from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Organisation, User
from accounts.permissions import may_configure
from apr.closing.storing import store
from apr.models import Closing, ClosingStatus
from apr.periods import PeriodKind, parse_period
from apr.rollup.drain import drain
from apr.rollup.snapshot import one_snapshot
from audit.models import Kind
from audit.recording import record
from foundation.errors import Conflict, InvalidInput, NotAllowed, Refusal

log = structlog.get_logger(__name__)
CLOSABLE = (PeriodKind.MONTH, PeriodKind.QUARTER)
DRAIN_SECONDS = 20.0
ON_OUR_SIDE = "Something went wrong on our side."


@transaction.atomic
def ask_to_close(*, key: str, by: User | None) -> Closing:
    """Writes down that a month or quarter is to be closed; `by=None` is whoever runs a command.

    Asked for again while it waits, it is the same wish; after a failure it is a new try. Raises NotAllowed,
    InvalidInput for what is no such period or is not over, or Conflict where it is closed already.
    """
    _only_admins(by)
    organisation = Organisation.current()
    period = parse_period(key, organisation.fiscal_first_month)
    if period.kind not in CLOSABLE:
        raise InvalidInput(_("Months and quarters are closed, such as 2026-09 or 2026-Q3."), field="period")
    if period.end > organisation.today():
        raise InvalidInput(_("%(key)s is not over yet.") % {"key": key}, code="not_over", field="period")
    standing = Closing.objects.of(period).standing().select_for_update(skip_locked=True)
    if (known := standing.first()) is not None:
        return _again(known, by)
    try:
        with transaction.atomic():
            return Closing.objects.create(
                kind=period.kind,
                starts_on=period.start,
                ends_on=period.end,
                key=period.key,
                fiscal_first_month=period.fiscal_first_month,
                closed_by=by,
            )
    except IntegrityError:  # somebody else was first, or a worker holds it at this moment
        return Closing.objects.of(period).standing().get()


def _again(known: Closing, by: User | None) -> Closing:
    if known.status == ClosingStatus.DONE:
        raise Conflict(_("%(key)s is closed already.") % {"key": known.key}, code="closed", field="period")
    if known.status == ClosingStatus.FAILED:
        known.status, known.problem, known.closed_by = ClosingStatus.WAITING, "", by
        known.asked_at = timezone.now()
        known.save(update_fields=["status", "problem", "closed_by", "asked_at"])
    return known


@transaction.atomic
def reopen(*, closing_id: int, reason: str, by: User | None) -> Closing:
    """Opens a period again, for a reason. What was known stays on record.

    Raises NotAllowed, InvalidInput without a reason or where it is open, Conflict while it is being closed.
    """
    _only_admins(by)
    if not reason.strip():
        raise InvalidInput(_("Say why, so that others understand it later."), field="reason")
    closing = Closing.objects.select_for_update(skip_locked=True).filter(pk=closing_id).first()
    if closing is None:
        raise Conflict(_("It is being closed at this moment. Try again in a minute."), code="locked")
    if closing.reopened_at is not None:
        raise InvalidInput(_("This was opened again already."), code="open")
    closing.reopened_at, closing.reopened_by = timezone.now(), by
    closing.reopen_reason = reason.strip()
    closing.save(update_fields=["reopened_at", "reopened_by", "reopen_reason"])
    record(Kind.CLOSING, "opened again", of=closing, label=closing.key, by=by.pk if by else None)
    return closing


def _only_admins(by: User | None) -> None:
    if by is not None and not may_configure(by):
        raise NotAllowed(_("Only administrators close periods."))


def work_on_closings() -> int:
    """Closes what waits, one period after another; returns how many. For the worker's tick.

    One that a lost connection or another writer broke off waits for the next tick. Any other error is kept
    with its closing, and raised.
    """
    waiting = Closing.objects.standing().filter(status=ClosingStatus.WAITING).order_by("pk")
    return sum(close_waiting(pk) for pk in list(waiting.values_list("pk", flat=True)))


def close_waiting(closing_id: int) -> bool:
    """Closes one that waits, unless another process is about it; whether it did."""
    drain(DRAIN_SECONDS)  # what is left is counted live
    try:
        return _close(closing_id)
    except (OperationalError, InterfaceError):
        log.warning("closing broken off", closing=closing_id, exc_info=True)
        return False
    except Refusal as refusal:
        _fail(closing_id, refusal.message)
        return False
    except Exception:
        _fail(closing_id, ON_OUR_SIDE)
        raise


def _close(closing_id: int) -> bool:
    with one_snapshot():
        waiting = Closing.objects.standing().filter(pk=closing_id, status=ClosingStatus.WAITING)
        closing = waiting.select_for_update(skip_locked=True).first()
        if closing is None:
            return False
        closing.known_at = timezone.now()
        store(closing, Organisation.current().today())
        closing.status = ClosingStatus.DONE
        closing.save(update_fields=["known_at", "tree", "status"])
        record(Kind.CLOSING, "closed", of=closing, label=closing.key, by=closing.closed_by_id)
    log.info("period closed", period=closing.key)
    return True


def _fail(closing_id: int, problem: str) -> None:
    log.error("closing failed", closing=closing_id, problem=problem)
    Closing.objects.filter(pk=closing_id, status=ClosingStatus.WAITING).update(
        status=ClosingStatus.FAILED, problem=problem[:300]
    )
