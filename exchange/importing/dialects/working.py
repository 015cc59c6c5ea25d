"""What the worker does with a file of another system: survey, dry run, and bringing in."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from exchange.importing.dialects.choices import Choices
from exchange.importing.dialects.intake import Intake, bring, foresee, notes_of, tally
from exchange.importing.dialects.reader import Row
from exchange.importing.dialects.survey import take_survey
from exchange.importing.holding import LEASE, finish, hold_on
from exchange.importing.preparing import adopt_currency
from exchange.importing.problems import FileRefused
from exchange.importing.records import Counts
from exchange.models import ImportFile, ImportLine, ImportRun, ImportStatus, Outcome


def work_on(run: ImportRun) -> None:
    """Checks a file up to its questions or its dry run, or brings it in."""
    file = ImportFile.objects.get(run=run)
    content, history = bytes(file.content), bytes(file.history)
    choices = Choices.from_json(run.choices)
    try:
        if run.status == ImportStatus.WAITING and not _survey(run, content, history, choices):
            return
        intake = Intake(content, run.kind, run.preset, run.currency, choices, history)
        if run.status == ImportStatus.WAITING:
            _rehearse(run, intake)
        else:
            _apply(run, intake)
    except FileRefused as refusal:
        run.problems = [problem.as_dict() for problem in refusal.problems]
        finish(run, ImportStatus.REFUSED)


def _survey(run: ImportRun, content: bytes, history: bytes, choices: Choices) -> bool:
    """Reads the file once; False where it leaves questions, or nobody waits for it any more."""
    survey = take_survey(
        content, kind=run.kind, preset=run.preset, currency=run.currency, choices=choices, history=history
    )
    asks = bool(survey.questions)
    waiting = ImportRun.objects.filter(pk=run.pk, status=ImportStatus.WAITING, leased_until=run.leased_until)
    facts = {"survey": survey.as_json(), "choices": choices.as_json(), "rows_total": survey.rows}
    if asks:
        waiting.update(**facts, status=ImportStatus.ASKING, leased_until=None)
        return False
    run.rows_total = survey.rows
    return bool(waiting.update(**facts))


def _rehearse(run: ImportRun, intake: Intake) -> None:
    """Writes down for each line what would become of it, and waits for the word."""
    ImportLine.objects.filter(run=run).delete()
    world, counts = intake.world(), Counts()
    for batch in intake.batches(world):
        told = foresee(batch, world)
        _write_lines(run, batch, told)
        counts += tally(told)
        if not hold_on(run):
            return
    notes = notes_of(world)
    if run.kind == "opportunities":
        with transaction.atomic():
            notes += [note for note in [adopt_currency(run.currency)] if note]
            transaction.set_rollback(True)
    ImportRun.objects.filter(pk=run.pk, status=ImportStatus.WAITING, leased_until=run.leased_until).update(
        status=ImportStatus.READY,
        rows_total=counts.total,
        made=counts.made,
        changed=counts.changed,
        unchanged=counts.unchanged,
        refused=counts.refused,
        note="\n".join(notes),
        leased_until=None,
    )


def _apply(run: ImportRun, intake: Intake) -> None:
    """Brings in what is left, a batch and its progress in one transaction. Stops where somebody cancelled."""
    if run.rows_done == 0:
        if run.kind == "opportunities":
            adopt_currency(run.currency)
        ImportRun.objects.filter(pk=run.pk).update(made=0, changed=0, unchanged=0, refused=0)
    world = intake.world()
    for batch in intake.batches(world, run.rows_done):
        with transaction.atomic():
            held = ImportRun.objects.select_for_update().get(pk=run.pk)
            if held.status != ImportStatus.RUNNING or held.leased_until != run.leased_until:
                return
            counts = bring(batch, world, run.started_by)
            refused = [row for row in batch if row.record is None]
            ImportLine.objects.filter(run=run, line__in=[row.line for row in refused]).delete()
            _write_lines(run, refused, dict.fromkeys((row.line for row in refused), Outcome.REFUSED))
            held.rows_done += len(batch)
            held.made += counts.made
            held.changed += counts.changed
            held.unchanged += counts.unchanged
            held.refused += counts.refused
            held.leased_until = run.leased_until = timezone.now() + LEASE
            held.save(update_fields=["rows_done", "made", "changed", "unchanged", "refused", "leased_until"])
    finish(run, ImportStatus.DONE)


def _write_lines(run: ImportRun, rows: Iterable[Row], told: dict[int, Outcome]) -> None:
    ImportLine.objects.bulk_create(
        ImportLine(
            run=run,
            line=row.line,
            outcome=told[row.line],
            name=row.name.replace("\0", ""),
            problems=[problem.as_dict() for problem in row.problems],
            cells=[cell.replace("\0", "") for cell in row.cells] if row.problems else [],
        )
        for row in rows
    )
