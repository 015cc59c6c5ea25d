"""The Celery application. Settings stand in `partnerhub.settings`, the timetable in `partnerhub.schedule`."""

import os

from celery import Celery
from kombu import Queue

from partnerhub.schedule import QUEUES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "partnerhub.settings")

app = Celery("partnerhub")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.task_queues = [Queue(name) for name in QUEUES]
app.autodiscover_tasks()
