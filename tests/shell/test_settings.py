"""Settings come from the environment; production refuses to start half told."""

import ast
import itertools
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "DEBUG": "False",
    "SECRET_KEY": "long-enough-for-a-test-" * 3,
    "ALLOWED_HOSTS": "hub.example.com",
    "DATABASE_URL": "postgres://hub:secret@localhost:5432/hub",
}


def check(variables, *arguments):
    """`manage.py check` in a process of its own, with these variables and no others of ours."""
    ours = read_by_settings() | {"DJANGO_SETTINGS_MODULE", "DJANGO_ALLOW_ASYNC_UNSAFE"}
    env = {name: value for name, value in os.environ.items() if name not in ours} | variables
    command = [sys.executable, "manage.py", "check", *arguments]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False)


def read_by_settings():
    tree = ast.parse((ROOT / "partnerhub" / "settings.py").read_text())
    return {
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "env"
        and isinstance(node.args[0], ast.Constant)
    }


def test_the_example_lists_exactly_what_the_settings_read():
    lines = (ROOT / ".env.example").read_text().splitlines()
    listed = [line.split("=")[0] for line in lines if line and not line.startswith("#")]
    assert sorted(listed) == sorted(read_by_settings())


def test_the_example_says_what_each_is_for():
    lines = (ROOT / ".env.example").read_text().splitlines()
    for above, line in itertools.pairwise(lines):
        if re.match("[A-Z_]+=", line):
            assert above.startswith("# "), line


def test_production_passes_the_deployment_check_in_silence():
    done = check(PRODUCTION, "--deploy", "--fail-level", "WARNING")
    assert done.stderr == ""
    assert done.returncode == 0
    assert done.stdout == "System check identified no issues (0 silenced).\n"


@pytest.mark.parametrize("name", ["SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL"])
def test_production_refuses_to_start_without(name):
    done = check({key: value for key, value in PRODUCTION.items() if key != name})
    assert done.returncode != 0
    assert f"With DEBUG=False PartnerHub needs: {name} (" in done.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "only-for-development"),
        ("SECRET_KEY", "only-for-development" * 5),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "x" * 60),
        ("ALLOWED_HOSTS", "*"),
        ("DATABASE_URL", ""),
    ],
)
def test_production_refuses(name, value):
    done = check({**PRODUCTION, name: value})
    assert done.returncode != 0
    assert f"PartnerHub needs: {name} (" in done.stderr


def test_production_names_all_it_lacks_at_once():
    done = check({"DEBUG": "False"})
    for name in ("SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL"):
        assert f"{name} (" in done.stderr
