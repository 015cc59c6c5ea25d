"""What workers do for scores and nudges. A tick says "look": the work stands in tables."""

from celery import shared_task

from apr.evidence import recording
from apr.nudges import digests, mailing, team_digests, telling
from apr.rollup import audit as auditing
from apr.rollup import drain as draining
from apr.services.closing import work_on_closings
from apr.trials.analysis import count_trials as count_finished_trials

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


@shared_task(name="apr.study")
def study() -> None:
    """Looks for evidence where that was not done today."""
    recording.study_due()


@shared_task(name="apr.count_trials")
def count_trials() -> None:
    """Compares the halves of trials that are over."""
    count_finished_trials()


@shared_task(name="apr.nudge")
def nudge() -> None:
    """Tells people what needs them, and mails it to those who want that at once."""
    telling.tell()
    mailing.mail_at_once()


@shared_task(name="apr.digest")
def digest() -> None:
    """Writes the digests whose hour has come."""
    digests.write_digests()
    team_digests.write_team_digests()


@shared_task(name="apr.forget_old_notifications")
def forget_old_notifications() -> None:
    """Notifications settled long ago, and the record of digests of weeks past."""
    telling.forget_old_notifications()
    digests.forget_old_digests()


@shared_task(name="apr.close_periods")
def close_periods() -> None:
    """Stores what is known of the periods that somebody asked to close."""
    work_on_closings()
