"""What passes between PartnerHub and other programs."""

from .api import ApiToken, IdempotencyKey, TokenScope

__all__ = ["ApiToken", "IdempotencyKey", "TokenScope"]
