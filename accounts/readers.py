"""Words as one person reads them."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.utils import timezone, translation

from accounts.models import User


@contextmanager
def as_read_by(person: User) -> Iterator[None]:
    """Words in the person's language, dates by their clock."""
    with timezone.override(person.tzinfo), translation.override(person.locale):
        yield
