"""Whom one can sign in as in the demo. Light to import: `run.py` shows these lines at every start."""

from django.utils.text import slugify

from accounts.models import User

DOMAIN = "fieldstone.example"
PASSWORD = "actions precede results"  # noqa: S105 - a demo's, printed at every start
SIGN_INS = [
    ("Partner manager", "Nora Lindqvist"),
    ("Account executive", "Ana Kovač"),
    ("Leads a partner team", "Priya Menon"),
    ("Leads a sales team", "Lars Dekker"),
    ("Administrator", "Elif Maes"),
]


def address_of(name: str) -> str:
    """A person's address: first and last name in plain letters."""
    words = name.replace("ł", "l").replace("Ł", "L").split()
    return f"{slugify(words[0])}.{slugify(words[-1])}@{DOMAIN}"


def sign_in_lines() -> list[str]:
    """The people to sign in as with their addresses, where they exist; nothing where there is no demo."""
    known = set(User.objects.values_list("email", flat=True))
    rows = [(role, name, address_of(name)) for role, name in SIGN_INS if address_of(name) in known]
    lines = [f"  {role:22} {name:16} {email}" for role, name, email in rows]
    return [f"Demo sign-ins, password “{PASSWORD}”:", *lines] if lines else []
