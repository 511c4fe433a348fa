"""The file of ``events import``: YAML or CSV becomes rows of text, word for word as they are written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from parinaya_cli.domain.errors import UsedWrongly

if TYPE_CHECKING:
    from yaml.nodes import MappingNode, Node

    from parinaya_cli.domain.imports import UnreadableRow
    from parinaya_cli.ports import OpenedList

MAX_BYTES = 1024 * 1024
MAX_EVENTS = 500

_SHAPE = "It looks like this: events: [{title: Sangeet, starts: 2027-02-12T19:00}]"
_NOTHING = frozenset({"", "~", "null", "Null", "NULL"})


def rows_of_list(opened: OpenedList) -> list[Mapping[str, object]]:
    """The events of a CSV file, whose header names what an event has; empty cells say nothing. Closes the list.

    Raises:
        UsedWrongly: a column stands there twice, a row can't be read, or there are too many.
    """
    with closing(opened):
        if opened.kind != "csv":
            raise UsedWrongly(f"{opened.source} is no CSV.", "Save it as CSV (UTF-8), or write YAML.")
        sheet = next(opened.sheets)
        keys = [title.strip().lower().replace(" ", "_").replace("-", "_") for title in sheet.header]
        doubled = sorted({key for key in keys if keys.count(key) > 1})
        if doubled:
            raise UsedWrongly(f"The column {doubled[0]!r} stands there twice.", "Leave out one of them.")
        return _rows(opened.source, keys, sheet.rows)


def _rows(
    source: str, keys: Sequence[str], lines: Iterable[tuple[int, list[str] | UnreadableRow]]
) -> list[Mapping[str, object]]:
    rows: list[Mapping[str, object]] = []
    for line, cells in lines:
        if isinstance(cells, str):
            raise UsedWrongly(f"Line {line} of {source} can't be read. {cells}", "Mend that line.")
        if len(cells) > len(keys):
            raise UsedWrongly(
                f"Line {line} of {source} has {len(cells)} cells, the header has {len(keys)}.",
                "Put a cell with a comma into double quotes.",
            )
        if len(rows) == MAX_EVENTS:
            raise UsedWrongly(f"{source} has more than {MAX_EVENTS} events.", "Is it the right file?")
        rows.append({key: cell.strip() for key, cell in zip(keys, cells, strict=False) if cell.strip()})
    return rows


def rows_of_yaml(path: Path) -> list[Mapping[str, object]]:
    """The events of a YAML file: a list, or a mapping with the list under ``events``.

    Values are taken as they are written: ``19:00`` is no number here, and a date is no date yet.

    Raises:
        UsedWrongly: it is no such file, or has another shape; the line is named.
    """
    import yaml

    text = _read(path)
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" near line {mark.line + 1}" if mark is not None else ""
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "it can't be read"
        raise UsedWrongly(f"{path.name} is no YAML{where}: {problem}.", _SHAPE) from None
    except RecursionError:
        raise UsedWrongly(f"{path.name} is nested too deeply.", _SHAPE) from None
    return [dict(_event(path, node)) for node in _list(path, root)]


def _read(path: Path) -> str:
    if path.suffix.lower() not in {".yaml", ".yml"}:
        raise UsedWrongly(f"{path} is neither YAML nor CSV.", "Give a file that ends in .yaml, .yml or .csv.")
    if path.is_dir():
        raise UsedWrongly(f"{path} is a folder, not a file.", "Name the file with the events.")
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise UsedWrongly(f"There is no file {path}.", "Check the name and the folder.") from None
    except OSError as error:
        raise UsedWrongly(
            f"{path} can't be read: {error.strerror}.", "Check who may read the file."
        ) from None
    if len(content) > MAX_BYTES:
        raise UsedWrongly(f"{path.name} is larger than 1 MiB.", "A file of events has a few kilobytes.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise UsedWrongly(
            f"{path.name} is no text in UTF-8: byte {error.start} in line {line} does not fit.",
            "Save it as UTF-8.",
        ) from None


def _list(path: Path, root: Node | None) -> list[Node]:
    from yaml.nodes import MappingNode, SequenceNode

    if root is None:
        raise UsedWrongly(f"{path.name} is empty.", _SHAPE)
    if isinstance(root, MappingNode):
        known = dict(_pairs(path, root))
        unknown = sorted(known.keys() - {"events"})
        if unknown or "events" not in known:
            what = f"has {unknown[0]!r}" if unknown else "has nothing"
            raise UsedWrongly(f"{path.name} {what} where `events:` is expected.", _SHAPE)
        root = known["events"]
    if not isinstance(root, SequenceNode):
        raise UsedWrongly(f"{path.name} has no list of events{_at(root)}.", _SHAPE)
    if len(root.value) > MAX_EVENTS:
        raise UsedWrongly(f"{path.name} has more than {MAX_EVENTS} events.", "Is it the right file?")
    return list(root.value)


def _event(path: Path, node: Node) -> Iterator[tuple[str, str]]:
    from yaml.nodes import MappingNode, ScalarNode

    if not isinstance(node, MappingNode):
        raise UsedWrongly(f"{path.name} has something that is no event{_at(node)}.", _SHAPE)
    for key, value in _pairs(path, node):
        if not isinstance(value, ScalarNode):
            raise UsedWrongly(
                f"{key} is no single value{_at(value)} of {path.name}.", "Write one value for it."
            )
        if value.style is not None or value.value not in _NOTHING:
            yield key, value.value


def _pairs(path: Path, node: MappingNode) -> Iterator[tuple[str, Node]]:
    from yaml.nodes import ScalarNode

    seen: set[str] = set()
    for key, value in node.value:
        if not isinstance(key, ScalarNode):
            raise UsedWrongly(f"A name is no text{_at(key)} of {path.name}.", _SHAPE)
        if key.value in seen:
            raise UsedWrongly(
                f"{key.value!r} stands there twice{_at(key)} of {path.name}.", "Keep one of them."
            )
        seen.add(key.value)
        yield key.value, value


def _at(node: Node) -> str:
    return f" in line {node.start_mark.line + 1}" if node.start_mark is not None else ""
