"""What log lines may not hold."""

import logging

from django.http import HttpRequest

SECRETS = frozenset({"token", "key"})  # parts of an address that open an account


def path_to_log(request: HttpRequest) -> str:
    """The path; where a part of it is a secret (an invitation, a forgotten password), its pattern instead."""
    match = request.resolver_match
    return f"/{match.route}" if match and SECRETS & match.kwargs.keys() else request.path


class NoSecrets(logging.Filter):
    """Django's own lines about a request name its path: they too name the pattern where that is a secret."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always lets the line pass, changed where needed."""
        request = getattr(record, "request", None)
        if isinstance(request, HttpRequest) and isinstance(record.args, tuple):
            shown = path_to_log(request)
            record.args = tuple(shown if one == request.path else one for one in record.args)
        return True
