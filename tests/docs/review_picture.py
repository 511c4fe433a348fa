"""The picture of ``parinaya dedupe review`` for the documents: the pair that it asks first of the lists in examples."""

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
    "1", "Mr Suresh Bhargava", ("+919829000102",), city="Ajmer", source="nani_ghar.csv", line=6,
    household="Mr & Mrs Suresh Bhargava",
)  # fmt: skip
_RIGHT = Record(
    "2", "Suresh Bhargava Mama", ("+919829000102",), city="Ajmer", source="mamaji_phone.vcf", line=1
)
_OTHERS = [
    Record(str(place), name, source="nani_ghar.csv", line=place)
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
            "household": one.household,
            "sources": [{"source": one.source, "row": one.line}],
        }
        for ref, one, tags in (("P536", _LEFT, []), ("P549", _RIGHT, ["Family", "Nanihal"]))
    )
    one, other, pair = (uuid.UUID(int=number) for number in (1, 2, 3))
    shown = Duplicate(
        pair, 10, one, other, 536, 549, _LEFT.full_name, _RIGHT.full_name, "bride", "bride", told.odds,
        (), False, None, "", "", None, 0.0, "", False, False,
    )  # fmt: skip
    return PairView(shown, left, right, told, duplicates.why_not_sure(_LEFT, _RIGHT, told))


def screen() -> Text:
    """What stands on the terminal, as rich text: columns are reached by spaces."""
    from rich.cells import cell_len
    from rich.text import Text

    lines = []
    for line in picture(view(), "1 of 11, 0 decided", "", _COLUMNS, _LINES, colour=True):
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
