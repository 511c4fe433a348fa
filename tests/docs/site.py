"""The documents as one site: python -m tests.docs.site [--to DIR]

The pages stay where they are read in a checkout; here they are put side by side, the README in front, and built by
zensical after ``.zensical.toml``. A link that leads nowhere ends it with 1.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.docs.story import ROOT

SETTINGS = ROOT / ".zensical.toml"
_LINK = re.compile(r"\]\((?!https?:|#)([^)]+)\)")


def gather(into: Path) -> None:
    """Put all pages into one folder, their links changed for it; what lay there before goes."""
    shutil.rmtree(into, ignore_errors=True)
    shutil.copytree(ROOT / "docs", into)
    for page in into.rglob("*.md"):
        _write(page, page.read_text(encoding="utf-8"), {"../examples/README.md": "examples.md"})
    _write(into / "examples.md", (ROOT / "examples" / "README.md").read_text(encoding="utf-8"), {})
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    _write(into / "index.md", readme, {"examples/README.md": "examples.md", "LICENSE": "licence.md"})
    (into / "licence.md").write_text(
        f"# Licence\n\n{(ROOT / 'LICENSE').read_text(encoding='utf-8')}", encoding="utf-8"
    )


def _write(page: Path, text: str, moved: dict[str, str]) -> None:
    """Write a page whose links to ``docs/`` and to what was moved lead to where these lie now."""

    def mended(link: re.Match[str]) -> str:
        target, mark, part = link[1].partition("#")
        target = moved.get(target, target.removeprefix("../docs/").removeprefix("docs/"))
        if target and not target.endswith(".md") and not (page.parent / target).exists():
            return f"](examples.md{mark}{part})"  # an example file: its page says what it is
        return f"]({target}{mark}{part})"

    page.write_text(_LINK.sub(mended, text), encoding="utf-8")


def build(to: Path) -> None:
    """Build the site into ``to / "site"``, from ``to / "docs"``.

    Raises:
        subprocess.CalledProcessError: a page is missing, or a link leads nowhere.
    """
    gather(to / "docs")
    settings = to / "zensical.toml"
    settings.write_text(SETTINGS.read_text(encoding="utf-8").replace('"build/', '"'), encoding="utf-8")
    zensical = str(Path(sys.executable).with_name("zensical"))
    subprocess.run(
        [zensical, "build", "--strict", "--clean", "--config-file", str(settings)], check=True, cwd=to
    )


def main() -> int:
    """Build it."""
    told = argparse.ArgumentParser(description=__doc__)
    told.add_argument(
        "--to", type=Path, default=ROOT / "build", help="where the folders docs and site are made"
    )
    to = told.parse_args().to.resolve()
    to.mkdir(parents=True, exist_ok=True)
    try:
        build(to)
    except subprocess.CalledProcessError as failed:
        return failed.returncode
    print(f"The documents: {to / 'site' / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
