"""A small wedding for each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from tests.services.wedding_kit import Scene, open_scene

collect_ignore = [] if shutil.which("soffice") else ["test_exports_office.py"]


@pytest.fixture
def scene(database_url: str) -> Iterator[Scene]:
    """A wedding in a database of its own."""
    with open_scene(database_url) as opened:
        yield opened
