"""Computing the evidence and keeping it: for the organisation, and for each team that somebody leads."""

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

import numpy as np
from django.utils import timezone

from accounts.models import Organisation, Team
from apr.evidence.comparisons import comparisons
from apr.evidence.forecast import backtest, forecast
from apr.evidence.loading import Loaded, load
from apr.evidence.logit import Ints
from apr.evidence.panel import lead_lag
from apr.evidence.pipeline import load_pipeline
from apr.evidence.quartiles import PersonMonth, person_months, quartiles
from apr.evidence.questions import family, headline
from apr.evidence.study import VERSION, Question, answer, answer_family, rows_of
from apr.models import EvidenceReport

ORGANISATION = 0


def due(today: date) -> list[int]:
    """The teams (ORGANISATION among them) not looked at today, or by code that has changed."""
    teams = Team.objects.active().filter(leaders__isnull=False).distinct().order_by("pk")
    wanted = [ORGANISATION, *teams.values_list("pk", flat=True)]
    current = EvidenceReport.objects.filter(checked_on=today, version=VERSION)
    done = set(current.values_list("team_id", flat=True))
    return [pk for pk in wanted if pk not in done]


def study_due(today: date | None = None, seconds: float = 600) -> int:
    """Brings the reports up to date, the organisation's first, until the time is up; returns how many."""
    begun, day = time.monotonic(), today or Organisation.current().today()
    waiting = due(day)
    if not waiting:
        return 0
    loaded = load(day)
    months, done = person_months(loaded.dates), 0
    for pk in waiting:
        if done and time.monotonic() - begun > seconds:
            break
        study(pk, loaded, months, day)
        done += 1
    return done


def study(team_id: int, loaded: Loaded, months: Sequence[PersonMonth], today: date) -> EvidenceReport:
    """The report of one team, computed again only where what it reads, or the code, has changed."""
    begun = time.monotonic()
    team = Team.objects.get(pk=team_id) if team_id else None
    scoped = loaded.within(team) if team else loaded
    beside = [*comparisons(team, loaded.dates), quartiles(team, months)]
    questions = family(scoped)
    rows = _deals(scoped, [headline(scoped), *questions])
    rows |= {key: keys for one in beside for key, keys in one.rows.items()}
    digest = _digest(scoped, [[one.figures for one in beside], rows, [asked.key for asked in questions]])
    outlook = quarter_outlook(team, today)
    kept = EvidenceReport.objects.filter(team_id=team_id).first()
    if kept is not None and (kept.digest, kept.version) == (digest, VERSION):
        kept.checked_on, kept.forecast = today, outlook
        kept.save(update_fields=["checked_on", "forecast"])
        return kept
    whole = answer(scoped.panel, headline(scoped))
    findings = {
        "headline": asdict(whole),
        "family": [asdict(one) for one in answer_family(scoped.panel, questions, whole)],
        "rows": [question.rows for question in questions],
        "picture": [asdict(one) for one in lead_lag(scoped.panel, range(len(scoped.kinds)))],
        "beside": [one.figures for one in beside],
        "actions": len(scoped.panel.deeds.deal),
    }
    report, _created = EvidenceReport.objects.update_or_create(
        team_id=team_id,
        defaults={
            "starts_on": loaded.dates.start,
            "ends_on": loaded.dates.end or today,
            "checked_on": today,
            "computed_at": timezone.now(),
            "digest": digest,
            "version": VERSION,
            "seconds": round(time.monotonic() - begun, 3),
            "findings": findings,
            "rows": rows,
            "forecast": outlook,
        },
    )
    return report


def quarter_outlook(team: Team | None, today: date) -> dict[str, Any]:
    """The forecast of the current quarter and its backtest as they are kept; empty without any history."""
    pipeline = load_pipeline(team, today)
    if pipeline is None:
        return {}
    steps, quarter, elapsed = pipeline.steps, pipeline.quarter, pipeline.elapsed
    outlook = forecast(steps, quarter, elapsed, first=pipeline.first, part=pipeline.part)
    tested = backtest(steps, quarter, elapsed, first=pipeline.first, part=pipeline.part).tested
    return {
        "quarter": pipeline.period.key,
        "currency": Organisation.current().reporting_currency,
        "unpriced": pipeline.unpriced,
        "outlook": asdict(outlook) if outlook else None,
        "tested": [{**asdict(one), "key": pipeline.quarters[one.quarter].key} for one in tested],
    }


def _deals(loaded: Loaded, questions: Sequence[Question]) -> dict[str, list[Any]]:
    """The deals that each question looks at, and those of them that advanced."""

    def keys(numbers: Ints) -> list[int]:
        return [loaded.deals[number] for number in np.unique(numbers).tolist()]

    found: dict[str, list[Any]] = {}
    for name, question in {question.rows: question for question in questions}.items():
        rows = rows_of(loaded.panel, question).rows
        found[f"deals.{name}"] = keys(rows.deal)
        found[f"advanced.{name}"] = keys(rows.deal[rows.advanced])
    return found


def _digest(loaded: Loaded, beside: object) -> str:
    sums = hashlib.sha256(loaded.digest().encode())
    sums.update(json.dumps(beside, sort_keys=True, default=str).encode())
    return sums.hexdigest()
