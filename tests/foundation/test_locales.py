import pytest
from babel import Locale
from django.conf import settings

from apr.periods import parse_period
from foundation.locales import babel_locale
from foundation.money import Money, format_money


@pytest.mark.parametrize("code", ["en-gb", "en_GB", "EN-GB"])
def test_both_spellings_name_one_locale(code):
    assert babel_locale(code) == Locale("en", "GB")


@pytest.mark.parametrize("code", ["udm", "xx-yy", "", "not a language"])
def test_a_language_without_data_reads_english_notation(code):
    assert format_money(Money(11840050, "EUR"), code) == "€118,400.50"
    assert parse_period("2026-09").label(code) == "September 2026"


@pytest.mark.parametrize("code", [code for code, _name in settings.LANGUAGES])
def test_every_language_one_can_choose_writes_money_and_periods(code):
    assert format_money(Money(700, "EUR"), code)
    assert all(parse_period(key).label(code) for key in ("2026", "2026-Q3", "2026-09", "2026-W37"))
