"""What passes between PartnerHub and other programs."""

from .api import ApiToken, IdempotencyKey, TokenScope
from .importing import MOVING, ImportFile, ImportLine, ImportMapping, ImportRun, ImportStatus, Outcome

__all__ = [
    "MOVING",
    "ApiToken",
    "IdempotencyKey",
    "ImportFile",
    "ImportLine",
    "ImportMapping",
    "ImportRun",
    "ImportStatus",
    "Outcome",
    "TokenScope",
]
