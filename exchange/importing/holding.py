"""Which worker holds a run, and how a run ends."""

from datetime import timedelta

from django.utils import timezone

from exchange.models import ImportFile, ImportRun, ImportStatus

# A batch takes seconds; a worker silent for longer is gone.
LEASE = timedelta(minutes=2)


def lease() -> ImportRun | None:
    """The oldest run with something to do, held for a while; of two workers one gets it."""
    until = timezone.now() + LEASE
    for run in ImportRun.objects.for_a_worker()[:5]:
        held = ImportRun.objects.for_a_worker().filter(pk=run.pk).update(leased_until=until)
        if held:
            run.leased_until = until
            return run
    return None


def hold_on(run: ImportRun) -> bool:
    """Holds the run for longer; False where it was cancelled or another worker has it."""
    until = timezone.now() + LEASE
    held = ImportRun.objects.filter(pk=run.pk, status=run.status, leased_until=run.leased_until)
    if not held.update(leased_until=until):
        return False
    run.leased_until = until
    return True


def finish(run: ImportRun, status: ImportStatus) -> None:
    """Ends a run, unless it was cancelled meanwhile."""
    ImportRun.objects.filter(pk=run.pk).exclude(status=ImportStatus.CANCELLED).update(
        status=status, finished_at=timezone.now(), leased_until=None, problems=run.problems
    )
    forget_file(run)


def forget_file(run: ImportRun) -> None:
    """People's data is not kept longer than it is needed."""
    ImportFile.objects.filter(run=run).delete()
