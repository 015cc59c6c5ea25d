"""When a start goes without preparing the database again: after nothing has changed, and never otherwise."""

import os
import sqlite3
from contextlib import closing

import pytest

from partnerhub.preparation import Preparation

SIGN_INS = ["Demo sign-ins:", "  Nora"]


def do(file, statement):
    with closing(sqlite3.connect(file)) as database:
        database.execute(statement)
        database.commit()


@pytest.fixture
def place(tmp_path):
    """A project of one file, and a database with one migration and one person."""
    (tmp_path / "apr").mkdir()
    (tmp_path / "apr" / "models.py").write_text("first = 1\n")
    (tmp_path / "requirements.txt").write_text("django==5.2\n")
    file = tmp_path / "site.sqlite3"
    do(file, "CREATE TABLE django_migrations (app TEXT, name TEXT)")
    do(file, "CREATE TABLE accounts_user (id INTEGER PRIMARY KEY, email TEXT)")
    do(file, "INSERT INTO django_migrations VALUES ('apr', '0001_initial')")
    do(file, "INSERT INTO accounts_user VALUES (1, 'nora@fieldstone.example')")
    return tmp_path


def preparation(place):
    return Preparation(place, f"sqlite:///{place}/site.sqlite3")


def test_nothing_changed_so_the_sign_ins_are_remembered(place):
    assert preparation(place).remembered() is None
    preparation(place).remember(SIGN_INS)
    assert preparation(place).remembered() == SIGN_INS


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO django_migrations VALUES ('apr', '0002_more')",
        "DELETE FROM django_migrations",
        "CREATE TABLE another (id INTEGER)",
        "CREATE TRIGGER marks AFTER INSERT ON accounts_user BEGIN SELECT 1; END",
        "DELETE FROM accounts_user",
        "UPDATE accounts_user SET email = 'somebody@else.example'",
        "DROP TABLE django_migrations",
    ],
)
def test_another_database_is_prepared(place, statement):
    preparation(place).remember(SIGN_INS)
    do(place / "site.sqlite3", statement)
    assert preparation(place).remembered() is None


def test_other_code_prepares(place):
    for path, text in (
        ("apr/models.py", "second = 22\n"),
        ("apr/new.py", ""),
        ("requirements.txt", "django\n"),
    ):
        preparation(place).remember(SIGN_INS)
        assert preparation(place).remembered() == SIGN_INS
        (place / path).write_text(text)
        assert preparation(place).remembered() is None, path
    preparation(place).remember(SIGN_INS)
    os.utime(place / "apr/models.py", (1, 1))  # as a checkout does, with a text of the same length
    assert preparation(place).remembered() is None


def test_what_is_gone_broken_or_no_file_is_prepared(place):
    preparation(place).remember(SIGN_INS)
    stamp = place / "site.sqlite3.prepared"
    stamp.write_text(stamp.read_text()[:20])
    assert preparation(place).remembered() is None
    preparation(place).remember(SIGN_INS)
    (place / "site.sqlite3").unlink()
    assert preparation(place).remembered() is None
    elsewhere = Preparation(place, "postgres://postgres@127.0.0.1/partnerhub")
    elsewhere.remember(SIGN_INS)
    assert elsewhere.remembered() is None
