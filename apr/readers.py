"""Whose figures somebody may open, and within which teams: the answer for whatever they may not is 404."""

from dataclasses import dataclass

from django.http import Http404, QueryDict
from django.shortcuts import get_object_or_404

from accounts.models import Organisation, Team, User
from apr.periods import Period
from apr.periods_shown import Shown, shown_period
from apr.scorecards import Results, Score, Subject, organisation_figures, own_card, team_figures
from audit.openings import note_opening


@dataclass(frozen=True)
class Reading:
    """A subject that the reader may open. `within` are the teams whose days they may see; None is all."""

    subject: Subject
    within: frozenset[int] | None = None


def person_for(reader: User, pk: int) -> tuple[User, frozenset[int] | None]:
    """A person with the teams within which the reader may see them: all days only of oneself, or as admin."""
    if pk == reader.pk and reader.is_active:
        return reader, None
    person: User = get_object_or_404(User.objects.scores_visible_to(reader), pk=pk)
    note_opening(reader_id=reader.pk, person_id=person.pk, what="scores", day=person.today())
    if reader.is_admin:
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


def shown_for(query: QueryDict, about: Reading) -> Shown:
    """The period asked for, by the subject's own date."""
    organisation = Organisation.current()
    today = about.subject.today() if isinstance(about.subject, User) else organisation.today()
    return shown_period(query, today, organisation.fiscal_first_month)


def figures_of(about: Reading, period: Period) -> tuple[Score, Results]:
    """The figures of a period as the reader's scorecard shows them."""
    if isinstance(about.subject, User):
        card = own_card(about.subject, period, period, within=about.within)
        return card.score, card.results
    if isinstance(about.subject, Team):
        totals = team_figures(about.subject, period)
    else:
        totals, _teams = organisation_figures(period)
    return totals.score, totals.results


def scorecard_url(about: Reading, shown: Shown, reader: User) -> str:
    """The scorecard from which a figure was opened."""
    if about.subject == reader:
        return shown.url_of("apr:me")
    if isinstance(about.subject, User):
        return shown.url_of("apr:person", about.subject.pk)
    if isinstance(about.subject, Team):
        return shown.url_of("apr:team", about.subject.pk)
    return shown.url_of("apr:teams")
