"""What stands in the parts of an Excel workbook and its reader does not tell: cells far out, formulas, errors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from parinaya_cli.adapters.files.archives import Archive
from parinaya_cli.domain.errors import UsedWrongly

SHOWN = 20  # addresses told of one finding
_MAX_PART = 4 * 1024 * 1024  # of the parts that are taken into memory as a whole
_MAX_CELL = 256 * 1024
_HARMLESS = ("/hyperlink", "/image")  # relationships to the outside that no cell takes its value from

_DTD = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_OPEN = rb"<(?:[\w.-]+:)?c\b[^>]*?\br=[\"']([A-Z]{1,3})([0-9]{1,7})[\"']"
_FILLED = re.compile(_OPEN + rb"[^>]*(?<!/)>")
_CELL = re.compile(_OPEN + rb"([^>]*)(?<!/)>(.*?)</(?:[\w.-]+:)?c>", re.DOTALL)
_CELL_BEGINS = re.compile(rb"<(?:[\w.-]+:)?c[\s>]")
_TELLING = (b"<f", b":f", b't="e"', b"t='e'")  # without one of these there is neither a formula nor an error
_FORMULA = re.compile(rb"<(?:[\w.-]+:)?f[\s/>]")
_VALUE = re.compile(rb"<(?:[\w.-]+:)?(?:v[^>/]*>[^<]|is[\s>])")
_ERROR = re.compile(rb"\bt=[\"']e[\"']")
_TEXT = re.compile(rb"\bt=[\"']str[\"']")


@dataclass
class Findings:
    """What a sheet's part holds. ``last_row``, ``last_column``: 1-based, of the cells that are not blank.

    ``unset``: cells with a formula that has no result, ``errors``: with ``#N/A`` and the like; the first of each.
    """

    last_row: int = 0
    last_column: int = 0
    lowest: str = ""
    rightmost: str = ""
    unset: list[str] = field(default_factory=list)
    unset_count: int = 0
    errors: list[str] = field(default_factory=list)
    error_count: int = 0

    def take(self, data: bytes) -> None:
        """Look at some bytes of the part; no cell of it is cut in two."""
        filled = _FILLED.findall(data)
        if filled:
            self._measure(filled)
        if any(sign in data for sign in _TELLING):
            for letters, digits, more, inner in _CELL.findall(data):
                self._look(letters + digits, more, inner)

    def _measure(self, filled: list[tuple[bytes, bytes]]) -> None:
        """Each row and each column is looked at once, however many cells it has."""
        row = max({digits for _, digits in filled}, key=int)
        column = max({letters for letters, _ in filled}, key=column_number)
        if int(row) > self.last_row:
            self.last_row = int(row)
            self.lowest = next(letters + digits for letters, digits in filled if digits == row).decode()
        if column_number(column) > self.last_column:
            self.last_column = column_number(column)
            self.rightmost = next(
                letters + digits for letters, digits in filled if letters == column
            ).decode()

    def _look(self, address: bytes, attributes: bytes, inner: bytes) -> None:
        if _ERROR.search(attributes):
            self.error_count += 1
            if len(self.errors) < SHOWN:
                self.errors.append(address.decode())
        elif _FORMULA.search(inner) and not _VALUE.search(inner) and not _TEXT.search(attributes):
            self.unset_count += 1
            if len(self.unset) < SHOWN:
                self.unset.append(address.decode())

    def notes(self) -> Iterator[str]:
        """What an operator should know, in sentences."""
        if self.unset_count:
            yield (
                f"{self.unset_count} cells hold a formula without a result and are read as empty: "
                f"{_listed(self.unset, self.unset_count)}. Open and save the workbook in a spreadsheet to fill them."
            )
        if self.error_count:
            yield (
                f"{self.error_count} cells hold an error such as #N/A and are read as empty: "
                f"{_listed(self.errors, self.error_count)}."
            )


def _listed(addresses: list[str], count: int) -> str:
    return ", ".join(addresses) + (f" and {count - len(addresses)} more" if count > len(addresses) else "")


def column_number(letters: bytes) -> int:
    """A is 1, Z is 26, AA is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def column_letters(number: int) -> str:
    """1 is A, 27 is AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def address(row: int, column: int) -> str:
    """Of a cell, both 0-based: B3."""
    return f"{column_letters(column + 1)}{row + 1}"


def inspect(archive: Archive, name: str) -> dict[str, Findings]:
    """Inflate every part, refuse what no list has, and tell what stands in each sheet, by the sheet's name.

    Raises:
        UsedWrongly: as ``Archive.inflate`` says; a part declares its own entities, or the workbook takes
        data from elsewhere.
    """
    found: dict[str, Findings] = {}
    kept: dict[str, bytes] = {}
    for part in sorted(archive.names):
        low = part.lower()
        if low.startswith("xl/worksheets/") and low.endswith(".xml"):
            found[low] = _scan(archive, part, name)
        elif low.endswith((".rels", "workbook.xml")):
            kept[low] = _whole(archive, part, name)
        else:
            for _ in _checked(archive, part, name):
                pass
    for part, content in kept.items():
        if part.endswith(".rels"):
            _refuse_outside(content, name)
    return _by_sheet(found, kept, name)


def _checked(archive: Archive, part: str, name: str) -> Iterator[bytes]:
    """The bytes of a part, of which none declares a document type."""
    is_xml = part.lower().endswith((".xml", ".rels", ".vml"))
    tail = b""
    for chunk in archive.inflate(part):
        seen = tail + chunk
        if is_xml and (
            _DTD.search(seen) or (not tail and seen.startswith((b"\xff\xfe", b"\xfe\xff", b"\0")))
        ):
            raise UsedWrongly(
                f"{name} declares entities of its own or is written in a way that no spreadsheet writes.",
                "Open it in a spreadsheet, save it under a new name as an Excel workbook, and import that file.",
            )
        tail = seen[-16:]
        yield chunk


def _whole(archive: Archive, part: str, name: str) -> bytes:
    content = bytearray()
    for chunk in _checked(archive, part, name):
        content += chunk
        if len(content) > _MAX_PART:
            raise UsedWrongly(
                f"{name} has a part ({part[:60]}) that is far too large.",
                "Copy the list into a new workbook, and import that file.",
            )
    return bytes(content)


def _scan(archive: Archive, part: str, name: str) -> Findings:
    found = Findings()
    rest = b""
    for chunk in _checked(archive, part, name):
        data = rest + chunk
        cut = _last_cell(data, 4096) or _last_cell(data, _MAX_CELL) or max(len(data) - 64, 0)
        found.take(data[:cut])
        rest = data[cut:]
    found.take(rest)
    return found


def _last_cell(data: bytes, within: int) -> int:
    """Where the last cell begins, 0 if none does within so many bytes of the end."""
    begins = [one.start() for one in _CELL_BEGINS.finditer(data, max(0, len(data) - within))]
    return begins[-1] if begins else 0


def _elements(content: bytes, name: str) -> list[tuple[str, dict[str, str]]]:
    """Every element with its attributes, without the prefixes of namespaces."""
    found: list[tuple[str, dict[str, str]]] = []

    def begin(tag: str, attributes: dict[str, str]) -> None:
        plain = {key.rpartition(":")[2]: value for key, value in attributes.items()}
        found.append((tag.rpartition(":")[2], plain))

    parser = expat.ParserCreate()
    parser.StartElementHandler = begin
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise UsedWrongly(
            f"{name} is damaged: a part of it is no XML.", "Get the file again from whoever sent it."
        ) from error
    return found


def _refuse_outside(content: bytes, name: str) -> None:
    for tag, told in _elements(content, name):
        outside = tag == "Relationship" and told.get("TargetMode", "").lower() == "external"
        if outside and not told.get("Type", "").lower().endswith(_HARMLESS):
            raise UsedWrongly(
                f"{name} takes values from another file.",
                "Copy the list into a new workbook with “paste values”, and import that file.",
            )


def _by_sheet(found: dict[str, Findings], kept: dict[str, bytes], name: str) -> dict[str, Findings]:
    """The findings by the names under which the workbook lists its sheets."""
    targets = {
        told.get("Id", ""): told.get("Target", "").lower()
        for tag, told in _elements(kept.get("xl/_rels/workbook.xml.rels", b"<none/>"), name)
        if tag == "Relationship"
    }
    sheets: dict[str, Findings] = {}
    for tag, told in _elements(kept.get("xl/workbook.xml", b"<none/>"), name):
        target = targets.get(told.get("id", ""), "") if tag == "sheet" else ""
        part = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
        if target and part in found:
            sheets[told.get("name", "")] = found.pop(part)
    return sheets | {f"\0{part}": findings for part, findings in found.items()}
