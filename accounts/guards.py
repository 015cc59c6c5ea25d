"""Who may pass a door of the settings, and how a form behind one is answered."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import may_configure
from accounts.session_limits import confirmed_lately, send_away
from foundation.dialogs import in_dialog
from foundation.errors import Refusal

P = ParamSpec("P")


class PersonRequest(HttpRequest):
    """A request of somebody who has signed in."""

    user: User


PersonView = Callable[Concatenate[PersonRequest, P], HttpResponseBase]
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def for_people(view: PersonView[P]) -> View[P]:
    """The view for everybody who has signed in; others are asked to."""
    return cast("View[P]", login_required(view))


def for_administrators(view: PersonView[P]) -> View[P]:
    """The view for those who may configure; others are asked to sign in, or refused (403)."""

    @wraps(view)
    def checked(request: PersonRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not may_configure(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return for_people(cast("PersonView[P]", checked))


def after_confirming(view: PersonView[P]) -> PersonView[P]:
    """The view for who has just shown who they are; others do so first, and are back at the page they had.

    For sensitive acts: a browser left open, or a stolen session, is not enough for them. People who only come
    in by their identity provider have nothing to show here: they sign in anew.
    """

    @wraps(view)
    def checked(request: PersonRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if confirmed_lately(request):
            return view(request, *args, **kwargs)
        if get_adapter().get_reauthentication_methods(request.user):
            return send_away(request, "account_reauthenticate")
        away = send_away(request, "account_login")
        logout(request)
        return away

    return cast("PersonView[P]", checked)


def say_refusal(form: BaseForm, refusal: Refusal) -> None:
    """Puts the words of a service's refusal under the field it names, or above the form."""
    field = refusal.field if refusal.field in form.fields else None
    form.add_error(field, refusal.message)


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: nothing, unless it was sent (an empty form is sent too)."""
    return request.POST if request.method == "POST" else None


def form_page(
    request: HttpRequest,
    form: BaseForm,
    save: Callable[[dict[str, Any]], str],
    *,
    title: str,
    back: str,
    lead: str = "",
    act: str = "",
    template: str = "settings/form.html",
    page: str = "settings/base.html",
    **context: object,
) -> HttpResponse:
    """Shows a form on a page or in the dialog, and once it holds, saves it and goes `back`.

    `save` takes the cleaned data and returns what to tell the person; a refusal that it raises is shown
    in the form, with what was typed. `template` extends `layout`, which is `page` outside the dialog.
    """
    if form.is_bound and form.is_valid():
        try:
            said = save(form.cleaned_data)
        except Refusal as refusal:
            say_refusal(form, refusal)
        else:
            messages.success(request, said)
            return redirect(back)
    shown = {"form": form, "title": title, "lead": lead, "act": act or _("Save"), "back": back, **context}
    shown["layout"] = "settings/dialog.html" if in_dialog(request) else page
    return render(request, template, shown, status=422 if form.is_bound else 200)


def try_act(request: HttpRequest, act: Callable[[], object], said: str) -> None:
    """Does what a single button asks for, and leaves a message: that it was done, or why it was not."""
    try:
        act()
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, said)
