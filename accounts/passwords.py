"""What is asked of a password. Those that stand in lists of stolen ones are refused by Django's own list."""

from django.contrib.auth.password_validation import MinimumLengthValidator
from django.utils.translation import gettext as _


class LengthValidator(MinimumLengthValidator):
    """Eight characters are asked, fifteen are advised; spaces and all letters count, and there is no end."""

    def get_help_text(self) -> str:
        """Stands at every field where somebody chooses a password."""
        return _(
            "At least %(least)d characters, better 15: a few words that only you would put together."
        ) % {"least": self.min_length}
