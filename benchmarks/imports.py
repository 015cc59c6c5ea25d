"""How long a large file of deals takes to check and to bring in, and how much memory it needs at most.

    DATABASE_URL=… python benchmarks/imports.py [ROWS]

Needs an organisation without deals of the source “salesforce”. Prints one line per figure.
"""

import csv
import io
import os
import resource
import sys
from datetime import date, timedelta
from pathlib import Path
from random import Random
from time import monotonic

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "partnerhub.settings")

import django

django.setup()

from django.db import transaction

from exchange.importing.dialects.choices import Choices
from exchange.importing.dialects.intake import Intake, bring, foresee, tally
from exchange.importing.dialects.survey import take_survey
from exchange.importing.records import Counts
from opportunities.models import Opportunity

STAGES = ["Prospecting", "Qualification", "Proposal/Price Quote", "Closed Won", "Closed Lost"]
COLUMNS = ["Id", "Name", "StageName", "Amount", "CreatedDate", "CloseDate", "Owner Name", "Account Name"]
FIRST = date(2024, 1, 1)


def file_of(rows: int) -> bytes:
    """Deals of 200 owners with 5,000 customers."""
    dice, text = Random(1), io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for number in range(rows):
        opened = FIRST + timedelta(days=dice.randrange(300))
        closed = opened + timedelta(days=dice.randrange(1, 200))
        owner, customer = f"Owner {dice.randrange(200)}", f"Customer {dice.randrange(5_000)}"
        stage = dice.choice(STAGES)
        amount = f"{dice.randrange(100, 999_999)}.50"
        writer.writerow(
            [f"006{number:015}", f"Deal {number}", stage, amount, opened, closed, owner, customer]
        )
    return text.getvalue().encode()


def peak() -> str:
    """The most memory that this process has had so far."""
    return f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB"


def main(rows: int) -> None:
    content = file_of(rows)
    print(f"{rows} rows, {len(content) / 1024 / 1024:.1f} MB; before: {peak()}", flush=True)
    unknown = dict.fromkeys(("people", "customers", "stages"), "create")
    choices = Choices(unknown=unknown)
    started = monotonic()
    survey = take_survey(content, kind="opportunities", preset="salesforce", currency="EUR", choices=choices)
    print(f"survey {monotonic() - started:.1f} s, {survey.rows} rows, at most {peak()}", flush=True)
    intake = Intake(content, "opportunities", "salesforce", "EUR", choices)
    for name in ("dry run", "first time", "second time"):
        started, counts, world = monotonic(), Counts(), intake.world()
        for batch in intake.batches(world):
            if name == "dry run":
                counts += tally(foresee(batch, world))
            else:
                with transaction.atomic():
                    counts += bring(batch, world, None)
        seconds = monotonic() - started
        told = f"{counts.made} made, {counts.changed} changed, {counts.unchanged} unchanged"
        speed = f"{seconds:.1f} s, {rows / seconds:.0f} rows a second"
        print(f"{name} {speed}, {told}, {counts.refused} refused, at most {peak()}", flush=True)
    assert Opportunity.objects.filter(external_source="salesforce").count() == rows


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
