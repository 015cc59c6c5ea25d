"""The timetable: every tick that Celery's beat sends, in one place.

A tick says "look": the work stands in tables, so a tick that is lost, late or doubled changes nothing.
Each expires after two rounds, so that a stopped worker does not meet a heap of them.
"""

from typing import Any

QUEUES = ("rollup", "mail", "exchange", "analysis")
HEARTBEAT_SECONDS = 10


def tick(task: str, seconds: float, queue: str, *args: Any) -> dict[str, Any]:
    """A beat entry that runs `task` in `queue` every so many seconds."""
    return {
        "task": task,
        "schedule": seconds,
        "args": args,
        "options": {"queue": queue, "expires": max(2, 2 * seconds)},
    }


SCHEDULE: dict[str, dict[str, Any]] = {
    # Scores follow what people do within a second or two.
    "bring scores up to date": tick("apr.drain", 1, "rollup"),
    # Whether all that is stored is right; the answer stands in /health/.
    "compare scores with their source": tick("apr.audit", 3600, "analysis"),
    # Entries of the audit log have their place in the chain; right after their commit, or else now.
    "seal the audit log": tick("audit.seal", 5, "rollup"),
    # Whether actions precede results is looked at once a day, and within a minute of the first start.
    "look for evidence": tick("apr.study", 60, "analysis"),
    # A trial of a nudge is counted once, within minutes of the day on which it can be.
    "count trials that are over": tick("apr.count_trials", 300, "analysis"),
    # People learn within minutes what needs them, and as soon that it does not any more.
    "tell people what needs them": tick("apr.nudge", 120, "analysis"),
    # Digests come within minutes of the hour that somebody chose.
    "write digests": tick("apr.digest", 300, "mail"),
    # What was settled half a year ago is not looked up any more.
    "forget old notifications": tick("apr.forget_old_notifications", 6 * 3600, "analysis"),
    # A period that somebody closes is stored within seconds.
    "close periods": tick("apr.close_periods", 5, "analysis"),
    # Mail that the site has written down is sent within seconds of being written.
    "send waiting mail": tick("accounts.send_waiting_mail", 5, "mail"),
    # Files on their way in are checked and applied within seconds.
    "work on imports": tick("exchange.run_imports", 2, "exchange"),
    # Programs ask again within minutes; after two days nobody does.
    "forget answers kept for programs": tick("exchange.forget_old_answers", 3600, "exchange"),
    # Sent mail is kept a month to answer "was I written to?", then goes.
    "forget sent mail": tick("accounts.forget_sent_mail", 3600, "mail"),
    # The organisation's holidays are known for the years to come.
    "keep the calendar ahead": tick("accounts.extend_calendar", 6 * 3600, "analysis"),
    # One heartbeat per queue shows that beat, broker and a worker for that queue all live (see /health/).
    **{
        f"heartbeat of {queue}": tick("partnerhub.heartbeat", HEARTBEAT_SECONDS, queue, queue)
        for queue in QUEUES
    },
}
