"""The organisation, its holidays and its exchange rates as an administrator keeps them."""

from datetime import UTC, date, datetime

import holidays
import pytest
from django.urls import reverse

from accounts.models import ExchangeRate, Holiday, Organisation
from accounts.services.calendar import apply_holiday_calendar
from foundation.errors import InvalidInput
from foundation.money import Money
from partnerhub.tasks import extend_calendar
from tests.factories import ActionFactory, AdminFactory, OpportunityFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_september(time_machine):
    time_machine.move_to(datetime(2026, 9, 15, 12, tzinfo=UTC), tick=False)


@pytest.fixture
def admin(client):
    admin = AdminFactory()
    client.force_login(admin)
    return admin


def organisation_fields(**changes):
    return {
        "name": "Fieldstone",
        "time_zone": "Europe/Berlin",
        "fiscal_first_month": "4",
        "working_week": ["0", "1", "2", "3"],
        "reporting_currency": "CHF",
        "on_track_percent": "100",
        "at_risk_percent": "75",
        "silence_days": "8",
        "pipeline_is_open": "on",
        **changes,
    }


def test_organisation_is_saved_whole(client, admin):
    assert client.post(reverse("settings:organisation"), organisation_fields()).status_code == 302
    kept = Organisation.current()
    assert (kept.name, kept.time_zone, kept.fiscal_first_month) == ("Fieldstone", "Europe/Berlin", 4)
    assert (kept.working_week, kept.reporting_currency, kept.pipeline_is_open) == ("0123", "CHF", True)
    assert (kept.on_track_percent, kept.at_risk_percent, kept.silence_days) == (100, 75, 8)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"at_risk_percent": "120"}, "This cannot lie above “on track”."),
        ({"working_week": []}, "This field is required."),
        ({"time_zone": "Mars/Base"}, "Select a valid choice."),
        ({"fiscal_first_month": "13"}, "Select a valid choice."),
        ({"reporting_currency": "XYZ"}, "Select a valid choice."),
        ({"silence_days": "a while"}, "Enter a whole number."),
    ],
)
def test_refused_values_keep_what_was_typed(client, admin, changes, said):
    response = client.post(reverse("settings:organisation"), organisation_fields(**changes))
    page = response.content.decode()
    assert response.status_code == 422
    assert said in page
    assert 'value="Fieldstone"' in page
    assert Organisation.current().name != "Fieldstone"


