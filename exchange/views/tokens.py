"""A person's tokens: made, shown once, revoked."""

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.guards import PersonRequest, after_confirming, for_people, say_refusal
from exchange.api.tokens import issue_token, revoke_token
from exchange.forms import TokenForm
from exchange.models import ApiToken
from foundation.errors import Refusal


@never_cache
@for_people
def tokens(request: PersonRequest) -> HttpResponseBase:
    """The tokens, and a form for a new one. Its secret stands in the answer to that form and nowhere else."""
    return _new_token(request) if request.method == "POST" else _page(request, TokenForm())


@after_confirming
def _new_token(request: PersonRequest) -> HttpResponse:
    form = TokenForm(request.POST)
    if form.is_valid():
        try:
            secret = issue_token(by=request.user, **form.asked)[1]
        except Refusal as refusal:
            say_refusal(form, refusal)
        else:
            return _page(request, TokenForm(), secret, status=201)
    return _page(request, form, status=422)


def _page(request: PersonRequest, form: TokenForm, secret: str = "", status: int = 200) -> HttpResponse:
    context = {"form": form, "secret": secret, "tokens": ApiToken.objects.visible_to(request.user)}
    return render(request, "exchange/tokens.html", context, status=status)


@require_POST
@for_people
def token_revoke(request: PersonRequest, pk: int) -> HttpResponse:
    """Ends a token for good."""
    token = get_object_or_404(ApiToken.objects.visible_to(request.user), pk=pk)
    revoke_token(token=token)
    messages.success(request, _("%(name)s is revoked.") % {"name": token.name})
    return redirect("exchange:tokens")
