from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from foundation.money import InvalidMoney, Money, convert, currency_digits, format_money, parse_money

NBSP = "\N{NO-BREAK SPACE}"
NARROW = "\N{NARROW NO-BREAK SPACE}"
minor_units = st.integers(min_value=-(10**18) + 1, max_value=10**18 - 1)
currencies = st.sampled_from(["EUR", "USD", "GBP", "CHF", "JPY", "KWD"])
locales = st.sampled_from(["en", "en-gb", "de", "de-ch", "fr", "nb", "nl", "hi", "pt-br", "ja", "ar", "he"])


@pytest.mark.parametrize(("code", "digits"), [("EUR", 2), ("USD", 2), ("JPY", 0), ("KWD", 3)])
def test_digits_of_a_currency(code, digits):
    assert currency_digits(code) == digits


@pytest.mark.parametrize("code", ["XYQ", "eur", "", "€"])
def test_an_unknown_currency_is_refused(code):
    with pytest.raises(InvalidMoney, match="not a currency code"):
        currency_digits(code)


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("1234.50", "EUR", 123450),
        ("1234.5", "EUR", 123450),
        ("1234.5000", "EUR", 123450),
        ("0", "EUR", 0),
        ("-0.01", "EUR", -1),
        ("1E+3", "EUR", 100000),
        ("1500", "JPY", 1500),
        ("1.234", "KWD", 1234),
        ("9999999999999999.99", "EUR", 999999999999999999),
    ],
)
def test_from_decimal(amount, currency, minor):
    assert Money.from_decimal(Decimal(amount), currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("amount", "currency", "words"),
    [
        ("0.001", "EUR", "EUR has no more than 2 digits"),
        ("0.5", "JPY", "JPY has no more than 0 digits"),
        ("1E-999999", "EUR", "no more than 2 digits"),
        ("10000000000000000.00", "EUR", "too large"),
        ("1E+999999", "EUR", "too large"),
        ("NaN", "EUR", "must be a number"),
        ("Infinity", "EUR", "must be a number"),
    ],
)
def test_from_decimal_refuses_rather_than_rounds(amount, currency, words):
    with pytest.raises(InvalidMoney, match=words):
        Money.from_decimal(Decimal(amount), currency)


def test_decimal_keeps_the_digits_of_the_currency():
    assert str(Money(123450, "EUR").decimal) == "1234.50"
    assert str(Money(-1, "EUR").decimal) == "-0.01"
    assert str(Money(1500, "JPY").decimal) == "1500"


@given(minor_units, currencies)
def test_decimal_and_minor_units_are_the_same_amount(minor, currency):
    money = Money(minor, currency)
    assert Money.from_decimal(money.decimal, currency) == money


def test_adding_is_exact_and_within_one_currency():
    assert Money(10, "EUR") + Money(20, "EUR") == Money(30, "EUR")
    with pytest.raises(ValueError, match="cannot add USD to EUR"):
        Money(10, "EUR") + Money(20, "USD")


def test_a_hundred_thousand_dimes_are_ten_thousand():
    total = Money(0, "EUR")
    for _ in range(100_000):
        total = total + Money(10, "EUR")
    assert total.decimal == Decimal("10000.00")


@pytest.mark.parametrize(
    ("minor", "currency", "locale", "text"),
    [
        (11840000, "EUR", "en", "€118,400"),
        (11840050, "EUR", "en", "€118,400.50"),
        (0, "EUR", "en", "€0"),
        (-11840000, "EUR", "en", "-€118,400"),
        (190700000, "EUR", "en-gb", "€1,907,000"),
        (11840050, "EUR", "de", f"118.400,50{NBSP}€"),
        (11840000, "EUR", "fr", f"118{NARROW}400{NBSP}€"),
        (11840000, "CHF", "en", f"CHF{NBSP}118,400"),
        (1500, "JPY", "en", "¥1,500"),
        (1234, "KWD", "en", f"KWD{NBSP}1.234"),
    ],
)
def test_format_in_full(minor, currency, locale, text):
    assert format_money(Money(minor, currency), locale) == text


@pytest.mark.parametrize(
    ("minor", "currency", "locale", "text"),
    [
        (14800000, "EUR", "en", "€148k"),
        (11840000, "EUR", "en", "€118k"),
        (14750000, "EUR", "en", "€148k"),  # 147.5 goes to the even neighbour
        (14850000, "EUR", "en", "€148k"),  # 148.5 too
        (14850001, "EUR", "en", "€149k"),
        (225200000, "EUR", "en", "€2,252k"),  # millions stay in thousands
        (100000, "EUR", "en", "€1k"),
        (99999, "EUR", "en", "€999.99"),
        (95000, "EUR", "en", "€950"),
        (-14800000, "EUR", "en", "-€148k"),
        (148000, "JPY", "en", "¥148k"),
        (14800000, "EUR", "de", f"148k{NBSP}€"),
    ],
)
def test_format_in_thousands(minor, currency, locale, text):
    assert format_money(Money(minor, currency), locale, style="thousands") == text


