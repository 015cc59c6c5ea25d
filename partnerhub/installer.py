"""Brings what PartnerHub needs into `.venv` and `node_modules`, once per change of the lock files.

Standard library only.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

from partnerhub.family import Family
from partnerhub.supervisor import say

OLDEST_NODE = 18
HOW_TO_GO_ON = (
    "What was fetched so far is kept, so the same command goes on from there.\n"
    "Offline? Connect first. Behind a proxy? Set HTTPS_PROXY.\n"
    "A mirror? Set PIP_INDEX_URL and UV_INDEX_URL, or npm_config_registry."
)


class SetupError(Exception):
    """A step that cannot go on; the message says what failed and what to do."""


class Installer:
    """Installs by hash from the committed lock files; what is already there is left alone."""

    def __init__(self, family: Family, root: Path) -> None:
        self.family = family
        self.root = root
        self.venv = root / ".venv"
        self.python = self.venv / "bin" / "python"
        self.env = {**os.environ, "VIRTUAL_ENV": str(self.venv), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}

    def install(self, requirements: str) -> None:
        """Make `.venv`, with the given requirements file, and `node_modules`."""
        if not self._works(self.python):
            self._make_venv()
        self._install_python_packages(requirements)
        self._install_browser_packages()

    def _works(self, python: Path) -> bool:
        return python.exists() and subprocess.call([python, "-c", ""], stderr=subprocess.DEVNULL) == 0

    def _make_venv(self) -> None:
        say("== Making .venv")
        uv = shutil.which("uv")
        if uv:
            made = self._run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(self.venv)])
        elif importlib.util.find_spec("ensurepip"):
            made = self._run([sys.executable, "-m", "venv", "--clear", str(self.venv)])
        else:
            raise SetupError(
                "This Python cannot make a virtual environment. On Debian or Ubuntu: apt install python3-venv"
            )
        if not made:
            raise SetupError(f"Making {self.venv} failed; the lines above say why.")

    def _install_python_packages(self, requirements: str) -> None:
        stamp = Stamp(self.venv / f".installed-{requirements}", self.root / requirements)
        if stamp.is_current():
            return
        say(f"== Installing the Python packages of {requirements} (a minute or two the first time)")
        if not self._pip_install(requirements):
            raise SetupError(
                f"Installing the packages of {requirements} failed; the lines above say why.\n{HOW_TO_GO_ON}"
            )
        stamp.set()

    def _pip_install(self, requirements: str) -> bool:
        """Install by hash: with uv when it can, with pip otherwise."""
        uv = shutil.which("uv") or self._uv_from_package()
        if uv and self._run([uv, "pip", "install", "--require-hashes", "-r", requirements]):
            return True
        if not self._works_as(["-m", "pip", "--version"]):
            return False
        return self._run([str(self.python), "-m", "pip", "install", "--require-hashes", "-r", requirements])

    def _uv_from_package(self) -> str | None:
        """uv is quick, and PyPI carries it; without it pip does the same more slowly."""
        uv = self.venv / "bin" / "uv"
        if not uv.exists():
            self._run(
                [
                    str(self.python),
                    "-m",
                    "pip",
                    "install",
                    "-q",
                    "--require-hashes",
                    "-r",
                    "requirements-uv.txt",
                ]
            )
        return str(uv) if uv.exists() else None

    def _works_as(self, arguments: list[str]) -> bool:
        return (
            subprocess.call([self.python, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            == 0
        )

    def _install_browser_packages(self) -> None:
        stamp = Stamp(self.root / "node_modules" / ".installed", self.root / "package-lock.json")
        if stamp.is_current():
            return
        say("== Installing the packages for the browser")
        path = self._path_with_node()
        npm = shutil.which("npm", path=path)
        env = {**self.env, "PATH": path}
        if not npm or self.family.run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], env):
            raise SetupError(
                f"Installing from package-lock.json failed; the lines above say why.\n{HOW_TO_GO_ON}"
            )
        stamp.set()

    def _path_with_node(self) -> str:
        """A PATH with a Node new enough: the machine's own, else the one that PyPI carries."""
        if shutil.which("npm") and _node_version() >= OLDEST_NODE:
            return os.environ["PATH"]
        bin_dir = self.venv / "bin"
        if not (bin_dir / "npm").exists():
            say("   no Node here, so we take the one that comes as a Python package")
            if not self._pip_install("requirements-node.txt"):
                raise SetupError(f"Installing Node (requirements-node.txt) failed.\n{HOW_TO_GO_ON}")
        return f"{bin_dir}{os.pathsep}{os.environ['PATH']}"

    def _run(self, command: list[str]) -> bool:
        return self.family.run(command, self.env) == 0


class Stamp:
    """Remembers that a lock file was installed, by the hash of its content."""

    def __init__(self, path: Path, lock_file: Path) -> None:
        self.path = path
        self.value = hashlib.sha256(lock_file.read_bytes()).hexdigest()

    def is_current(self) -> bool:
        return self.path.exists() and self.path.read_text() == self.value

    def set(self) -> None:
        self.path.write_text(self.value)


def _node_version() -> int:
    """The major version of the machine's Node, or 0."""
    node = shutil.which("node")
    if not node:
        return 0
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    digits = answer.strip().lstrip("v").split(".")[0]
    return int(digits) if digits.isdigit() else 0
