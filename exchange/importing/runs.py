"""Import runs: started on the page, checked and applied by a worker, resumed by another after a crash."""

from datetime import timedelta

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import may_configure
from audit.context import acting
from exchange.importing.applying import apply_records
from exchange.importing.plan import ImportPlan, check, currency_of, prepare, rehearse
from exchange.importing.problems import FileRefused
from exchange.importing.world import World
from exchange.models import ImportFile, ImportRun, ImportStatus
from foundation.errors import InvalidInput, NotAllowed

log = structlog.get_logger(__name__)
# A batch takes seconds; a worker silent for longer is gone.
LEASE = timedelta(minutes=2)


@transaction.atomic
def start_run(
    *, by: User, kind: str, preset: str, file_name: str, content: bytes, currency: str = ""
) -> ImportRun:
    """Takes a file to be checked by the worker. Raises NotAllowed, or InvalidInput for an unknown kind."""
    _only_admins(by)
    run = ImportRun.objects.create(
        kind=kind,
        preset=preset,
        currency=currency_of(preset, kind, currency),
        file_name=file_name[:200],
        started_by=by,
    )
    ImportFile.objects.create(run=run, content=content)
    return run


def apply_run(*, run_id: int, by: User) -> ImportRun:
    """Gives the word to bring in a checked file."""
    return _turn(run_id, by, ImportStatus.READY, ImportStatus.RUNNING)


def cancel_run(*, run_id: int, by: User) -> ImportRun:
    """Stops a run that is not over. What earlier batches brought in stays, and is said."""
    return _turn(run_id, by, None, ImportStatus.CANCELLED)


@transaction.atomic
def _turn(run_id: int, by: User, expected: ImportStatus | None, status: ImportStatus) -> ImportRun:
    _only_admins(by)
    run = ImportRun.objects.select_for_update().get(pk=run_id)
    over = (ImportStatus.DONE, ImportStatus.REFUSED, ImportStatus.CANCELLED, ImportStatus.FAILED)
    if run.status in over or (expected is not None and run.status != expected):
        raise InvalidInput(_("This import is not waiting for that."), code="not_waiting")
    run.status = status
    run.leased_until = None
    run.finished_at = timezone.now() if status == ImportStatus.CANCELLED else None
    run.save(update_fields=["status", "leased_until", "finished_at"])
    if status == ImportStatus.CANCELLED:
        _forget_file(run)
    return run


def _only_admins(by: User) -> None:
    if not may_configure(by):
        raise NotAllowed(_("Only administrators bring data in."))


def work_on_runs() -> int:
    """Does what waits, one run after another; returns how many were worked on. For the worker's tick."""
    worked = 0
    while run := _lease():
        worked += 1
        try:
            with acting(run.started_by_id, "worker"):
                _work_on(run)
        except (OperationalError, InterfaceError):
            raise  # the database went away: the lease runs out and another tick goes on from here
        except Exception:
            log.exception("import failed", run=run.pk)
            _finish(run, ImportStatus.FAILED)
            raise
    return worked


def _lease() -> ImportRun | None:
    """The oldest run with something to do, held for a while; of two workers one gets it."""
    until = timezone.now() + LEASE
    for run in ImportRun.objects.for_a_worker()[:5]:
        held = ImportRun.objects.for_a_worker().filter(pk=run.pk).update(leased_until=until)
        if held:
            run.leased_until = until
            return run
    return None


def _work_on(run: ImportRun) -> None:
    content = bytes(ImportFile.objects.get(run=run).content)
    try:
        plan = check(content, kind=run.kind, preset=run.preset, currency=run.currency)
    except FileRefused as refusal:
        run.problems = [problem.as_dict() for problem in refusal.problems]
        _finish(run, ImportStatus.REFUSED)
        return
    if run.status == ImportStatus.WAITING:
        _rehearse(run, plan)
    else:
        _apply(run, plan)


def _rehearse(run: ImportRun, plan: ImportPlan) -> None:
    """Fills in what applying would do, and waits for the word."""
    counts = rehearse(plan, run.started_by)
    ImportRun.objects.filter(pk=run.pk, status=ImportStatus.WAITING).update(
        status=ImportStatus.READY,
        rows_total=len(plan.records),
        made=counts.made,
        changed=counts.changed,
        unchanged=counts.unchanged,
        note="\n".join(counts.notes),
        leased_until=None,
    )


def _apply(run: ImportRun, plan: ImportPlan) -> None:
    """Applies what is left, a batch and its progress in one transaction. Stops where somebody cancelled."""
    prepare(plan)
    world = World(plan.source)
    if run.rows_done == 0:
        ImportRun.objects.filter(pk=run.pk).update(made=0, changed=0, unchanged=0)
    for batch in plan.batches(run.rows_done):
        with transaction.atomic():
            held = ImportRun.objects.select_for_update().get(pk=run.pk)
            if held.status != ImportStatus.RUNNING or held.leased_until != run.leased_until:
                return
            counts = apply_records(batch, world, run.started_by)
            held.rows_done += len(batch)
            held.made += counts.made
            held.changed += counts.changed
            held.unchanged += counts.unchanged
            held.leased_until = run.leased_until = timezone.now() + LEASE
            held.save(update_fields=["rows_done", "made", "changed", "unchanged", "leased_until"])
    _finish(run, ImportStatus.DONE)


def _finish(run: ImportRun, status: ImportStatus) -> None:
    ImportRun.objects.filter(pk=run.pk).exclude(status=ImportStatus.CANCELLED).update(
        status=status, finished_at=timezone.now(), leased_until=None, problems=run.problems
    )
    _forget_file(run)


def _forget_file(run: ImportRun) -> None:
    """People's data is not kept longer than it is needed."""
    ImportFile.objects.filter(run=run).delete()