@pytest.mark.parametrize(
    ("minor", "source", "target", "rate_nano", "result"),
    [
        (10000, "USD", "EUR", 920_000_000, 9200),  # $100.00 at 0.92
        (10000, "EUR", "EUR", 10**9, 10000),
        (1500, "JPY", "EUR", 6_100_000, 915),  # ¥1500 at 0.0061 = €9.15
        (915, "EUR", "JPY", 163_934_426_230, 1500),  # €9.15 at 163.93442623 = ¥1499.9999…
        (1234, "KWD", "EUR", 3_000_000_000, 370),  # 1.234 at 3 = 3.702
        (1, "USD", "EUR", 500_000_000, 0),  # half a cent goes to the even neighbour: 0
        (3, "USD", "EUR", 500_000_000, 2),  # one cent and a half: 2
        (-3, "USD", "EUR", 500_000_000, -2),
        (5, "USD", "EUR", 500_000_000, 2),  # two and a half: 2
    ],
)
def test_convert(minor, source, target, rate_nano, result):
    assert convert(minor, source, target, rate_nano) == result


@pytest.mark.parametrize("rate_nano", [0, -1])
def test_a_missing_rate_is_never_guessed(rate_nano):
    with pytest.raises(ValueError, match="positive"):
        convert(100, "USD", "EUR", rate_nano)


@given(minor_units, currencies)
def test_converting_at_one_changes_nothing(minor, currency):
    assert convert(minor, currency, currency, 10**9) == minor


@pytest.mark.parametrize(
    ("text", "currency", "locale", "minor"),
    [
        ("118400", "EUR", "en", 11840000),
        ("118,400", "EUR", "en", 11840000),
        (" € 118,400.50 ", "EUR", "en", 11840050),
        ("118 400,50 €", "EUR", "fr", 11840050),
        (f"118{NARROW}400,50{NBSP}€", "EUR", "fr", 11840050),
        ("118.400,50 €", "EUR", "de", 11840050),
        ("EUR 1.234", "EUR", "de", 123400),
        ("1234.5 eur", "EUR", "en", 123450),
        ("1'234'567.05", "CHF", "de-ch", 123456705),
        ("$5", "USD", "en-gb", 500),
        ("US$5", "USD", "en-gb", 500),
        ("-5", "EUR", "en", -500),
        ("−€5", "EUR", "en", -500),
        ("12,34,567", "INR", "hi", 123456700),
        ("1,500", "JPY", "en", 1500),
    ],
)
def test_parse_what_people_type(text, currency, locale, minor):
    assert parse_money(text, currency, locale) == Money(minor, currency)


@pytest.mark.parametrize(
    ("text", "currency", "locale", "words"),
    [
        ("", "EUR", "en", "not an amount"),
        ("a lot", "EUR", "en", "“a lot” is not an amount. Write it like €1,234.50"),
        ("1,5", "EUR", "en", "not an amount"),
        ("1.234,50", "EUR", "en", "not an amount"),
        ("1234.50", "EUR", "de", "not an amount"),
        ("1.234", "EUR", "en", "no more than 2 digits"),
        ("1 2", "EUR", "en", "not an amount"),
        ("$5", "EUR", "en", "not an amount"),
        ("1e5", "EUR", "en", "not an amount"),
        ("NaN", "EUR", "en", "not an amount"),
        ("€", "EUR", "en", "not an amount"),
        ("5 5", "EUR", "en", "not an amount"),
        ("9" * 5000, "EUR", "en", "too large"),
        ("0.5", "JPY", "en", "no more than 0 digits"),
        ("5", "ZZZ", "en", "not a currency code"),
    ],
)
def test_parse_refuses_with_words_that_help(text, currency, locale, words):
    with pytest.raises(InvalidMoney, match=words.replace("$", r"\$")):
        parse_money(text, currency, locale)


@given(minor_units, currencies, locales)
@example(12345, "KWD", "ar")
def test_what_is_shown_in_full_can_be_typed_back(minor, currency, locale):
    money = Money(minor, currency)
    assert parse_money(format_money(money, locale), currency, locale) == money


@given(st.text(max_size=30), currencies, locales)
def test_no_text_brings_parsing_down(text, currency, locale):
    with suppress(InvalidMoney):  # any other error fails
        assert parse_money(text, currency, locale).currency == currency
