"""What the last preparation of an SQLite database left. A start after which nothing has changed need not load
the site to find that nothing is to be done. Standard library only."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path

PREFIX = "sqlite:///"
NOT_OURS = {".venv", "node_modules", "var", "tests", "staticfiles", "__pycache__", ".git"}
# Tables, triggers, migrations, and who is there: all that a preparation looks at.
STATE = (
    "SELECT type, name, sql FROM sqlite_master ORDER BY type, name",
    "SELECT app, name FROM django_migrations ORDER BY app, name",
    "SELECT email FROM accounts_user ORDER BY id",
)


class Preparation:
    """The stamp beside the file of an SQLite database; for other databases there is none."""

    def __init__(self, root: Path, database_url: str) -> None:
        self.root = root
        self.file = Path(database_url.removeprefix(PREFIX)) if database_url.startswith(PREFIX) else None
        self.stamp = None if self.file is None else self.file.with_name(f"{self.file.name}.prepared")

    def remembered(self) -> list[str] | None:
        """The sign-ins that the last preparation told; None where code or database differ since."""
        if self.stamp is None or not self.stamp.exists():
            return None
        try:
            known = json.loads(self.stamp.read_text())
        except ValueError:  # half written by a start that was killed
            return None
        state = self._state()
        return list(known["sign_ins"]) if state and known["state"] == state else None

    def remember(self, sign_ins: list[str]) -> None:
        """Writes down what the database and the code are now."""
        if self.stamp is not None and (state := self._state()):
            self.stamp.write_text(json.dumps({"state": state, "sign_ins": sign_ins}))

    def _state(self) -> str:
        """A digest of code and database; empty where there is nobody yet, or the file cannot be read."""
        if self.file is None or not self.file.exists():
            return ""
        digest = hashlib.sha256()
        try:
            with closing(sqlite3.connect(self.file)) as database:
                for query in STATE:
                    rows = database.execute(query).fetchall()
                    digest.update(repr(rows).encode())
        except sqlite3.Error:
            return ""
        if not rows:
            return ""
        for path in self._sources():
            about = path.stat()
            digest.update(f"{path} {about.st_mtime_ns} {about.st_size}\n".encode())
        return digest.hexdigest()

    def _sources(self) -> list[Path]:
        """Everything that decides which migrations there are, ours and the libraries'."""
        ours = [each for each in self.root.iterdir() if each.is_dir() and each.name not in NOT_OURS]
        found = [path for folder in ours for path in folder.rglob("*.py")]
        return sorted([*found, self.root / "requirements.txt"])
