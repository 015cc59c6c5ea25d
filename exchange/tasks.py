"""What the worker does for data on its way in."""

from celery import shared_task

from exchange.importing.runs import work_on_runs


@shared_task(name="exchange.run_imports")
def run_imports() -> None:
    """Checks and applies the files that wait; the work stands in the table of runs."""
    work_on_runs()
