"""Media of templates' headers: which files WhatsApp shows, and how long an upload lives there."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import timedelta

from parinaya_cli.domain.errors import UsedWrongly

MIB = 1024 * 1024
LARGEST = {"image": 5 * MIB, "video": 16 * MIB, "document": 100 * MIB}
"""Bytes of each kind (developers.facebook.com, WhatsApp, business-phone-numbers/media)."""

UPLOAD_LIVES = timedelta(days=30)
"""How long the id of an upload can be sent (the same page)."""

REFRESH_AFTER = timedelta(days=25)
"""When a file is uploaded again: a batch that waits for some days still finds a living id."""

_BEGINNINGS: tuple[tuple[bytes, str, str], ...] = (
    (b"\xff\xd8\xff", "image", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image", "image/png"),
    (b"%PDF-", "document", "application/pdf"),
)


@dataclass(frozen=True)
class MediaFile:
    """A file that can stand above a text. ``kind``: image, video or document."""

    kind: str
    mime_type: str
    filename: str
    content: bytes = field(repr=False)

    @property
    def sha256(self) -> str:
        """What it is known by."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True)
class HeaderMedium:
    """What stands above the text of one version of a template: a ``link``, or a file by its ``sha256``.

    ``kind``: of the file; of a link nobody knows it. ``media_id``: the living upload of the file, empty while there is
    none.
    """

    link: str = ""
    kind: str = ""
    sha256: str = ""
    filename: str = ""
    media_id: str = ""


def read_file(filename: str, content: bytes) -> MediaFile:
    """A file as what its first bytes say that it is: JPEG, PNG, MP4, 3GP or PDF.

    Raises:
        UsedWrongly: it is none of these, is empty, or is larger than WhatsApp takes.
    """
    kind, mime_type = _recognise(content)
    if not kind:
        raise UsedWrongly(
            f"{filename} is nothing that WhatsApp shows above a text.",
            "Give a picture (JPEG, PNG), a video (MP4, 3GP) or a PDF.",
        )
    if len(content) > LARGEST[kind]:
        size, most = len(content) / MIB, LARGEST[kind] // MIB
        raise UsedWrongly(
            f"{filename} has {size:.1f} MiB; WhatsApp takes {most} MiB for a {kind}.", "Make it smaller."
        )
    return MediaFile(kind, mime_type, filename, content)


def _recognise(content: bytes) -> tuple[str, str]:
    for beginning, kind, mime_type in _BEGINNINGS:
        if content.startswith(beginning):
            return kind, mime_type
    if content[4:8] == b"ftyp":  # ISO base media (ISO/IEC 14496-12); the brand tells which
        return "video", "video/3gpp" if content[8:11] == b"3gp" else "video/mp4"
    return "", ""
