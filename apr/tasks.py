"""What workers do for scores. A tick says "look": the work stands in the marks."""

from celery import shared_task

from apr.rollup import audit as auditing
from apr.rollup import drain as draining

# Under the worker's time limit, so that a long queue of marks is digested over several ticks.
SECONDS = 20.0


@shared_task(name="apr.drain")
def drain() -> None:
    """Brings stored figures up to date."""
    draining.drain(seconds=SECONDS)


@shared_task(name="apr.audit")
def audit() -> None:
    """Compares stored figures with their source."""
    auditing.audit()
