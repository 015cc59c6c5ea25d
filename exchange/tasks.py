"""What the worker does for data that comes and goes; the work itself is in the modules named here."""

from celery import shared_task

from exchange.api import idempotency
from exchange.importing.runs import work_on_runs


@shared_task(name="exchange.run_imports")
def run_imports() -> None:
    """Checks and applies the files that wait; the work stands in the table of runs."""
    work_on_runs()


@shared_task(name="exchange.forget_old_answers")
def forget_old_answers() -> None:
    """Answers that no client can be waiting for any more."""
    idempotency.forget_old_answers()
