"""Whoever found a weakness learns to whom to write."""

from datetime import datetime, timedelta

from django.utils import timezone


def test_it_names_the_contact_and_is_fresh(client, settings):
    settings.SECURITY_CONTACT = "mailto:security@fieldstone.example"
    answer = client.get("/.well-known/security.txt")
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/plain; charset=utf-8")
    lines = dict(line.split(": ", 1) for line in answer.content.decode().splitlines())
    assert lines["Contact"] == "mailto:security@fieldstone.example"
    assert lines["Canonical"] == "http://testserver/.well-known/security.txt"
    ahead = datetime.fromisoformat(lines["Expires"]) - timezone.now()
    assert timedelta(days=170) < ahead < timedelta(days=366)


def test_it_is_absent_without_a_contact(client, settings, db):
    settings.SECURITY_CONTACT = ""
    assert client.get("/.well-known/security.txt").status_code == 404
