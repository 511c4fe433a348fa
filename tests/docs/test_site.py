"""The documents' site: every page is on it, every link leads somewhere, and nothing is loaded from elsewhere."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.docs import site
from tests.docs.story import ROOT

FROM_ELSEWHERE = re.compile(
    r"""<(?:script|img|iframe|source)[^>]+src=["']?(?:https?:)?//|<link[^>]+href=["']?https?:"""
)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site."""
    to = tmp_path_factory.mktemp("documents")
    site.build(to)
    return to / "site"


def test_every_document_is_a_page(built: Path) -> None:
    for page in sorted((ROOT / "docs").rglob("*.md")):
        assert (built / page.relative_to(ROOT / "docs").with_suffix(".html")).is_file(), page
    assert "First steps" in (built / "index.html").read_text(encoding="utf-8")


def test_every_document_stands_in_the_navigation() -> None:
    groups = tomllib.loads(site.SETTINGS.read_text(encoding="utf-8"))["project"]["nav"]
    named = {page for group in groups for entry in group.values() for page in _pages(entry)}
    documents = {str(page.relative_to(ROOT / "docs")) for page in (ROOT / "docs").rglob("*.md")}
    assert named == documents | {"index.md", "examples.md"}


def _pages(entry: object) -> list[str]:
    if isinstance(entry, list):
        return [page for part in entry for page in _pages(part)]
    if isinstance(entry, dict):
        return [page for part in entry.values() for page in _pages(part)]
    return [str(entry)]


def test_nothing_is_loaded_from_elsewhere(built: Path) -> None:
    for page in sorted(built.rglob("*.html")):
        assert not FROM_ELSEWHERE.search(page.read_text(encoding="utf-8")), page


def test_a_link_that_leads_nowhere_ends_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree = tmp_path / "tree"
    for part in ("docs", "examples"):
        (tree / part).mkdir(parents=True)
    for name, text in {"README.md": "# A", "LICENSE": "L", "examples/README.md": "# E"}.items():
        (tree / name).write_text(text, encoding="utf-8")
    (tree / "docs" / "lists.md").write_text("# L\n\nSee [what is not there](nowhere.md).\n", encoding="utf-8")
    monkeypatch.setattr(site, "ROOT", tree)
    with pytest.raises(subprocess.CalledProcessError):
        site.build(tmp_path / "to")
