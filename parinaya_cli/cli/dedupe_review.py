"""``parinaya dedupe review``: pairs side by side on the terminal, one key a decision."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TextIO

from parinaya_cli.cli.options import Call
from parinaya_cli.cli.text import BOLD, YELLOW, is_terminal, may_colour, one_line, shown, styled
from parinaya_cli.domain.errors import Locked, NotFound, UsedWrongly

if TYPE_CHECKING:
    from parinaya_cli.domain.duplicates import Question
    from parinaya_cli.services.duplicates import PairView

_LOOK = 0.25  # seconds between two looks at the size of the window
_WIDEST = 140
_LABEL = 10
_BETWEEN = 3
_LEAST = 0.2  # weights below say nothing
_FIELDS = (
    ("name", "full_name"),
    ("phones", "phones"),
    ("emails", "emails"),
    ("city", "city"),
    ("side", "side"),
    ("tags", "tags"),
    ("family", "household"),
    ("household", "unit"),
    ("lists", "sources"),
    ("notes", "notes"),
)
_KEYS = "[m] one person   [k] keep apart   [s] skip   [u] undo   [q] quit"
_FEW_KEYS = "[m]erge  [k]eep apart  [s]kip  [u]ndo  [q]uit"

Keys = Callable[[Callable[[], None]], str]
"""Waits for a key; calls what it is given when the window has changed. Empty at the end of input."""


# ── the terminal ───────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def terminal(call: Call) -> Iterator[tuple[Keys, TextIO]]:
    """A screen of its own and keys that need no Enter; the terminal is as before at the end.

    Raises:
        UsedWrongly: there is no terminal to look at and to type on.
    """
    out = call.out.stdout
    ready = is_terminal(sys.stdin) and is_terminal(out) and os.environ.get("TERM") != "dumb"
    if call.out.json or not ready:
        raise UsedWrongly(
            f"`{call.command}` needs a terminal.",
            "From a script: parinaya dedupe pairs --unsure --json, then parinaya dedupe decide.",
        )
    import termios
    import tty

    source = sys.stdin.fileno()
    before = termios.tcgetattr(source)
    tty.setcbreak(source, termios.TCSANOW)
    out.write("\x1b[?1049h\x1b[?25l")
    try:
        yield _keys(source, out), out
    finally:
        out.write("\x1b[?25h\x1b[?1049l")
        out.flush()
        termios.tcsetattr(source, termios.TCSANOW, before)


def _keys(source: int, out: TextIO) -> Keys:
    ahead: list[str] = []

    def read(changed: Callable[[], None]) -> str:
        size = os.get_terminal_size(out.fileno())
        while not ahead:
            if select.select([source], [], [], _LOOK)[0]:
                typed = os.read(source, 64)
                if not typed or typed == b"\x04":
                    return ""
                if not typed.startswith(b"\x1b"):  # arrows and the like
                    ahead.extend(typed.decode("utf-8", "ignore").lower())
            elif (now := os.get_terminal_size(out.fileno())) != size:
                size = now
                changed()
        return ahead.pop(0)

    return read


# ── the round ──────────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Review:
    """One sitting: what there is to ask, and what was done so far, which can be taken back."""

    call: Call
    questions: Sequence[Question]
    at: int = 0
    done: list[tuple[int, str]] = field(default_factory=list)
    note: str = ""

    def run(self, keys: Keys, screen: TextIO) -> Review:
        """Ask until all is asked or the operator has had enough."""
        from parinaya_cli.services import duplicates

        while self.at < len(self.questions):
            ref = self.questions[self.at].ref
            try:
                with self.call.app().begin() as tx:
                    view = duplicates.view(tx, ref)
            except NotFound:  # settled meanwhile
                self.at += 1
                continue
            if view.pair.verdict is not None or self._is_answered():
                self.at += 1
                continue

            def draw(view: PairView = view) -> None:
                size = os.get_terminal_size(screen.fileno())
                colour = may_colour(screen, self.call.out.env)
                lines = picture(view, self._head(), self.note, size.columns, size.lines, colour=colour)
                screen.write("\x1b[H\x1b[2J" + "\r\n".join(lines))
                screen.flush()

            draw()
            self.note = ""
            key = ""
            while key not in ("m", "k", "s", "u", "q"):
                key = keys(draw).lower() or "q"
            if key == "q":
                break
            self._do(key, ref)
        return self

    def _is_answered(self) -> bool:
        """Whether it follows from what was decided in this sitting: whoever is one with one is one with the other."""
        from parinaya_cli.domain.duplicates import Joined

        told = [(self.questions[at], verdict) for at, verdict in self.done]
        joined = Joined((one.left, one.right) for one, verdict in told if verdict == "same")
        apart = [
            {joined.of(one.left), joined.of(one.right)} for one, verdict in told if verdict == "different"
        ]
        asked = self.questions[self.at]
        both = {joined.of(asked.left), joined.of(asked.right)}
        return len(both) == 1 or both in apart

    def _head(self) -> str:
        decided = sum(verdict != "" for _, verdict in self.done)
        return f"{self.at + 1} of {len(self.questions)}, {decided} decided"

    def _do(self, key: str, ref: str) -> None:
        if key == "u":
            self._take_back()
            return
        verdict = {"m": "same", "k": "different", "s": ""}[key]
        try:
            if verdict:
                self._decide(ref, verdict)
            self.done.append((self.at, verdict))
        except (Locked, NotFound) as error:
            self.note = error.message
            return
        self.at += 1

    def _decide(self, ref: str, verdict: str) -> None:
        from parinaya_cli.services import duplicates

        with self.call.app().begin(reason=self.call.reason or "seen side by side") as tx:
            duplicates.decide(tx, ref, verdict, only_open=True)

    def _take_back(self) -> None:
        from parinaya_cli.services import duplicates

        if not self.done:
            self.note = "There is nothing to take back."
            return
        at, verdict = self.done.pop()
        try:
            if verdict:
                with self.call.app().begin(reason="taken back in the review") as tx:
                    duplicates.take_back(tx, self.questions[at].ref, verdict)
            self.at, self.note = at, "Taken back."
        except (Locked, NotFound) as error:
            self.note = error.message

    def document(self) -> dict[str, object]:
        """What was done, as a document."""
        told = [verdict for _, verdict in self.done]
        counts = {name: told.count(verdict) for name, verdict in _COUNTED}
        return {**counts, "left": len(self.questions) - self.at + counts["skipped"]}

    def told(self) -> str:
        """What was done, in words."""
        if not self.questions:
            return "There is nothing to decide. Look for more: parinaya dedupe scan"
        did = self.document()
        lines = [
            f"{did['same']} are one person, {did['different']} stay apart, {did['skipped']} skipped; "
            f"{did['left']} are left."
        ]
        if did["same"]:
            lines.append("To merge those who are one: parinaya dedupe apply")
        return "\n".join(lines)


_COUNTED = (("same", "same"), ("different", "different"), ("skipped", ""))


# ── the picture ────────────────────────────────────────────────────────────────────────────────────────


def picture(view: PairView, head: str, note: str, width: int, height: int, *, colour: bool) -> list[str]:
    """The lines of the screen for one pair: at most ``height``, none wider than ``width``."""
    room = max(min(width, _WIDEST) - _LABEL - _BETWEEN, 20)
    columns = room // 2
    top = [styled(f"{view.pair.ref}  Is this one person?", BOLD, colour) + f"   {head}", ""]
    refs = [(str(view.left["ref"]), False)], [(str(view.right["ref"]), False)]
    top += _row("", refs[0], refs[1], " ", columns, colour=colour)
    for label, name in _FIELDS:
        left, right = (_cell(name, one) for one in (view.left, view.right))
        if left or right:
            sign = " " if not (left and right) else "=" if _folded(left) == _folded(right) else "≠"
            ours, theirs = _marked(left, right), _marked(right, left)
            top += _row(label, ours, theirs, sign, columns, colour=colour)
    bottom = ["", note, _KEYS if width > len(_KEYS) else _FEW_KEYS]
    evidence = ["", *_evidence(view, min(width, _WIDEST), colour=colour)]
    spare = max(height - len(bottom), 1)
    return [*[*top, *evidence][:spare], *bottom]


def _cell(name: str, person: Mapping[str, object]) -> str:
    value = person.get(name)
    if name == "sources" and isinstance(value, list):
        value = [f"{one['source']}:{one['row']}" for one in value]
    return shown(value)


def _folded(text: str) -> list[str]:
    from parinaya_cli.domain import names

    return sorted(filter(None, (names.fold(word) or word for word in text.split())))


def _marked(text: str, other: str) -> list[tuple[str, bool]]:
    """The words of a cell, each with whether the other cell lacks it."""
    theirs = set(_folded(other))
    return [(word, bool(theirs) and not set(_folded(word)) <= theirs) for word in text.split()]


Words = Sequence[tuple[str, bool]]


def _row(label: str, left: Words, right: Words, sign: str, width: int, *, colour: bool) -> list[str]:
    """A field of both: the right column is put where it belongs by the terminal, as terminals disagree on the width of
    Devanagari."""
    ours, theirs = _wrapped(left, width), _wrapped(right, width)
    lines = []
    for at in range(max(len(ours), len(theirs))):
        line = label if at == 0 else ""
        line = f"{line}\x1b[{_LABEL + 1}G"
        if at < len(ours):
            line += _line(ours[at], colour=colour)
        line += f"\x1b[{_LABEL + width + 2}G{sign if at == 0 else ' '}\x1b[{_LABEL + width + _BETWEEN + 1}G"
        if at < len(theirs):
            line += _line(theirs[at], colour=colour)
        lines.append(line)
    return lines


def _line(words: Words, *, colour: bool) -> str:
    """Words that differ are coloured, or stand in brackets where there is no colour."""
    return " ".join(
        (styled(word, YELLOW, on=True) if colour else f"[{word}]") if differs else word
        for word, differs in words
    )


def _wrapped(words: Words, width: int) -> list[list[tuple[str, bool]]]:
    """Words in lines of so many cells; a word that is wider is cut into parts."""
    from rich.cells import cell_len, chop_cells

    lines: list[list[tuple[str, bool]]] = [[]]
    used = 0
    for word, differs in words:
        for part in chop_cells(word, max(width - 2, 1)):
            taken = cell_len(part) + 2 * differs
            if used and used + 1 + taken > width:
                lines.append([])
                used = 0
            lines[-1].append((part, differs))
            used += taken + (used > 0)
    return lines


def _evidence(view: PairView, width: int, *, colour: bool) -> Iterator[str]:
    """The score as a bar, and what speaks for it and against it, the heaviest first."""
    told = view.explanation
    filled = round(told.score * 20)
    yield (
        styled(f"score {min(told.score, 0.99):.2f}", BOLD, colour) + f"  {'█' * filled}{'░' * (20 - filled)}"
    )
    if view.doubt:
        yield one_line(f" Not merged without you: {view.doubt}.")[:width]
    for one in told.reasons:
        if abs(one.weight) >= _LEAST:
            yield f" {one.weight:+5.1f}  {one_line(one.words)}"[:width]
