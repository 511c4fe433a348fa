"""Uploads without a network."""

from __future__ import annotations

from parinaya_cli.domain.errors import ParinayaError
from parinaya_cli.domain.media import MediaFile


class FakeMediaHost:
    """``MediaHost``: numbers the uploads (``media-1``, …) and keeps them, or raises ``error`` when it is set."""

    def __init__(self, error: ParinayaError | None = None) -> None:
        self.uploads: list[tuple[str, MediaFile]] = []
        self.error = error

    def upload(self, phone_number_id: str, file: MediaFile) -> str:
        if self.error is not None:
            raise self.error
        self.uploads.append((phone_number_id, file))
        return f"media-{len(self.uploads)}"
