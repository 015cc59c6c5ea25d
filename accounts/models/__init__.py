"""People, roles, teams and the organisation they belong to."""

from accounts.mail import OutgoingMail

from .organisation import Absence, ExchangeRate, Holiday, Organisation
from .people import Invitation, Role, RoleGrant, User
from .teams import Membership, Team, TeamKind

__all__ = [
    "Absence",
    "ExchangeRate",
    "Holiday",
    "Invitation",
    "Membership",
    "Organisation",
    "OutgoingMail",
    "Role",
    "RoleGrant",
    "Team",
    "TeamKind",
    "User",
]