class TestCalendar:
    @pytest.mark.parametrize(("country", "region"), [("DE", ""), ("DE", "BY"), ("ES", "MD"), ("NL", "")])
    def test_days_equal_the_library(self, client, admin, country, region):
        sent = {"country": country, "subdivision": region}
        assert client.post(reverse("settings:calendar_country"), sent).status_code == 302
        kept = set(Holiday.objects.filter(date__year=2026).values_list("date", flat=True))
        assert kept == set(holidays.country_holidays(country, subdiv=region or None, years=2026))

    def test_known_days_of_germany(self, client, admin):
        """Berlin has Women's Day, which the whole country has not; 2026 has nine days in all of Germany."""
        client.post(reverse("settings:calendar_country"), {"country": "DE", "subdivision": ""})
        assert Holiday.objects.filter(date__year=2026).count() == 9
        client.post(reverse("settings:calendar_country"), {"country": "DE", "subdivision": "BE"})
        assert Holiday.objects.filter(date=date(2026, 3, 8)).exists()
        assert Holiday.objects.filter(date__year=2026).count() == 10

    def test_years_reach_from_the_first_data_to_two_ahead(self, client, admin):
        ActionFactory(occurred_at=datetime(2021, 5, 3, 12, tzinfo=UTC))
        client.post(reverse("settings:calendar_country"), {"country": "NL", "subdivision": ""})
        years = {day.year for day in Holiday.objects.dates("date", "year")}
        assert years == {2021, 2022, 2023, 2024, 2025, 2026, 2027, 2028}

    def test_own_days_stay_when_the_country_changes(self, client, admin):
        sent = {"date": "2026-12-24", "name": "Company closed"}
        client.post(reverse("settings:own_day_new"), sent)
        client.post(reverse("settings:own_day_new"), {"date": "2026-12-25", "name": "Our Christmas"})
        for country in ("DE", "ES", ""):
            client.post(reverse("settings:calendar_country"), {"country": country, "subdivision": ""})
        assert list(Holiday.objects.values_list("name", flat=True)) == ["Company closed", "Our Christmas"]

    def test_own_day_is_removed_a_day_of_the_country_is_not(self, client, admin):
        own = Holiday.objects.create(date=date(2026, 12, 24), name="Company closed")
        given = Holiday.objects.create(date=date(2026, 12, 25), name="Christmas", from_calendar=True)
        for day in (own, given):
            client.post(reverse("settings:own_day_remove", args=[day.pk]))
        assert list(Holiday.objects.all()) == [given]

    def test_region_of_another_country_is_refused(self, client, admin):
        response = client.post(reverse("settings:calendar_country"), {"country": "NL", "subdivision": "BY"})
        assert response.status_code == 422
        assert not Holiday.objects.exists()

    def test_regions_follow_the_country(self, client, admin):
        field = client.get(reverse("settings:calendar_regions"), {"country": "DE"}).content.decode()
        assert '<option value="BY">Bayern</option>' in field
        assert client.get(reverse("settings:calendar_regions"), {"country": "nonsense"}).status_code == 200

    def test_unknown_country_is_refused_by_the_service(self):
        with pytest.raises(InvalidInput):
            apply_holiday_calendar("QQ", "", [2026])

    def test_task_keeps_the_calendar_ahead_and_leaves_the_rest(self, client, admin, time_machine):
        client.post(reverse("settings:calendar_country"), {"country": "DE", "subdivision": ""})
        ids = set(Holiday.objects.values_list("pk", flat=True))
        extend_calendar()
        assert set(Holiday.objects.values_list("pk", flat=True)) == ids
        time_machine.move_to(datetime(2027, 1, 1, 6, tzinfo=UTC), tick=False)
        extend_calendar()
        assert Holiday.objects.filter(date__year=2029).count() == 9
        assert ids <= set(Holiday.objects.values_list("pk", flat=True))

    def test_task_does_nothing_without_a_country(self):
        extend_calendar()
        assert not Holiday.objects.exists()


class TestCurrencies:
    def send(self, client, **changes):
        sent = {"currency": "USD", "rate": "0.923456789", "effective_from": "2026-09-01", **changes}
        return client.post(reverse("settings:rate_new"), sent)

    def test_rate_is_kept_exactly(self, client, admin):
        assert self.send(client).status_code == 302
        rate = ExchangeRate.objects.get()
        assert (rate.currency, rate.reporting_currency, rate.rate_nano) == ("USD", "EUR", 923_456_789)
        assert "0.923456789 EUR" in client.get(reverse("settings:currencies")).content.decode()

    def test_whole_rate_is_written_as_people_write_it(self, client, admin):
        self.send(client, currency="KWD", rate="100.00")
        assert "100 EUR" in client.get(reverse("settings:currencies")).content.decode()

    def test_second_rate_of_a_day_corrects_the_first(self, client, admin):
        self.send(client, rate="0.9")
        self.send(client, rate="0,91")
        assert ExchangeRate.objects.get().rate_nano == 910_000_000

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"rate": "much"}, "Write the rate as a number"),
            ({"rate": "1.000,5"}, "Write the rate as a number"),
            ({"rate": "-1"}, "Write the rate as a number"),
            ({"rate": "0"}, "A rate is more than nothing."),
            ({"rate": "0.1234567891"}, "at most nine digits"),
            ({"currency": "EUR"}, "EUR is the reporting currency."),
            ({"currency": "XYZ"}, "Select a valid choice."),
            ({"effective_from": "soon"}, "Enter a valid date."),
        ],
    )
    def test_refused_rates_are_explained(self, client, admin, changes, said):
        response = self.send(client, **changes)
        assert response.status_code == 422
        assert said in response.content.decode()
        assert not ExchangeRate.objects.exists()

    def test_currencies_of_deals_without_a_rate_are_named(self, client, admin):
        for code in ("EUR", "USD", "JPY"):
            OpportunityFactory(amount=Money(100, code))
        self.send(client)
        context = client.get(reverse("settings:currencies")).context
        assert context["lacking"] == ["JPY"]
        assert [code for code, _rates, _current in context["groups"]] == ["JPY", "USD"]
