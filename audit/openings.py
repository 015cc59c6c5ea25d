"""Who opened whose figures: people may know that about themselves."""

from datetime import date

from audit.models import Opening


def note_opening(*, reader_id: int, person_id: int, what: str, day: date) -> None:
    """Notes that somebody opened the figures of another person, once a day. Of one's own nothing is noted."""
    facts = {"reader_id": reader_id, "person_id": person_id, "what": what, "day": day}
    if reader_id != person_id and not Opening.objects.filter(**facts).exists():
        Opening.objects.bulk_create([Opening(**facts)], ignore_conflicts=True)
