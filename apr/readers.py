"""Whose figures somebody may open, and within which teams: the answer for whatever they may not is 404."""

from dataclasses import dataclass

from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.models import Organisation, Team, User
from apr.scorecards import Subject


@dataclass(frozen=True)
class Reading:
    """A subject that the reader may open. `within` are the teams whose days they may see; None is all."""

    subject: Subject
    within: frozenset[int] | None = None


def person_for(reader: User, pk: int) -> tuple[User, frozenset[int] | None]:
    """A person with the teams within which the reader may see them: all days only of oneself, or as admin."""
    person: User = get_object_or_404(User.objects.scores_visible_to(reader), pk=pk)
    if person == reader or reader.is_admin:
        return person, None
    return person, frozenset(Team.objects.led_by(reader).values_list("pk", flat=True))


def reading(reader: User, kind: str, pk: int | None) -> Reading:
    """The person, team or organisation of an address."""
    if kind == "person" and pk is not None:
        return Reading(*person_for(reader, pk))
    if kind == "team":
        return Reading(get_object_or_404(Team.objects.visible_to(reader), pk=pk))
    if not reader.is_admin:
        raise Http404
    return Reading(Organisation.current())
