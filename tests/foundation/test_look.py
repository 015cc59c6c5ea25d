"""Small parts of a page: what people read and what screen readers say."""

from datetime import date
from fractions import Fraction

import pytest
from django import forms
from django.template import Context, Template
from django.utils.translation import override

from foundation.money import Money


def rendered(line, **context):
    return Template("{% load look %}" + line).render(Context(context)).strip()


@pytest.mark.parametrize(
    ("language", "line", "shown"),
    [
        ("en", "{{ value|day }}", "Thu 17 Sep"),
        ("en", "{{ value|short_day }}", "17 Sep"),
        ("en", "{{ value|weekday_in_record }}", "Thu 17 Sep 2026"),
        ("en", "{{ value|long_day }}", "Thursday 17 September 2026"),
        ("de", "{{ value|day_in_record }}", "17. Sept. 2026"),
    ],
)
def test_dates_are_short_and_absolute(time_machine, language, line, shown):
    time_machine.move_to("2026-09-15 12:00:00Z")
    with override(language):
        assert rendered(line, value=date(2026, 9, 17)) == shown


def test_another_year_is_named(time_machine):
    time_machine.move_to("2026-09-15 12:00:00Z")
    assert rendered("{{ value|short_day }}", value=date(2025, 1, 1)) == "1 Jan 2025"


def test_figures_are_rounded_once_half_to_even():
    assert rendered("{{ value|number:1 }}", value=Fraction(25, 100)) == "0.2"
    assert rendered("{{ value|number:2 }}", value=Fraction(154, 100)) == "1.54"
    assert rendered("{{ value|number }}", value=1234567) == "1,234,567"
    assert rendered("{{ value|percent }}", value=Fraction(186, 250)) == "74%"
    assert rendered("{{ value|number }}", value=None) == ""


def test_money_in_full_and_in_thousands():
    amount = Money(11_840_000, "EUR")
    assert rendered("{{ value|money }} {{ value|money_short }}", value=amount) == "€118,400 €118k"


def test_figure_opens_only_with_an_address():
    assert 'href="/rows/"' in rendered("{% figure 17 '/rows/' of=21 %}")
    assert "of 21" in rendered("{% figure 17 '/rows/' of=21 %}")
    assert "figure" not in rendered("{% figure 17 %}")


def test_status_says_its_word():
    assert "At risk" in rendered("{% status 'at_risk' %}")
    assert "0.88" in rendered("{% status 'at_risk' number='0.88' %}")
    assert 'aria-label="Behind"' in rendered("{% status_glyph 'behind' label=True %}")


def test_text_of_people_is_escaped():
    assert "<b>" not in rendered("{% figure value %}{% avatar value 'pm' %}", value="<b>x</b>")


class Bound(forms.Form):
    days = forms.IntegerField(
        label="Days", help_text="Working days.", widget=forms.NumberInput(attrs={"data-unit": "d"})
    )
    name = forms.CharField(label="Name")


def test_refused_field_keeps_the_text_and_names_its_error():
    html = str(Bound({"days": "many", "name": ""}))
    assert 'value="many"' in html
    assert 'aria-describedby="id_days_helptext id_days_error"' in html
    assert 'id="id_days_error"' in html
    assert '<a href="#id_name">Name</a>' in html
    assert '<span class="unit" aria-hidden="true">d</span>' in html


def test_one_error_needs_no_summary():
    assert "error-summary" not in str(Bound({"days": "3", "name": ""}))
