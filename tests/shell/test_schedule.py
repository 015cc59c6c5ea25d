"""The timetable names tasks that exist, and its ticks do not pile up."""

import pytest

from partnerhub.celery import app
from partnerhub.schedule import QUEUES, SCHEDULE


@pytest.mark.parametrize("name", SCHEDULE)
def test_each_tick_runs_a_task_that_exists_in_a_queue_that_is_worked(name):
    app.loader.import_default_modules()
    entry = SCHEDULE[name]
    assert entry["task"] in app.tasks
    assert entry["options"]["queue"] in QUEUES


@pytest.mark.parametrize("name", SCHEDULE)
def test_each_tick_expires_so_that_a_stopped_worker_meets_no_heap(name):
    entry = SCHEDULE[name]
    assert entry["schedule"] <= entry["options"]["expires"] <= max(2, 2 * entry["schedule"])


def test_redelivery_waits_longer_than_any_task_may_run(settings):
    assert settings.CELERY_TASK_SOFT_TIME_LIMIT < settings.CELERY_TASK_TIME_LIMIT
    assert settings.CELERY_TASK_TIME_LIMIT < settings.VISIBILITY_TIMEOUT


def test_a_worker_that_dies_gives_its_task_back():
    assert app.conf.task_acks_late
    assert app.conf.task_reject_on_worker_lost
    assert app.conf.worker_prefetch_multiplier == 1
    assert app.conf.result_backend is None
