"""What is installed is pinned by hash, and nothing says where it comes from."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("path", sorted(ROOT.glob("requirements*.txt")), ids=lambda path: path.name)
def test_every_python_package_is_pinned_and_hashed(path):
    text = path.read_text().replace("\\\n", " ")
    packages = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    assert packages
    for line in packages:
        assert re.match(r"[a-z0-9-]+(\[[a-z,]+\])?==\S+ ", line), line
        assert "--hash=sha256:" in line, line
    assert "://" not in re.sub(r"#.*", "", text)


def test_every_browser_package_is_pinned_and_hashed():
    lock = json.loads((ROOT / "package-lock.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages
    for name, entry in packages.items():
        assert entry["integrity"].startswith("sha512-"), name
        assert "resolved" not in entry, name
