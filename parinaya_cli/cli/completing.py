"""Values that a shell completes. They come out of a small file, which commands that run anyway keep fresh.

A key pressed in a shell must be answered at once, so no server is asked, let alone started. The file lies beside the
settings, for the eyes of its user only, and holds slugs, names of templates and numbers of refs: nobody's name.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parinaya_cli.domain.errors import ParinayaError

if TYPE_CHECKING:
    from typer._click import Context, Parameter

MOST = 200
"""Refs that are offered at most: more fill screens."""
FRESH, CHANGED = 300.0, 3.0
"""Seconds for which the file is good; after a command that changed something."""

_NAME = "completion.json"
_OPTIONS = {
    "--wedding": "weddings",
    "--event": "events",
    "--template": "templates",
    "--unit": "U",
    "--primary": "P",
    "--member": "P",
    "--keep": "P",
    "--add": "P",
    "--remove": "P",
}
_ARGUMENTS = {
    "PERSON": "P",
    "PERSON...": "P",
    "PERSON... TAG": "P",
    "(PERSON|PHONE)": "P",
    "(PERSON|UNIT)": "PU",
    "UNIT": "U",
    "[UNIT]": "U",
    "UNIT...": "U",
    "EVENT": "events",
    "TEMPLATE": "templates",
    "B": "B",
    "[B]": "B",
    "ITEM": "N",
    "GIFT": "G",
    "EXPORT": "X",
    "IMPORT": "I",
    "PAIR": "D",
    "APPLY": "A",
    "SLUG": "weddings",
}
"""What completes an argument, by what stands for it in help: words of the file, or letters of refs."""


def values_for(param: Parameter) -> Callable[[Context, Parameter, str], list[str]] | None:
    """What completes a parameter; None: nothing that the file holds."""
    if param.param_type_name == "argument":
        kind = _ARGUMENTS.get(getattr(param, "metavar", None) or "")
    else:
        kind = next((_OPTIONS[word] for word in param.opts if word in _OPTIONS), None)
    if kind is None:
        return None

    def offer(ctx: Context, _param: Parameter, incomplete: str) -> list[str]:
        return offers(kind, incomplete, ctx.params.get("call_wedding"))

    return offer


def offers(kind: str, incomplete: str, wedding: str | None = None) -> list[str]:
    """The values of a kind that begin with what is typed so far, in the wedding that is meant."""
    known = _read(_place())
    if kind == "weddings":
        return [one for one in known.get("weddings", ()) if one.startswith(incomplete)]
    words = known.get("by_wedding", {}).get(_which(known, wedding), {})
    if kind in ("events", "templates"):
        return [one for one in words.get(kind, ()) if one.startswith(incomplete)]
    last = words.get("last", {})
    return [ref for letter in kind for ref in _refs(letter, last.get(letter, 0), incomplete.upper())][:MOST]


def _refs(letter: str, last: int, incomplete: str) -> Sequence[str]:
    """The refs that begin so: the one itself, then those that are a digit longer, and so on."""
    digits = incomplete[1:]
    if not letter.startswith(incomplete[:1]) or (digits and not digits.isdecimal()) or digits.startswith("0"):
        return []
    found: list[int] = []
    first, span = int(digits or 1), 1 if digits else 9
    while first <= last and len(found) < MOST:
        found += range(first, min(first + span, last + 1))
        first, span = first * 10, span * 10
    return [f"{letter}{number}" for number in found]


def _which(known: Mapping[str, Any], wedding: str | None) -> str:
    """The wedding that is meant: by the option, the settings, or as the only one."""
    if wedding:
        return wedding
    from parinaya_cli import settings

    there = known.get("weddings", ())
    try:
        chosen = settings.load().wedding
    except ParinayaError:
        chosen = None  # a shell is no place to tell of broken settings
    return chosen or (there[0] if len(there) == 1 else "")


def _place() -> Path:
    from parinaya_cli.settings import config_file

    return config_file().parent / _NAME


def _read(path: Path) -> dict[str, Any]:
    """What the file holds; nothing when there is none, or it is broken."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


# ── keeping it fresh ───────────────────────────────────────────────────────────────────────────────────


def refresh(config_file: Path, words: Callable[[], Mapping[str, Any]], *, changed: bool) -> None:
    """After a command that worked on a wedding: write the file anew, if it is old.

    ``words``: asks for what may be completed. ``changed``: the command may have changed something.
    """
    path = config_file.parent / _NAME
    with contextlib.suppress(ParinayaError, OSError):  # the command is done, and this is no part of it
        if _is_good(path, CHANGED if changed else FRESH) or not path.parent.is_dir():
            return
        _write(path, _joined(_read(path), words()))


def _is_good(path: Path, seconds: float) -> bool:
    try:
        return 0 <= time.time() - path.stat().st_mtime < seconds
    except FileNotFoundError:
        return False


def _joined(known: Mapping[str, Any], words: Mapping[str, Any]) -> dict[str, object]:
    """The words of this wedding beside those of others that are still there."""
    own = {name: words[name] for name in ("events", "templates", "last")}
    kept = {slug: one for slug, one in known.get("by_wedding", {}).items() if slug in words["weddings"]}
    return {"weddings": words["weddings"], "by_wedding": {**kept, words["wedding"]: own}}


def _write(path: Path, told: Mapping[str, object]) -> None:
    """Put the file there whole, readable by its user alone (a temporary file is made with mode 0600)."""
    import tempfile

    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".completion-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(told, file, ensure_ascii=False)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
