"""`manage.py import_file KIND FILE`: brings in a file of another system at once, without the worker."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from accounts.models import User
from exchange.importing.dialects.choices import CREATE, LEAVE, REFUSE, Choices
from exchange.importing.dialects.columns import FIELDS, KINDS_OF_FILES
from exchange.importing.dialects.intake import Intake, bring, foresee, notes_of, tally
from exchange.importing.dialects.reader import Row
from exchange.importing.dialects.survey import Survey, take_survey
from exchange.importing.dialects.systems import DIALECTS
from exchange.importing.plan import currency_of
from exchange.importing.preparing import adopt_currency
from exchange.importing.problems import FileRefused
from exchange.importing.records import Counts
from exchange.importing.refused import refused_file
from foundation.errors import InvalidInput

# Answers without which nothing can be brought in, and the option that gives each.
NEEDED = {
    "columns": "--map COLUMN=FIELD",
    "dates": "--dates dmy or --dates mdy",
    "numbers": "--numbers point or --numbers comma",
    "currency": "--currency CODE",
    "action_type": "--action-type KEY",
    "owner": "--owner E-MAIL",
}


class Command(BaseCommand):
    help = "Bring in a CSV or XLSX file of another system. Faulty rows are refused, the rest comes in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=KINDS_OF_FILES)
        parser.add_argument("file", type=Path)
        parser.add_argument("--preset", choices=list(DIALECTS), default="any", help="whose file it is")
        parser.add_argument("--history", type=Path, help="the stage changes that go with these deals")
        parser.add_argument("--currency", default="", help="of amounts without one (yours if left out)")
        parser.add_argument("--sheet", default="", help="of a workbook (the first if left out)")
        parser.add_argument("--map", action="append", default=[], metavar="COLUMN=FIELD")
        parser.add_argument("--dates", choices=["dmy", "mdy"], default="", help="where 03/04 could be either")
        parser.add_argument("--numbers", choices=["point", "comma"], default="", help="the decimal sign")
        parser.add_argument(
            "--unknown", choices=[CREATE, LEAVE, REFUSE], default=REFUSE, help="names not known here"
        )
        parser.add_argument("--funnel", default="", help="the funnel of the deals")
        parser.add_argument(
            "--owner", default="", help="e-mail or name of whoever did what the file leaves open"
        )
        parser.add_argument(
            "--action-type", default="", help="key of the action type, where no column says it"
        )
        parser.add_argument(
            "--refused", type=Path, help="where to write the refused rows, each with its reason"
        )
        parser.add_argument("--dry-run", action="store_true", help="only say what would be done")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            content = options["file"].read_bytes()
            history = options["history"].read_bytes() if options["history"] else b""
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from error
        try:
            self._bring(content, history, options)
        except FileRefused as refusal:
            for problem in refusal.problems:
                self.stderr.write(str(problem))
            raise CommandError("The file was refused.") from refusal
        except InvalidInput as refusal:
            raise CommandError(refusal.message) from refusal

    def _bring(self, content: bytes, history: bytes, options: dict[str, Any]) -> None:
        kind, preset = options["kind"], options["preset"]
        currency = currency_of(preset, kind, options["currency"])
        choices = _choices(options)
        survey = take_survey(
            content, kind=kind, preset=preset, currency=currency, choices=choices, history=history
        )
        choices.columns |= _mapped(options["map"], kind, survey)
        if options["map"]:
            survey = take_survey(
                content, kind=kind, preset=preset, currency=currency, choices=choices, history=history
            )
        self._say_columns(survey, choices)
        if asked := [f"{what}: say {NEEDED[what]}" for what in survey.questions if what in NEEDED]:
            raise CommandError("Nothing was changed. Still to be said:\n" + "\n".join(asked))
        intake = Intake(content, kind, preset, currency, choices, history)
        counts, refused = self._run(intake, is_dry=options["dry_run"])
        if options["refused"]:
            _write_refused(options["refused"], [column["name"] for column in survey.columns], refused)
        for row in refused[:200]:
            for problem in row.problems:
                self.stderr.write(str(problem))
        for note in counts.notes:
            self.stdout.write(note)
        verb = "Would be: " if options["dry_run"] else ""
        self.stdout.write(
            f"{verb}{counts.made} made, {counts.changed} changed, {counts.unchanged} unchanged, "
            f"{counts.refused} refused."
        )

    def _say_columns(self, survey: Survey, choices: Choices) -> None:
        left_out = [one["name"] for one in survey.columns if one["name"] not in choices.columns]
        for column, field in choices.columns.items():
            self.stdout.write(f"{column} → {field}")
        if left_out:
            self.stdout.write(f"Left out: {', '.join(left_out)}")

    def _run(self, intake: Intake, *, is_dry: bool) -> tuple[Counts, list[Row]]:
        world, counts, refused = intake.world(), Counts(), list[Row]()
        with transaction.atomic():
            note = adopt_currency(intake.currency) if intake.kind == "opportunities" else ""
            transaction.set_rollback(is_dry)
        for batch in intake.batches(world):
            if is_dry:
                counts += tally(foresee(batch, world))
            else:
                with transaction.atomic():
                    counts += bring(batch, world, None)
            refused += [row for row in batch if row.problems]
        counts.notes = [*notes_of(world), *([note] if note else [])]
        return counts, refused


def _choices(options: dict[str, Any]) -> Choices:
    owner = ""
    if options["owner"]:
        found = User.objects.filter(email=options["owner"].lower()) | User.objects.filter(
            name=options["owner"]
        )
        person = found.order_by("pk").first()
        if person is None:
            raise CommandError(f"Nobody here is {options['owner']}.")
        owner = str(person.pk)
    policy = options["unknown"]
    unknown = dict.fromkeys(("people", "customers", "partners", "stages", "lost_reasons"), policy)
    if policy == LEAVE:
        unknown["stages"] = REFUSE
    return Choices(
        dates=options["dates"],
        numbers=options["numbers"],
        sheet=options["sheet"],
        funnel=options["funnel"],
        owner=owner,
        action_type=options["action_type"],
        unknown={**unknown, "action_types": REFUSE},
    )


def _mapped(pairs: list[str], kind: str, survey: Survey) -> dict[str, str]:
    """What `--map` says, checked against the columns of the file and the fields of the kind."""
    columns = {one["name"] for one in survey.columns}
    told: dict[str, str] = {}
    for pair in pairs:
        column, _sign, field = pair.rpartition("=")
        if column not in columns:
            raise CommandError(f"The file has no column “{column}”.")
        if field not in FIELDS[kind]:
            raise CommandError(f"“{field}” is no field of {kind}. There are: {', '.join(FIELDS[kind])}.")
        told[column] = field
    return told


def _write_refused(path: Path, columns: list[str], rows: list[Row]) -> None:
    told = (("; ".join(str(problem) for problem in row.problems), row.cells) for row in rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(refused_file(columns, told))
