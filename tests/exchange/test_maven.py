"""The public pipeline of 8,800 deals, by command and by page and task: the figures its README gives."""

from datetime import date
from fractions import Fraction
from io import StringIO

import pytest
from django.core.management import call_command
from django.db.models import Count, Max, Min, Sum

from accounts.models import Membership, Organisation, Team, User
from apr.periods import parse_period
from apr.rollup.audit import audit
from apr.rollup.drain import drain
from apr.scorecards import team_scorecard
from exchange.models import ImportRun, ImportStatus
from exchange.tasks import run_imports
from opportunities.models import Assignment, Customer, Opportunity, StageChange
from tests.exchange.files import MAVEN, MAVEN_FILES, needs_maven
from tests.factories import AdminFactory

pytestmark = [pytest.mark.django_db, needs_maven]


def by_command() -> list[str]:
    """Brings the three files in; what the command said of each."""
    said = []
    for kind, name in MAVEN_FILES:
        out = StringIO()
        call_command("import_csv", kind, MAVEN / name, preset="maven", stdout=out)
        said.append(out.getvalue().splitlines()[-1])
    return said


def by_page(client) -> list[str]:
    """The same through `/import/` and the worker's task."""
    client.force_login(AdminFactory(name="Elif Maes"))
    said = []
    for kind, name in MAVEN_FILES:
        with (MAVEN / name).open("rb") as file:
            client.post("/import/", {"kind": kind, "preset": "maven", "file": file})
        run_imports()
        run = ImportRun.objects.latest("pk")
        assert run.status == ImportStatus.READY
        client.post(f"/import/{run.pk}/apply/")
        run_imports()
        run.refresh_from_db()
        assert run.status == ImportStatus.DONE
        assert run.rows_done == run.rows_total
        said.append(f"{run.made} made, {run.changed} changed, {run.unchanged} unchanged.")
    return said


def history() -> list[object]:
    """Enough to see any change: every deal with its version, and how many rows hang on it."""
    deals = Opportunity.objects.order_by("external_id").values_list("external_id", "stage__name", "version")
    return [list(deals), StageChange.objects.count(), Assignment.objects.count(), Team.objects.count()]


@pytest.mark.parametrize("door", ["command", "page"])
def test_the_pipeline_comes_in_whole_and_twice_is_once(door, client):
    bring = by_command if door == "command" else lambda: by_page(client)
    others = 0 if door == "command" else 1  # the administrator who presses the button

    assert bring() == [
        "35 made, 0 changed, 0 unchanged.",
        "85 made, 0 changed, 0 unchanged.",
        "8800 made, 0 changed, 0 unchanged.",
    ]
    assert_the_figures()
    assert User.objects.count() == 35 + 6 + others
    assert User.objects.filter(email=None).count() == 35 + 6  # known by name until somebody invites them

    before = history()
    assert bring() == [
        "0 made, 0 changed, 35 unchanged.",
        "0 made, 0 changed, 85 unchanged.",
        "0 made, 0 changed, 8800 unchanged.",
    ]
    assert history() == before
    if door == "command":
        assert_the_scorecards()


def assert_the_figures() -> None:
    deals = Opportunity.objects
    assert deals.count() == 8_800
    assert dict(deals.values_list("stage__name").annotate(n=Count("pk"))) == {
        "Won": 4_238,
        "Lost": 2_473,
        "Engaging": 1_589,
        "Prospecting": 500,
    }
    assert deals.won().aggregate(total=Sum("amount_minor"))["total"] == 1_000_553_400
    assert deals.lost().aggregate(total=Sum("amount_minor"))["total"] == 0
    assert set(deals.values_list("currency", flat=True)) == {"USD"}
    assert Organisation.current().reporting_currency == "USD"
    closed = deals.exclude(status="open").aggregate(first=Min("closed_on"), last=Max("closed_on"))
    assert closed == {"first": date(2017, 3, 1), "last": date(2017, 12, 31)}
    assert deals.filter(customer=None).count() == 1_425
    assert Customer.objects.count() == 85
    # One step into Engaging or Prospecting each, one more for what was closed.
    assert StageChange.objects.count() == 8_800 + 4_238 + 2_473
    one = deals.get(external_id="1C1I7A6R")
    assert (one.opened_on, one.closed_on) == (date(2016, 10, 20), date(2017, 3, 1))
    assert (one.name, one.owner.name, one.amount_minor) == (
        "GTX Plus Basic for Cancity",
        "Moses Frase",
        105_400,
    )


# Won value and numbers of won and lost, added up from the three files by a spreadsheet.
QUARTERS = {
    ("Central", "2017-Q1"): (347_988, 192, 50),
    ("Central", "2017-Q2"): (957_321, 487, 296),
    ("Central", "2017-Q3"): (1_053_202, 494, 311),
    ("Central", "2017-Q4"): (987_782, 456, 318),
    ("East", "2017-Q1"): (329_151, 143, 31),
    ("East", "2017-Q2"): (1_016_823, 349, 214),
    ("East", "2017-Q3"): (919_767, 367, 218),
    ("East", "2017-Q4"): (824_853, 312, 224),
    ("West", "2017-Q1"): (457_533, 196, 35),
    ("West", "2017-Q2"): (1_111_967, 418, 268),
    ("West", "2017-Q3"): (1_009_286, 396, 261),
    ("West", "2017-Q4"): (989_861, 428, 247),
}
MANAGERS = {
    ("Team of Dustin Brinkmann", "2017-Q2"): 365_987,
    ("Team of Melvin Marxen", "2017-Q3"): 767_754,
    ("Team of Cara Losch", "2017-Q4"): 311_148,
    ("Team of Summer Sewald", "2017-Q1"): 284_544,
}


def assert_the_scorecards() -> None:
    while drain():
        pass
    assert audit().differences == 0
    for (team, quarter), (won, wins, losses) in QUARTERS.items():
        results = team_scorecard(Team.objects.get(name=team), parse_period(quarter)).results
        assert (results.won.amount.minor, results.wins, results.losses) == (won * 100, wins, losses)
        assert results.missing_rates == ()
    for (team, quarter), won in MANAGERS.items():
        results = team_scorecard(Team.objects.get(name=team), parse_period(quarter)).results
        assert results.won.amount.minor == won * 100
    year = [team_scorecard(team, parse_period("2017")).results for team in Team.objects.filter(parent=None)]
    wins, losses = sum(one.wins for one in year), sum(one.losses for one in year)
    assert round(Fraction(wins, wins + losses) * 10_000) == 6_315
    assert sum(one.won.amount.minor for one in year) == 1_000_553_400


def test_agents_stand_below_their_managers_for_all_of_the_data():
    by_command()
    moses = User.objects.get(name="Moses Frase")
    assert moses.roles == {"account_executive"}
    team = Membership.objects.get(user=moses).team
    assert (team.name, team.parent.name, team.kind) == ("Team of Dustin Brinkmann", "Central", "sales")
    assert Membership.objects.get(user=moses).starts_on == date(2016, 10, 1)
    assert [leader.name for leader in team.leaders.all()] == ["Dustin Brinkmann"]
    dustin = User.objects.get(name="Dustin Brinkmann")
    assert dustin.roles == {"leader"}
    assert not dustin.has_usable_password()
    assert Opportunity.objects.visible_to(dustin).filter(owner=moses).exists()
