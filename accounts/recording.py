"""What the audit log hears from the sign-in, and of who leads which team."""

from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from django.contrib.auth import signals as auth
from django.db.models.signals import m2m_changed

from accounts.models import Team, User
from audit.models import Kind
from audit.recording import record


def listen() -> None:
    """Connects all of it, once."""
    for signal, act in (
        (auth.user_logged_in, "signed_in"),
        (auth.user_logged_out, "signed_out"),
        (account.password_changed, "password_changed"),
        (account.password_set, "password_changed"),
        (account.password_reset, "password_reset"),
        (mfa.authenticator_added, "second_factor_added"),
        (mfa.authenticator_removed, "second_factor_removed"),
        (mfa.authenticator_reset, "second_factor_renewed"),
    ):
        signal.connect(_recorder(act), weak=False, dispatch_uid=f"accounts.recording.{act}.{id(signal)}")
    auth.user_login_failed.connect(_on_failure, dispatch_uid="accounts.recording.failure")
    mfa.authentication_failed.connect(_on_second_failure, dispatch_uid="accounts.recording.second_failure")
    m2m_changed.connect(_on_leaders, sender=Team.leaders.through, dispatch_uid="accounts.recording.leaders")


def _recorder(act: str) -> Any:
    def write(sender: object, user: User | None = None, **_: object) -> None:
        if user is not None:
            record(Kind.SIGN_IN, act, person=user.pk, by=user.pk)

    return write


def _on_failure(sender: object, credentials: dict[str, Any], **_: object) -> None:
    """Of an address that nobody here has, nothing is kept but that it was tried."""
    address = User.objects.normalize_email(str(credentials.get("email") or credentials.get("username") or ""))
    person = User.objects.filter(email=address).values_list("pk", flat=True).first() if address else None
    record(Kind.SIGN_IN, "sign_in_failed", person=person)


def _on_second_failure(sender: object, user: User, **_: object) -> None:
    record(Kind.SIGN_IN, "second_factor_failed", person=user.pk)


def _on_leaders(
    sender: object, instance: Team | User, action: str, reverse: bool, pk_set: set[int] | None, **_: object
) -> None:
    """One entry for each pair of a team and somebody who begins or ceases to lead it."""
    if action not in ("post_add", "post_remove", "pre_clear"):
        return
    act = "leader_added" if action == "post_add" else "leader_removed"
    for team, person in sorted(_pairs(instance, reverse, pk_set), key=lambda pair: pair[1]):
        record(Kind.RIGHTS, act, of=team, label=team.name, person=person)


def _pairs(instance: Team | User, reverse: bool, pk_set: set[int] | None) -> list[tuple[Team, int]]:
    if isinstance(instance, Team):
        people = pk_set if pk_set is not None else set(instance.leaders.values_list("pk", flat=True))
        return [(instance, pk) for pk in people]
    teams = instance.led_teams.all() if pk_set is None else Team.objects.filter(pk__in=pk_set)
    return [(team, instance.pk) for team in teams]
