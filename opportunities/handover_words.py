"""What is said of an offer: how long there is for the answer, and what became of it."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.calendar import WorkingCalendar
from foundation.wording import day, number


@dataclass(frozen=True)
class Clock:
    """The working days after today until the last day for something, and how many it is over."""

    due_on: date
    left: int
    over: int

    @property
    def is_over(self) -> bool:
        """Whether the last day has passed."""
        return self.over > 0

    @property
    def words(self) -> str:
        """`answer by Thu 17 Sep, 2 working days left`."""
        if self.is_over:
            words = ngettext(
                "the answer was due %(day)s, %(count)s working day ago",
                "the answer was due %(day)s, %(count)s working days ago",
                self.over,
            )
            return words % {"day": day(self.due_on), "count": number(self.over)}
        if not self.left:
            return _("answer by %(day)s, the last day") % {"day": day(self.due_on)}
        words = ngettext(
            "answer by %(day)s, %(count)s working day left",
            "answer by %(day)s, %(count)s working days left",
            self.left,
        )
        return words % {"day": day(self.due_on), "count": number(self.left)}


def clock_of(due_on: date, today: date, calendar: WorkingCalendar) -> Clock:
    """How it stands `today`: left are the working days after it up to the last one, which is in; over are
    those from the last day's end up to today, at least 1 once it has passed."""
    next_day = timedelta(days=1)
    left = calendar.working_days(today + next_day, due_on + next_day)
    over = max(calendar.working_days(due_on + next_day, today + next_day), 1) if today > due_on else 0
    return Clock(due_on, left, over)
