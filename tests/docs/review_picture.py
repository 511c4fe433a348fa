"""The picture of ``parinaya dedupe review`` for the documents: one pair of an invented list."""

from __future__ import annotations

import re
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from parinaya_cli.cli.dedupe_review import picture
from parinaya_cli.domain import duplicates
from parinaya_cli.domain.dedupe.explain import explain
from parinaya_cli.domain.dedupe.normalise import Record
from parinaya_cli.domain.dedupe.scan import scan
from parinaya_cli.services.duplicates import PairView
from parinaya_cli.store.duplicates import Duplicate

if TYPE_CHECKING:
    from rich.text import Text

_COLUMNS, _LINES = 100, 26
_MOVE = re.compile(r"\x1b\[(\d+)G")
_LEFT = Record(
    "1", "Dr. Subramaniam Ramanathan", ("+919840055501",), city="Chennai", source="papa.xlsx", line=14
)
_RIGHT = Record("2", "S. Ramanathan", ("+919840055501",), city="Madras", source="mummy.vcf", line=3)
_OTHERS = [
    Record(str(place), name, source="papa.xlsx", line=place)
    for place, name in enumerate(
        ("Anita Gupta", "Suresh Menon", "Leena Shah", "Gopal Iyer", "Kavita Rao"), 20
    )
]


def view() -> PairView:
    """The pair as a review would show it."""
    found = scan([_LEFT, _RIGHT, *_OTHERS])
    told = explain(found.entries[0], found.entries[1], found.signals(0, 1))
    left, right = (
        {
            "ref": ref,
            "full_name": one.full_name,
            "phones": list(one.phones),
            "city": one.city,
            "side": "bride",
            "tags": tags,
            "sources": [{"source": one.source, "row": one.line}],
        }
        for ref, one, tags in (("P14", _LEFT, ["office"]), ("P231", _RIGHT, ["neighbour"]))
    )
    one, other, pair = (uuid.UUID(int=number) for number in (1, 2, 3))
    shown = Duplicate(
        pair, 12, one, other, 14, 231, _LEFT.full_name, _RIGHT.full_name, "bride", "bride", False, False, told.odds,
        (), False, None, "", "", None, 0.0, "", False, False,
    )  # fmt: skip
    return PairView(shown, left, right, told, duplicates.why_not_sure(_LEFT, _RIGHT, told))


def screen() -> Text:
    """What stands on the terminal, as rich text: columns are reached by spaces."""
    from rich.cells import cell_len
    from rich.text import Text

    lines = []
    for line in picture(view(), "4 of 312, 3 decided", "", _COLUMNS, _LINES, colour=True):
        text = Text()
        for at, part in enumerate(_MOVE.split(line)):
            if at % 2:
                text.append(" " * (int(part) - 1 - cell_len(text.plain)))
            else:
                text.append_text(Text.from_ansi(part))
        lines.append(text)
    return Text("\n").join(lines)


def draw(path: Path) -> None:
    """Write the picture."""
    from parinaya_cli.cli import picture as pictures

    pictures.draw(path, "parinaya dedupe review", screen())
