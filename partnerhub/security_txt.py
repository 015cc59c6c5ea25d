"""`/.well-known/security.txt` (RFC 9116): to whom somebody writes who found a weakness."""

from datetime import timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

VALID_FOR = timedelta(days=180)


@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """The contact that the operator set; absent while there is none."""
    if not settings.SECURITY_CONTACT:
        raise Http404
    until = (timezone.now() + VALID_FOR).replace(microsecond=0)
    text = (
        f"Contact: {settings.SECURITY_CONTACT}\n"
        f"Expires: {until.isoformat().replace('+00:00', 'Z')}\n"
        f"Canonical: {settings.SITE_URL.rstrip('/')}{request.path}\n"
    )
    return HttpResponse(text, content_type="text/plain; charset=utf-8")
