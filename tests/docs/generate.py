"""Write the generated parts of the documents anew, or (``--check``) say which are stale.

python -m tests.docs.generate [--check] [reference] [tutorial] [lists] [households] [vendors] [team] [picture] [review]

reference: docs/reference/cli.md, from the program. tutorial, lists, households, vendors, team: the outputs in these
documents, by running their commands; as long as all are true in substance, a file stays as it is. picture:
docs/images/demo.svg, by running the demo; review: docs/images/review.svg. ``--check`` looks at the reference only: the
tests run the stories.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from tests.docs import reference, review_picture
from tests.docs.story import FINGERPRINT, ROOT, Stage, blocks, elided, is_same, open_stage

REFERENCE = ROOT / "docs" / "reference" / "cli.md"
STORIES = {
    name: ROOT / "docs" / f"{name}.md" for name in ("tutorial", "lists", "households", "vendors", "team")
}
PICTURE = ROOT / "docs" / "images" / "demo.svg"
REVIEW = ROOT / "docs" / "images" / "review.svg"
PARTS = ("reference", *STORIES, "picture", "review")


def is_stale(page: Path) -> bool:
    """Is the reference other than the program would write it?"""
    return not page.is_file() or page.read_text(encoding="utf-8") != reference.render()


def write_reference(page: Path) -> None:
    """Write the reference of the command line."""
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(reference.render(), encoding="utf-8")


def write_story(page: Path) -> None:
    """Run a document; when an output is no longer true, write all of them as they are in this run."""
    text = page.read_text(encoding="utf-8")
    with open_stage() as stage:
        page.write_text(replay(text, stage), encoding="utf-8")


def replay(text: str, stage: Stage) -> str:
    """The document with the outputs that its commands have now; the same text when all of them are true."""
    pieces: list[str] = []
    at, fingerprint, is_true = 0, "", True
    for block in blocks(text):
        if block.words is None:
            continue
        body = ""
        for typed, (_, shown, real) in zip(_commands(block.body), stage.play(block), strict=True):
            is_true = is_true and is_same(block, shown, real)
            typed = FINGERPRINT.sub(fingerprint, typed) if fingerprint else typed
            output = elided(real, block.option("first"))
            fingerprint = [fingerprint, *FINGERPRINT.findall(output)][-1]
            body += f"{typed}\n{output}\n" if output else f"{typed}\n"
        pieces += [text[at : block.start], body]
        at = block.end
    return text if is_true else "".join([*pieces, text[at:]])


def _commands(body: str) -> list[str]:
    """The commands of a console block as they stand there, over several lines where they do."""
    found: list[str] = []
    for line in body.splitlines():
        if line.startswith("$ "):
            found.append(line)
        elif found and found[-1].endswith("\\"):
            found[-1] += f"\n{line}"
    return found


def draw_picture() -> None:
    """Run the demo and draw its end."""
    argv = [sys.executable, "-m", "parinaya_cli", "demo", "--quiet", "--picture", str(PICTURE)]
    subprocess.run(argv, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)


def main(argv: Sequence[str], page: Path = REFERENCE) -> int:
    """Do what was asked; returns the exit code. ``page``: where the reference lies."""
    words = [word for word in argv if word != "--check"]
    unknown = [word for word in words if word not in PARTS]
    if unknown:
        print(f"There is no part {', '.join(unknown)}: there are {', '.join(PARTS)}.", file=sys.stderr)
        return 2
    if "--check" in argv:
        if is_stale(page):
            print("docs/reference/cli.md is not what the program says: run `make docs`.", file=sys.stderr)
            return 1
        return 0
    writers: dict[str, Callable[[], None]] = {
        "reference": lambda: write_reference(page),
        "picture": draw_picture,
        "review": partial(review_picture.draw, REVIEW),
        **{name: partial(write_story, story) for name, story in STORIES.items()},
    }
    for part in words or PARTS:
        print(f"writing the {part}")
        writers[part]()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
