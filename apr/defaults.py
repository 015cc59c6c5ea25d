"""The action types and points of a fresh installation (scoring.md); an admin changes them at will."""

from datetime import date

from apr.models import ActionCategory, ActionType, PointRule

# Early enough that imported history counts from its first day.
SINCE = date(2000, 1, 1)

# key, name, points, category, icon
ACTION_TYPES = [
    ("face_to_face", "Face-to-face meeting", 3, ActionCategory.ENGAGEMENT, "users"),
    ("webinar", "Webinar / demo", 2, ActionCategory.ENGAGEMENT, "presentation"),
    ("conference_call", "Conference call", 2, ActionCategory.ENGAGEMENT, "phone-calling"),
    ("call_to", "Call to", 1, ActionCategory.ENGAGEMENT, "phone-outgoing"),
    ("call_from", "Call from", 1, ActionCategory.ENGAGEMENT, "phone-incoming"),
    ("email", "E-mail", 1, ActionCategory.ENGAGEMENT, "mail"),
    ("coaching_session", "Coaching session", 2, ActionCategory.COACHING, "school"),
    ("joint_deal_review", "Joint deal review", 2, ActionCategory.DEAL_INVOLVEMENT, "users-group"),
    ("partner_introduction", "Partner introduction", 3, ActionCategory.DEAL_INVOLVEMENT, "user-plus"),
    (
        "obstacle_cleared",
        "Obstacle cleared with partner",
        3,
        ActionCategory.DEAL_INVOLVEMENT,
        "barrier-block",
    ),
    ("business_review", "Partner business review", 3, ActionCategory.PARTNER_DEVELOPMENT, "building-store"),
    ("enablement", "Partner enablement session", 2, ActionCategory.PARTNER_DEVELOPMENT, "certificate"),
]


def install_defaults() -> None:
    """Makes the usual action types with their points where there is no action type yet."""
    if ActionType.objects.exists():
        return
    for position, (key, name, points, category, icon) in enumerate(ACTION_TYPES, 1):
        action_type = ActionType.objects.create(
            key=key, name=name, category=category, icon=icon, position=position
        )
        PointRule.objects.create(action_type=action_type, points=points, effective_from=SINCE)
