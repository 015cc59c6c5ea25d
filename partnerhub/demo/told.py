"""What the people of the demo are told. Letters go only to those one can sign in as, and from tomorrow on,
because the worker of a demo prints them."""

from accounts.models import User
from apr.models import Digest, DigestKind, NotificationChoice, Rhythm
from apr.nudges.telling import tell
from apr.nudges.weeks import last_week
from partnerhub.demo.sign_ins import SIGN_INS


def write_notifications() -> None:
    """Tells everybody what needs them now, and keeps today's letters from being written."""
    tell()
    names = {name for _role, name in SIGN_INS}
    people = list(User.objects.active())
    NotificationChoice.objects.bulk_create(
        NotificationChoice(person=one, digest=Rhythm.OFF, team_digest=False)
        for one in people
        if one.name not in names
    )
    Digest.objects.bulk_create(
        Digest(person=one, kind=kind, day=one.today(), week=last_week(one.today()))
        for one in people
        if one.name in names
        for kind in DigestKind
    )
