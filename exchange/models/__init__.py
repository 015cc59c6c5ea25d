"""What passes between PartnerHub and other programs."""

from .api import ApiToken, IdempotencyKey, TokenScope
from .importing import ImportFile, ImportRun, ImportStatus

__all__ = ["ApiToken", "IdempotencyKey", "ImportFile", "ImportRun", "ImportStatus", "TokenScope"]
