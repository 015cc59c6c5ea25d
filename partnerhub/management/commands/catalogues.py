"""`manage.py catalogues`: the wording of the product in other languages, brought up to date."""

from typing import Any

from django.core.management.base import BaseCommand

from foundation.catalogues import languages, path_of, update, wording


class Command(BaseCommand):
    help = "Write down in locale/ what the product says now, keep what is translated, and compile it."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        words = wording()
        for language in languages():
            waiting = update(language, words)
            self.stdout.write(f"{path_of(language)}: {len(words)} texts, {waiting} wait for a translation.")
