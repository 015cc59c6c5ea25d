"""What links in letters open without signing in: a way out of the letter, and one's word on one action.

Opening a link changes nothing; a button does.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.guards import posted
from accounts.models import User
from accounts.readers import as_read_by
from apr.models import Action, Confirmation
from apr.notification_forms import AnswerForm
from apr.nudges.links import read_answer, read_unsubscribe
from apr.permissions import may_confirm
from apr.services.actions import answer_action
from apr.services.notifications import stop
from foundation.errors import Refusal


@csrf_exempt  # mail programs post here for the reader (RFC 8058); the link itself is the proof
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Stops one sort of letter. The page asks; its button, or a mail program, does it."""
    found = read_unsubscribe(token)
    if found is None:
        return render(request, "apr/mail_link_over.html", status=410)
    person, letter = found
    if request.method == "POST":
        stop(letter=letter, by=person)
    with as_read_by(person):
        context = {"letter": str(letter), "is_done": request.method == "POST"}
        return _in_language(person, render(request, "apr/unsubscribe.html", context))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def answer_by_mail(request: HttpRequest, token: str) -> HttpResponse:
    """One person's word on one action: was it so, or what was different."""
    found = read_answer(token)
    if found is None or found[1].is_voided or not may_confirm(*found):
        return render(request, "apr/mail_link_over.html", status=410)
    person, action = found
    with as_read_by(person):
        return _in_language(person, _answer(request, person, action))


def _answer(request: HttpRequest, person: User, action: Action) -> HttpResponse:
    form = AnswerForm(posted(request))
    # Whoever has the letter says it once; to change one's mind, one signs in.
    is_open = action.confirmation == Confirmation.NONE
    if form.is_bound and is_open and form.is_valid():
        try:
            answer_action(
                action_id=action.pk,
                by=person,
                answer=Confirmation(form.cleaned_data["answer"]),
                note=form.cleaned_data["note"],
            )
        except Refusal as refusal:
            form.add_error("note" if refusal.field == "note" else None, refusal.message)
        else:
            return redirect(request.path)
    context = {"form": form, "action": action, "person": person, "is_open": is_open}
    status = 422 if form.is_bound and is_open else 200
    return render(request, "apr/answer_by_mail.html", context, status=status)


def _in_language(person: User, response: HttpResponse) -> HttpResponse:
    response.headers["Content-Language"] = person.locale
    return response
