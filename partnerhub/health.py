"""Whether the site can serve (`/ready/`) and how it is (`/health/`, for administrators).

`/ready/` asks the database alone. The broker is judged by the heartbeats that workers write down: a page must
not wait for a broker.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.mail import OutgoingMail
from apr.rollup.state import rollup_state
from audit.models import Unsealed
from audit.triggers import missing_triggers as log_triggers
from partnerhub.models import Heartbeat
from partnerhub.schedule import HEARTBEAT_SECONDS, QUEUES


@dataclass(frozen=True)
class Check:
    """One thing an operator wants to know: its name, whether it is well, and the figures behind that."""

    name: str
    ok: bool
    figures: dict[str, Any] = field(default_factory=dict)


def pending_migrations() -> list[str]:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]


_migrated = False  # once applied, migrations stay applied for the life of this process


def is_ready() -> bool:
    """Whether the database answers and is migrated. Cheap after the first yes: one `SELECT 1`."""
    global _migrated
    try:
        if not _migrated:
            _migrated = not pending_migrations()
        else:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return _migrated


@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """200 `ready` as soon as pages can be served, else 503."""
    if is_ready():
        return HttpResponse("ready\n", content_type="text/plain")
    return HttpResponse("not ready: database or migrations\n", content_type="text/plain", status=503)


def check_migrations() -> Check:
    pending = pending_migrations()
    return Check("migrations", not pending, {"pending": pending})


def check_workers() -> Check:
    """Each queue had a tick within three rounds: beat, broker and a worker for it live."""
    now = timezone.now()
    seen = {beat.queue: beat.beat_at for beat in Heartbeat.objects.all()}
    ages = {queue: round((now - seen[queue]).total_seconds()) if queue in seen else None for queue in QUEUES}
    limit = timedelta(seconds=3 * HEARTBEAT_SECONDS).total_seconds()
    return Check(
        "workers", all(age is not None and age <= limit for age in ages.values()), {"seconds_ago": ages}
    )


def check_mail() -> Check:
    """Nothing has waited for longer than its pauses explain, and nothing needs a decision."""
    states = OutgoingMail.State
    late = OutgoingMail.objects.filter(
        state=states.WAITING, next_try_at__lt=timezone.now() - timedelta(minutes=5)
    )
    figures = {
        "waiting": OutgoingMail.objects.filter(state=states.WAITING).count(),
        "late": late.count(),
        "failed": OutgoingMail.objects.filter(state=states.FAILED).count(),
        "unsure": OutgoingMail.objects.filter(state=states.UNSURE).count(),
    }
    return Check("mail", not (figures["late"] or figures["failed"] or figures["unsure"]), figures)


def check_rollup() -> Check:
    """Scores follow within a minute, the last audit found them right, and no write goes unseen."""
    state = rollup_state()
    waiting = (timezone.now() - state.oldest_mark_at).total_seconds() if state.oldest_mark_at else 0
    figures = {
        "marks": state.marks,
        "oldest_mark_seconds": round(waiting),
        "audited_at": state.audited_at,
        "differences": state.differences,
        "missing_triggers": state.missing_triggers,
    }
    return Check("rollup", waiting < 60 and not state.differences and not state.missing_triggers, figures)


def check_audit() -> Check:
    """Nothing can change the audit log, and every entry is in its chain within a minute."""
    late = Unsealed.objects.filter(entry__at__lt=timezone.now() - timedelta(minutes=1)).count()
    missing = log_triggers()
    return Check("audit", not late and not missing, {"late": late, "missing_triggers": missing})


# Apps below add theirs here; each answers within some milliseconds.
CHECKS: list[Callable[[], Check]] = [check_migrations, check_workers, check_mail, check_rollup, check_audit]


@never_cache
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """Every check with its figures as JSON, for administrators: 200 if all are well, else 503."""
    if not (request.user.is_authenticated and request.user.is_staff):
        raise PermissionDenied
    checks = [check() for check in CHECKS]
    well = all(check.ok for check in checks)
    return JsonResponse(
        {"ok": well, "checks": [asdict(check) for check in checks]}, status=200 if well else 503
    )
