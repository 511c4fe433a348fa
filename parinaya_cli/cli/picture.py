"""A picture of the terminal for the documents, drawn by rich."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import RenderableType


def draw(path: Path, title: str, shape: RenderableType) -> None:
    """Write what a terminal of 100 columns would show as an SVG, in place of what was there."""
    import io
    import re

    from rich.console import Console

    console = Console(record=True, width=100, file=io.StringIO(), force_terminal=True)
    console.print(f"$ {title}\n", highlight=False, markup=False)
    console.print(shape)
    svg = console.export_svg(title=title, unique_id="parinaya")
    # The theme links to fonts on the net; the picture must not ask anybody for anything.
    svg = re.sub(r"@font-face\s*\{.*?\}", "", svg, flags=re.DOTALL)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(svg, encoding="utf-8")
