"""Import runs: started on the page, checked and applied by a worker, resumed by another after a crash."""

from collections.abc import Sequence

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import may_configure
from audit.context import acting
from exchange.importing.applying import apply_records
from exchange.importing.dialects import working
from exchange.importing.dialects.choices import Choices
from exchange.importing.dialects.systems import DIALECTS
from exchange.importing.holding import LEASE, finish, forget_file, lease
from exchange.importing.plan import ImportPlan, check, currency_of, prepare, rehearse
from exchange.importing.problems import FileRefused
from exchange.importing.world import World
from exchange.models import MOVING, ImportFile, ImportMapping, ImportRun, ImportStatus
from foundation.errors import InvalidInput, NotAllowed

log = structlog.get_logger(__name__)


@transaction.atomic
def start_run(
    *,
    by: User,
    kind: str,
    preset: str,
    file_name: str,
    content: bytes,
    currency: str = "",
    history: bytes = b"",
) -> ImportRun:
    """Takes a file to be checked by the worker. Raises NotAllowed, or InvalidInput for an unknown kind.

    `history` is the file of stage changes that goes with deals of another system.
    """
    _only_admins(by)
    run = ImportRun.objects.create(
        kind=kind,
        preset=preset,
        currency=currency_of(preset, kind, currency),
        file_name=file_name[:200],
        started_by=by,
    )
    ImportFile.objects.create(run=run, content=content, history=history)
    return run


@transaction.atomic
def answer_run(*, run_id: int, by: User, choices: Choices, currency: str) -> ImportRun:
    """Takes a person's decisions about a file, keeps them for the next one of its header, and checks anew."""
    run = _turn(run_id, by, (ImportStatus.ASKING, ImportStatus.READY), ImportStatus.WAITING)
    run.choices, run.currency = choices.as_json(), currency
    run.save(update_fields=["choices", "currency"])
    kept = {name: value for name, value in run.choices.items() if name != "sheet"}
    ImportMapping.objects.update_or_create(
        kind=run.kind,
        header=run.survey.get("header", ""),
        defaults={"choices": kept, "columns": list(choices.columns)},
    )
    return run


def apply_run(*, run_id: int, by: User) -> ImportRun:
    """Gives the word to bring in a checked file."""
    return _turn(run_id, by, (ImportStatus.READY,), ImportStatus.RUNNING)


def cancel_run(*, run_id: int, by: User) -> ImportRun:
    """Stops a run that is not over. What earlier batches brought in stays, and is said."""
    open_ones = (*MOVING, ImportStatus.ASKING, ImportStatus.READY)
    return _turn(run_id, by, open_ones, ImportStatus.CANCELLED)


@transaction.atomic
def _turn(run_id: int, by: User, expected: Sequence[ImportStatus], status: ImportStatus) -> ImportRun:
    _only_admins(by)
    run = ImportRun.objects.select_for_update().get(pk=run_id)
    if run.status not in expected:
        raise InvalidInput(_("This import is not waiting for that."), code="not_waiting")
    run.status = status
    run.leased_until = None
    run.finished_at = timezone.now() if status == ImportStatus.CANCELLED else None
    run.save(update_fields=["status", "leased_until", "finished_at"])
    if status == ImportStatus.CANCELLED:
        forget_file(run)
    return run


def _only_admins(by: User) -> None:
    if not may_configure(by):
        raise NotAllowed(_("Only administrators bring data in."))


def work_on_runs() -> int:
    """Does what waits, one run after another; returns how many were worked on. For the worker's tick."""
    worked = 0
    while run := lease():
        worked += 1
        try:
            with acting(run.started_by_id, "worker"):
                _work_on(run)
        except (OperationalError, InterfaceError):
            raise  # the database went away: the lease runs out and another tick goes on from here
        except Exception:
            log.exception("import failed", run=run.pk)
            finish(run, ImportStatus.FAILED)
            raise
    return worked


def _work_on(run: ImportRun) -> None:
    if run.preset in DIALECTS:
        working.work_on(run)
        return
    content = bytes(ImportFile.objects.get(run=run).content)
    try:
        plan = check(content, kind=run.kind, preset=run.preset, currency=run.currency)
    except FileRefused as refusal:
        run.problems = [problem.as_dict() for problem in refusal.problems]
        finish(run, ImportStatus.REFUSED)
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
    finish(run, ImportStatus.DONE)
