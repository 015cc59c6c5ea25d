"""All that is held on a person, as a file: for oneself, and for administrators who are asked for it."""

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.guards import PersonRequest, after_confirming, for_administrators, for_people
from accounts.models import User
from exchange.permissions import may_take_out_all_of
from exchange.personal import personal_archive


@require_POST
@for_people
@after_confirming
def own_data(request: PersonRequest) -> HttpResponse:
    """All that is held on oneself. It is a POST because it is put on record."""
    return _archive(request, request.user)


@require_POST
@for_administrators
@after_confirming
def data_of(request: PersonRequest, pk: int) -> HttpResponse:
    """All that is held on somebody else, without what is private to two people."""
    return _archive(request, get_object_or_404(User, pk=pk))


def _archive(request: PersonRequest, person: User) -> HttpResponse:
    if not may_take_out_all_of(request.user, person):
        raise PermissionDenied
    response = HttpResponse(personal_archive(person=person, by=request.user), content_type="application/zip")
    day = timezone.localdate().isoformat()
    response["Content-Disposition"] = f'attachment; filename="person-{person.pk}-{day}.zip"'
    return response
