"""What is loaded before a command does anything: no database, no HTTP, no queue."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = frozenset(
    {
        *("sqlmodel", "sqlalchemy", "psycopg", "alembic", "pydantic"),
        *("httpx", "rq", "redis", "starlette", "uvicorn"),
        *("googleapiclient", "openpyxl", "phonenumbers", "yaml"),
    }
)
ROOT = Path(__file__).parents[2]

_PROGRAM = """
import sys
from parinaya_cli.__main__ import main
try:
    code = main()
finally:
    print("LOADED", *sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
sys.exit(code)
"""


def loaded_by(*argv: str) -> set[str]:
    """The top-level modules that a command line loads in an interpreter of its own."""
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, *argv],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    [line] = [each for each in done.stderr.splitlines() if each.startswith("LOADED ")]
    return set(line.split()[1:])


@pytest.mark.parametrize(
    "argv", [["--version"], ["--help"], ["config", "--help"], ["config", "show"]], ids=" ".join
)
def test_no_heavy_library_is_loaded(argv: list[str]) -> None:
    loaded = loaded_by(*argv)
    assert "parinaya_cli" in loaded
    assert not loaded & HEAVY


def test_the_version_is_told_before_anything_is_loaded() -> None:
    assert not loaded_by("--version") & {"typer", "rich", "platformdirs"}


def test_pages_of_help_are_drawn_without_rich() -> None:
    loaded = loaded_by("--help")
    assert "typer" in loaded
    assert not loaded & {"rich", "platformdirs", "tomllib"}


def test_a_heavy_library_would_be_seen() -> None:
    """The test above can fail: what a command loads is in the list."""
    program = _PROGRAM.replace("import sys\n", "import sys, yaml\n", 1)
    done = subprocess.run(
        [sys.executable, "-c", program, "--version"], capture_output=True, text=True, cwd=ROOT, timeout=60
    )
    assert " yaml" in done.stderr
