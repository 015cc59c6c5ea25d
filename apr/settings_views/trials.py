"""Trials of nudges: starting one with all of it stated, waiting for its end, and reading what came of it."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import numpy as np
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.guards import PersonRequest, for_administrators, form_page, posted
from accounts.models import Organisation, User
from apr.models import Trial, TrialMeasure, TrialMember
from apr.phrases import said
from apr.services.trials import end_of, start_trial, stop_trial
from apr.trial_forms import StopForm, TrialForm
from apr.trials import words
from apr.trials.measures import given_answers, kept_promises
from apr.trials.permutation import LEVEL
from apr.trials.planning import plan
from apr.trials.words import Stage
from foundation.errors import Refusal
from foundation.wording import number

STEPS = 12  # of the axis of the picture


@dataclass(frozen=True)
class Line:
    """A trial in the list."""

    trial: Trial
    name: str
    stage: Stage
    sentence: str
    people: int


@require_safe
@for_administrators
def trials(request: PersonRequest) -> HttpResponse:
    """All trials, the latest first."""
    today = Organisation.current().today()
    rows = Trial.objects.visible_to(request.user).select_related("result").annotate(people=Count("members"))
    lines = []
    for trial in rows:
        stage = words.stage_of(trial, today)
        sentence = words.sentence(trial, stage)
        lines.append(Line(trial, words.name_of(trial), stage, sentence, trial.people))
    return render(request, "settings/trials.html", {"lines": lines})


@for_administrators
def trial_new(request: PersonRequest) -> HttpResponse:
    """A trial with everything stated beforehand."""
    form = TrialForm(posted(request))

    def save(data: dict[str, Any]) -> str:
        start_trial(**data, by=request.user)
        return _("The trial is stated, and the halves are drawn.")

    return form_page(
        request,
        form,
        save,
        title=_("New trial"),
        lead=_("One half gets the nudge, the other does not. All is stated now and cannot be changed."),
        back=reverse("settings:trials"),
        act=_("Draw the halves and start"),
        template="settings/trial_new.html",
    )


@require_POST
@for_administrators
def trial_preview(request: PersonRequest) -> HttpResponse:
    """What the people chosen so far could show; nothing while it cannot be told."""
    form = TrialForm(request.POST)
    return HttpResponse(_hint(form.cleaned_data) if form.is_valid() else "")


def _hint(data: dict[str, Any]) -> str:
    today = Organisation.current().today()
    try:
        ends_on = end_of(data["starts_on"], data["last_day"], today)
    except Refusal as refusal:
        return refusal.message
    planned = plan(data["kind"], data["measure"], data["teams"], data["starts_on"], ends_on, today)
    return words.hint(planned, data["measure"])


@require_safe
@for_administrators
def trial(request: PersonRequest, pk: int) -> HttpResponse:
    """One trial: what was stated, who is in it, and after its end what came of it."""
    found = _trial(request, pk)
    stage = words.stage_of(found, Organisation.current().today())
    members = list(found.members.select_related("person", "team").order_by("person__name", "person"))
    context: dict[str, Any] = {
        "trial": found,
        "name": words.name_of(found),
        "stage": stage,
        "sentence": words.sentence(found, stage),
        "words": words.lead(found, stage),
        "teams": ", ".join(team.name for team in found.teams.all()),
        "power": words.power(found.expected, found.smallest, found.measure),
        "members": members,
        "nudged": sum(member.gets_nudge for member in members),
        "may_stop": stage in (Stage.PLANNED, Stage.RUNNING),
        "level": number(LEVEL * 100),
    }
    if stage == Stage.DONE:
        context |= _told(found, members)
    return render(request, "settings/trial.html", context)


def _trial(request: PersonRequest, pk: int) -> Trial:
    rows = Trial.objects.visible_to(request.user).select_related("result", "started_by", "stopped_by")
    return get_object_or_404(rows, pk=pk)


# --- what came of it ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """A person with their half and what they did, which opens its rows."""

    member: TrialMember
    value: str
    url: str


def _told(trial: Trial, members: list[TrialMember]) -> dict[str, Any]:
    values = {int(person): float(value) for person, value in trial.result.values.items()}
    findings = trial.result.findings
    halves = [
        (label, number(findings[key]["people"]), number(findings[key]["mean"], 1))
        for key, label in (("with", _("with the nudge")), ("without", _("without")))
    ]
    rows = [
        Row(one, number(values[one.person_id], 1), _rows_url(trial, one.person))
        for one in sorted(members, key=lambda one: not one.gets_nudge)
    ]
    return {
        "chance": words.chance(words.compared_of(trial)),
        "halves": halves,
        "picture": _picture(values, members),
        "unit": words.UNITS[trial.measure],
        "rows": rows,
    }


def _picture(values: dict[int, float], members: list[TrialMember]) -> dict[str, Any]:
    """The share of each half that did at least so much, from nothing up to the most that anybody did."""
    done = [
        np.array([values[one.person_id] for one in members if one.gets_nudge is nudged])
        for nudged in (True, False)
    ]
    top = max(float(one.max()) for one in done)
    steps = [top * place / STEPS for place in range(STEPS + 1)]
    with_it, without = ([float((one >= step - 1e-9).mean()) for step in steps] for one in done)
    return {
        "with": with_it,
        "without": without,
        "steps": [(place, number(steps[place], 1)) for place in range(0, STEPS + 1, 3)],
        "words": (_("with the nudge"), _("without")),
    }


def _rows_url(trial: Trial, person: User) -> str:
    """Where what a person did can be opened: points in their log, the rest on a page of its own."""
    if trial.measure != TrialMeasure.POINTS:
        return reverse("settings:trial_rows", args=[trial.pk, person.pk])
    query = {"person": person.pk, "since": trial.starts_on.isoformat(), "until": trial.last_day.isoformat()}
    return f"{reverse('apr:actions')}?{urlencode(query)}"


@require_safe
@for_administrators
def trial_rows(request: PersonRequest, pk: int, person: int) -> HttpResponse:
    """The promises, or the answers, of one person in a trial that is done."""
    found = _trial(request, pk)
    member = get_object_or_404(found.members.select_related("person"), person=person)
    if words.stage_of(found, Organisation.current().today()) != Stage.DONE:
        raise Http404
    context = {
        "trial": found,
        "name": words.name_of(found),
        "person": member.person,
        "measure": found.get_measure_display(),
        "rows": _rows(found, member.person),
    }
    return render(request, "settings/trial_rows.html", context)


def _rows(trial: Trial, person: User) -> list[tuple[Any, str, Any]]:
    """What is counted: when, what, and the deal."""
    if trial.measure == TrialMeasure.PROMISES:
        promises = kept_promises([person.pk], trial.starts_on, trial.ends_on).select_related("opportunity")
        return [(row.settled_at, row.text, row.opportunity) for row in promises]
    about = ("action_type", "actor", "counterpart", "partner", "customer", "opportunity")
    answers = given_answers([person.pk], trial.starts_on, trial.ends_on).select_related(*about)
    return [(row.confirmed_at, f"{row.actor.name}: {said(row)}", row.opportunity) for row in answers]


# --- stopping -------------------------------------------------------------------------------------


@for_administrators
def trial_stop(request: PersonRequest, pk: int) -> HttpResponse:
    """Ends a trial early, for a reason."""
    found = _trial(request, pk)
    form = StopForm(posted(request))

    def save(data: dict[str, Any]) -> str:
        stop_trial(trial_id=found.pk, reason=data["reason"], by=request.user)
        return _("The trial is stopped. Everybody gets the nudge again.")

    return form_page(
        request,
        form,
        save,
        title=_("Stop the trial"),
        lead=_("Everybody gets the nudge again, and no verdict will be given: it stays on record why."),
        back=reverse("settings:trial", args=[found.pk]),
        act=_("Stop the trial"),
    )
