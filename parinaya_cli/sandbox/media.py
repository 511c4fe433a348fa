"""Media: what was uploaded, what guests sent, and the form in which uploads come.

Sizes and types: developers.facebook.com,
documentation/business-messaging/whatsapp/business-phone-numbers/media.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from parinaya_cli.sandbox.errors import GraphError
from parinaya_cli.sandbox.numbers import new_object_id

URL_LIVES = 300.0
MB = 1024 * 1024
UPLOAD_LIMIT = 100 * MB

_OFFICE = "application/vnd.openxmlformats-officedocument"
TYPES: dict[str, tuple[str, ...]] = {
    "image": ("image/jpeg", "image/png"),
    "video": ("video/mp4", "video/3gpp"),
    "audio": ("audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"),
    "document": (
        "application/pdf",
        "application/msword",
        f"{_OFFICE}.wordprocessingml.document",
        "application/vnd.ms-excel",
        f"{_OFFICE}.spreadsheetml.sheet",
        "application/vnd.ms-powerpoint",
        f"{_OFFICE}.presentationml.presentation",
        "text/plain",
    ),
    "sticker": ("image/webp",),
}
SIZES = {"image": 5 * MB, "video": 16 * MB, "audio": 16 * MB, "document": 100 * MB, "sticker": 500 * 1024}

PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
VOICE = b"OggS\x00\x02" + bytes(58)


@dataclass(frozen=True)
class Medium:
    """One medium with its bytes. ``sha256`` is hexadecimal."""

    id: str
    mime_type: str
    data: bytes
    sha256: str


@dataclass
class MediaStore:
    """All media of the account, and the addresses that were handed out for them."""

    media: dict[str, Medium] = field(default_factory=dict)
    _urls: dict[str, tuple[str, float]] = field(default_factory=dict)

    def add(self, mime_type: str, data: bytes) -> Medium:
        """Keep a medium under a new id."""
        medium = Medium(new_object_id(), mime_type, data, hashlib.sha256(data).hexdigest())
        self.media[medium.id] = medium
        return medium

    def describe(self, medium: Medium, base: str) -> dict[str, Any]:
        """The answer to ``GET /{MEDIA_ID}``, with an address under ``base`` that lives for five minutes."""
        key = secrets.token_urlsafe(12)
        expires = time.time() + URL_LIVES
        self._urls[key] = (medium.id, expires)
        return {
            "messaging_product": "whatsapp",
            "url": f"{base}/whatsapp_business/attachments/?mid={medium.id}&ext={int(expires)}&hash={key}",
            "mime_type": medium.mime_type,
            "sha256": medium.sha256,
            "file_size": len(medium.data),
            "id": medium.id,
        }

    def by_url(self, media_id: str, key: str) -> Medium | None:
        """The medium behind a handed-out address; None when it has expired or never was."""
        owner, expires = self._urls.get(key, ("", 0.0))
        return self.media.get(media_id) if owner == media_id and time.time() < expires else None

    def fits(self, kind: str, media_id: str) -> bool:
        """Whether a medium can be shown as that kind; if not, Meta tells it with 131053 in a status."""
        medium = self.media[media_id]
        return medium.mime_type in TYPES[kind] and len(medium.data) <= SIZES[kind]


def read_upload(body: bytes, content_type: str) -> tuple[str, bytes]:
    """MIME type and bytes of an upload (multipart: ``messaging_product``, ``file``, perhaps ``type``).

    Raises:
        GraphError: 100 when a field is missing, the type is not one of WhatsApp's or the file too large.
    """
    parts = _parts(body, content_type)
    if parts.get("messaging_product", ("", b""))[1] != b"whatsapp":
        raise GraphError(100, "The parameter messaging_product is required.")
    if "file" not in parts:
        raise GraphError(100, "The parameter file is required.")
    mime_type, data = parts["file"]
    stated = parts.get("type", ("", b""))[1].decode("ascii", "replace")
    mime_type = (mime_type or stated).split(";")[0].strip().lower()
    known = [t for types in TYPES.values() for t in types]
    if mime_type not in known:
        raise GraphError(
            100,
            f"Param file must be a file with one of the following types: {', '.join(known)}. "
            f"Received file of type {mime_type}.",
        )
    if not data or len(data) > UPLOAD_LIMIT:
        raise GraphError(100, "Param file must have 1 byte to 100 MB.")
    return mime_type, data


def _parts(body: bytes, content_type: str) -> dict[str, tuple[str, bytes]]:
    """The parts of a multipart form (RFC 7578) by name: content type and bytes."""
    found = re.search(r'multipart/form-data;.*boundary="?([^";,]{1,70})"?', content_type, re.IGNORECASE)
    if found is None:
        raise GraphError(100, "The upload must be multipart/form-data.")
    parts: dict[str, tuple[str, bytes]] = {}
    for chunk in (b"\r\n" + body).split(b"\r\n--" + found[1].encode("latin-1", "replace"))[1:]:
        head, gap, data = chunk.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        name = re.search(rb'name="([^"]*)"', head)
        if gap and name:
            kind = re.search(rb"^content-type:[ \t]*([^\r\n]+)", head, re.IGNORECASE | re.MULTILINE)
            parts[name[1].decode("utf-8", "replace")] = (kind[1].decode("latin-1") if kind else "", data)
    return parts
