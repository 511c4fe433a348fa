"""Opens a list of any kind in this process: what the child process does, and tests of single readers."""

from __future__ import annotations

import codecs
import io
from contextlib import closing, suppress
from encodings.aliases import aliases
from itertools import chain, islice
from typing import BinaryIO

from parinaya_cli.adapters.files.kinds import FileKind, find_kind
from parinaya_cli.adapters.files.limits import Limits
from parinaya_cli.adapters.files.text_files import load_codecs
from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.ports import OpenedList, ReadingOptions, Sheet

_SAMPLE = 30  # rows
_TRIAL_TEXT = """Sharma–Mehta wedding,,
Name,Mobile,Email
Asha Sharma,+91 98200 10001,asha@example.org
John,+44 20 7946 0018,"a "b" c
"""
_TRIAL_CARD = """BEGIN:VCARD
VERSION:2.1
N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E0=A4=86;Asha
TEL;CELL:+91 98200 10001
PHOTO;ENCODING=BASE64;JPEG:AAAA

END:VCARD
"""


def load(kind: FileKind, options: ReadingOptions) -> None:
    """Load whatever the reading of this kind may need: later no file can be opened any more.

    What libraries load when they are first used shows in a small list that is read for trial.

    Raises:
        UsedWrongly: there is no such encoding.
    """
    from phonenumbers import PhoneMetadata

    PhoneMetadata.load_all()  # a header is known by the numbers that do not stand in it
    load_codecs(options.encoding)
    if kind is FileKind.VCARD:
        for codec in {*aliases.values()}:  # a card may name any charset
            with suppress(LookupError, ImportError):
                codecs.lookup(codec)
        _try(_TRIAL_CARD, kind)
    else:
        _try(_TRIAL_TEXT, FileKind.TEXT)
    if kind in (FileKind.ARCHIVE, FileKind.OLD_BOOK):
        _try_workbook()


def _try(content: str | bytes, kind: FileKind) -> None:
    file = io.BytesIO(content.encode() if isinstance(content, str) else content)
    with closing(open_list(file, "trial", ReadingOptions(), Limits(), kind)) as opened:
        for sheet in opened.sheets:
            for _ in sheet.rows:
                pass


def _try_workbook() -> None:
    """Open an archive that is no workbook: everything is loaded by the time that it is refused."""
    import zipfile

    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/_rels/workbook.xml.rels", "<Relationships/>")
    with suppress(UsedWrongly):
        _try(file.getvalue(), FileKind.ARCHIVE)


def open_list(
    file: BinaryIO, name: str, options: ReadingOptions, limits: Limits, kind: FileKind | None = None
) -> OpenedList:
    """Open a list in a file that can be sought in. ``kind``: if it is known already.

    Raises:
        UsedWrongly: it is no list, or can't be understood.
    """
    kind = kind or find_kind(file, name)
    if kind in (FileKind.ARCHIVE, FileKind.OLD_BOOK):
        from parinaya_cli.adapters.files.workbooks import open_workbook

        return open_workbook(file, name, options, limits)
    if options.sheet is not None:
        raise UsedWrongly(f"{name} is no workbook and has no sheets.", "Leave out --sheet.")
    if kind is FileKind.VCARD:
        return _open_vcards(file, name, options, limits)
    from parinaya_cli.adapters.files.csv_lists import open_csv

    return open_csv(file, name, options, limits)


def _open_vcards(file: BinaryIO, name: str, options: ReadingOptions, limits: Limits) -> OpenedList:
    from parinaya_cli.adapters.files.vcards import open_vcards

    size = file.seek(0, io.SEEK_END)
    if size > limits.book_bytes:
        raise UsedWrongly(
            f"{name} is larger than {limits.book_bytes // (1024 * 1024)} MiB.",
            "Export the contacts without pictures, or in several files.",
        )
    found = open_vcards(file, options.encoding)
    first = list(islice(found.rows, _SAMPLE))
    sample = tuple(tuple(cells) for _, cells in first if isinstance(cells, list))
    sheet = Sheet(found.header, chain(first, found.rows), sample=sample)
    return OpenedList(
        name, "vcard", iter([sheet]), found.encoding, notes=found.notes, share=lambda: file.tell() / size
    )
