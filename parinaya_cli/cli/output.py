"""What a command says: its result on stdout and nothing else there; notes, progress and warnings on stderr.

The same ``Result`` becomes one JSON document (``--json``), a table or lines for people (a terminal), or
tab-separated lines (a pipe), see "Rules for every command" in the documents.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, is_dataclass
from time import monotonic
from typing import TYPE_CHECKING, TextIO

from parinaya_cli.cli.text import (
    BOLD,
    YELLOW,
    as_json,
    clean,
    folded,
    is_terminal,
    may_colour,
    one_line,
    plain,
    shown,
    styled,
    width_of,
)

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.progress import Progress as ProgressBars
    from rich.progress import ProgressColumn

Column = tuple[str, str]
"""The key of a value in its row, and the heading above it."""


@dataclass(frozen=True)
class Rows:
    """Rows for people and pipes; ``total``: how many there are, when not all are shown."""

    rows: Sequence[Mapping[str, object]]
    columns: Sequence[Column]
    total: int
    empty: str


@dataclass(frozen=True)
class Fields:
    """One thing, as lines of names and values."""

    values: Mapping[str, object]
    title: str
    labels: Mapping[str, str]


@dataclass(frozen=True)
class Result:
    """What a command has to say at its end.

    ``data``: the document of ``--json``. ``text``: what people read instead; ``None`` says nothing to them.
    A renderable or a function is given a console that is 80 columns wide or more, also in a pipe; lists that
    scripts may read belong into ``items``. ``exit_code``: 5 for "done, but some items were rejected".
    ``essential``: shown even with ``--quiet`` although the command changes something (a token shown once).
    """

    data: Mapping[str, object]
    text: str | RenderableType | Callable[[Console], None] | Rows | Fields | None = None
    exit_code: int = 0
    essential: bool = False


def items(
    rows: Sequence[object],
    columns: Sequence[Column] = (("ref", "Ref"),),
    *,
    total: int | None = None,
    empty: str = "",
    extra: Mapping[str, object] | None = None,
    readable: Callable[[Mapping[str, object]], Mapping[str, object]] | None = None,
    exit_code: int = 0,
) -> Result:
    """A list: ``{"items": [...], "total": N}`` for programs, a table on a terminal, lines in a pipe.

    ``rows``: mappings or dataclasses; all their keys go into the JSON, ``columns`` chooses those for people.
    ``total``: how many there are when ``rows`` is only the first part. ``empty``: what to tell when there are
    none, with a hint how to get some. ``extra``: further keys of the document, such as ``as_of``.
    ``readable``: makes of a row what people read in its place.
    """
    mappings = [_mapping(row) for row in rows]
    count = len(mappings) if total is None else total
    data = {"items": list(rows), "total": count, **(extra or {})}
    read = mappings if readable is None else [readable(row) for row in mappings]
    if read and (unknown := [key for key, _ in columns if not any(key in row for row in read)]):
        raise KeyError(f"No row has a value for the columns {unknown}.")
    return Result(data, Rows(read, columns, count, empty), exit_code)


def record(
    data: object,
    title: str = "",
    *,
    labels: Mapping[str, str] | None = None,
    exit_code: int = 0,
    essential: bool = False,
) -> Result:
    """One thing: its document for programs, aligned lines of names and values for people.

    ``data``: a mapping or a dataclass. ``labels``: names for people where the key will not do; an empty one
    leaves the line out.
    """
    mapping = _mapping(data)
    return Result(mapping, Fields(mapping, title, labels or {}), exit_code, essential)


def _mapping(row: object) -> Mapping[str, object]:
    if is_dataclass(row) and not isinstance(row, type):
        return {field.name: getattr(row, field.name) for field in fields(row)}
    if isinstance(row, Mapping):
        return {str(key): value for key, value in row.items()}
    raise TypeError(f"A row must be a mapping or a dataclass, not {type(row).__name__}.")


def _folded(text: str, stream: TextIO) -> str:
    """Text as a terminal shows it without parting a word; a pipe gets its lines whole."""
    return folded(text, width_of(stream)) if is_terminal(stream) else text


class Progress:
    """Moves a progress bar; does nothing where none is shown."""

    def __init__(self, advance: Callable[[int], None], describe: Callable[[str], None]) -> None:
        self._advance, self._describe = advance, describe

    def advance(self, count: int = 1) -> None:
        """``count`` more are done."""
        self._advance(count)

    def describe(self, text: str) -> None:
        """Say what is being done now."""
        self._describe(text)


@dataclass
class Output:
    """Where a command speaks.

    ``json`` and ``quiet``: the options. ``changes``: the command changes something, so that ``--quiet`` may
    leave out what it tells people; what a command was asked to show is never left out.
    """

    json: bool = False
    quiet: bool = False
    changes: bool = False
    stdout: TextIO = field(default_factory=lambda: sys.stdout)
    stderr: TextIO = field(default_factory=lambda: sys.stderr)
    env: Mapping[str, str] | None = None
    _live: Console | None = field(default=None, init=False, repr=False)

    @property
    def terminal(self) -> bool:
        """Whether a person reads the result as it comes: stdout is a terminal, and ``--json`` is off."""
        return is_terminal(self.stdout) and not self.json

    def result(self, result: Result) -> None:
        """Print the result of the command. Called once, at its end."""
        if self.json:
            self.stdout.write(as_json(result.data, indent=is_terminal(self.stdout)) + "\n")
        elif not (self.quiet and self.changes and not result.essential):
            self._text(result)
        self.stdout.flush()

    def line(self, text: str) -> None:
        """Print a line of a result that comes bit by bit (the log of a long run); nothing with ``--json``."""
        if not self.json:
            self.stdout.write(_folded(one_line(text), self.stdout) + "\n")
            self.stdout.flush()

    def note(self, text: str) -> None:
        """Tell the operator something by the way: not with ``--quiet``, not with ``--json``."""
        if not self.quiet and not self.json:
            self._say(clean(text))

    def warn(self, text: str) -> None:
        """Warn the operator, ``--quiet`` or not."""
        colour = may_colour(self.stderr, self.env)
        self._say(styled("warning:", YELLOW, colour) + " " + one_line(text))

    @contextmanager
    def progress(self, total: int | None, text: str) -> Iterator[Progress]:
        """A bar on stderr while something takes long (a counter when ``total`` is ``None``).

        Only when stderr is a terminal that can move its cursor, without ``--quiet`` and ``--json``.
        """
        if self.quiet or self.json or not self._can_move():
            yield Progress(lambda _: None, lambda _: None)
            return
        from rich import progress

        columns = [progress.TextColumn("{task.description}"), progress.MofNCompleteColumn()]
        if total is not None:
            columns[1:1] = [progress.BarColumn(bar_width=30)]
        with self._moving(columns) as bar:
            task = bar.add_task(one_line(text), total=total)
            yield Progress(
                lambda count: bar.advance(task, count),
                lambda now: bar.update(task, description=one_line(now)),
            )

    @contextmanager
    def reading(self, text: str, share: Callable[[], float | None]) -> Iterator[Progress]:
        """A bar on stderr while a list is read: rows, rows a second, time left; shown where ``progress`` is.

        ``share``: how much of the list has been read, 0 to 1; None when nobody knows.
        """
        if self.quiet or self.json or not self._can_move():
            yield Progress(lambda _: None, lambda _: None)
            return
        from rich import progress

        columns = [
            progress.TextColumn("{task.description}"),
            progress.BarColumn(bar_width=30),
            progress.TextColumn("{task.fields[rows]:,} rows, {task.fields[pace]:,.0f} a second"),
            progress.TimeRemainingColumn(elapsed_when_finished=True),
        ]
        begun, rows = monotonic(), 0
        with self._moving(columns) as bar:
            task = bar.add_task(one_line(text), total=None, rows=0, pace=0.0)

            def advance(count: int) -> None:
                nonlocal rows
                rows += count
                part = share()
                bar.update(
                    task,
                    total=None if part is None else 1.0,
                    completed=part or 0.0,
                    rows=rows,
                    pace=rows / max(monotonic() - begun, 0.001),
                )

            yield Progress(
                advance, lambda now: bar.update(task, description=one_line(now), total=None, completed=0.0)
            )

    @contextmanager
    def _moving(self, columns: Sequence[ProgressColumn]) -> Iterator[ProgressBars]:
        from rich.progress import Progress as Bars

        console = self.console(self.stderr)
        with Bars(*columns, console=console, transient=True) as bars:
            self._live = console
            try:
                yield bars
            finally:
                self._live = None

    @contextmanager
    def live(self) -> Iterator[Callable[[RenderableType], None]]:
        """A picture on stdout, drawn anew with each call of what is yielded; nothing off a terminal."""
        if not self.terminal or not self._can_move():
            yield lambda _: None
            return
        from rich.live import Live

        console = self.console(self.stdout)
        with Live(console=console, auto_refresh=False, vertical_overflow="visible") as picture:
            self._live = console
            try:
                yield lambda shape: picture.update(shape, refresh=True)
            finally:
                self._live = None

    def console(self, stream: TextIO) -> Console:
        """A console of rich on a stream, coloured only where colours are wanted."""
        from parinaya_cli.cli.tables import console

        return console(stream, colour=may_colour(stream, self.env), terminal=is_terminal(stream))

    def _can_move(self) -> bool:
        import os

        env = os.environ if self.env is None else self.env
        return is_terminal(self.stderr) and env.get("TERM") != "dumb"

    def _say(self, text: str) -> None:
        if self._live is not None:
            self._live.print(text, markup=False, highlight=False, soft_wrap=True)
            return
        self.stderr.write(_folded(text, self.stderr) + "\n")
        self.stderr.flush()

    def _text(self, result: Result) -> None:
        text = result.text
        if text is None:
            return
        if isinstance(text, str):
            told = _folded(clean(text).rstrip("\n"), self.stdout)
            self.stdout.write(told + "\n" if text else "")
        elif isinstance(text, Rows):
            self._rows(text)
        elif isinstance(text, Fields):
            self._fields(text)
        elif callable(text):
            text(self.console(self.stdout))
        else:
            self.console(self.stdout).print(text)

    def _rows(self, rows: Rows) -> None:
        if not rows.rows:
            self.note(rows.empty or "There are none.")
            return
        if self.terminal:
            from parinaya_cli.cli.tables import print_rows

            print_rows(self.console(self.stdout), rows.rows, rows.columns)
        else:
            for row in rows.rows:
                self.stdout.write("\t".join(shown(plain(row.get(key))) for key, _ in rows.columns) + "\n")
        if rows.total > len(rows.rows):
            self.note(f"{len(rows.rows)} of {rows.total} shown; --limit shows more.")

    def _fields(self, told: Fields) -> None:
        lines = [
            (key, told.labels.get(key, key.replace("_", " ")), value) for key, value in told.values.items()
        ]
        lines = [line for line in lines if line[1]]
        if not self.terminal:
            for key, _, value in lines:
                self.stdout.write(f"{key}\t{shown(plain(value))}\n")
            return
        if told.title:
            self.stdout.write(styled(one_line(told.title), BOLD, may_colour(self.stdout, self.env)) + "\n")
        from parinaya_cli.cli.tables import print_fields

        texts = [(label, shown(value)) for _, label, value in lines if shown(value)]
        print_fields(self.console(self.stdout), texts)
