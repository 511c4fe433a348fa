"""Files above the texts of templates: known by what they hold, bounded by what WhatsApp takes."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.domain.media import LARGEST, REFRESH_AFTER, UPLOAD_LIVES, read_file

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
BEGINNINGS = [
    (b"\xff\xd8\xff\xe0", "image", "image/jpeg"),
    (PNG, "image", "image/png"),
    (b"%PDF-1.7\n", "document", "application/pdf"),
    (b"\x00\x00\x00\x20ftypisom", "video", "video/mp4"),
    (b"\x00\x00\x00\x20ftyp3gp5", "video", "video/3gpp"),
]


@pytest.mark.parametrize(("content", "kind", "mime_type"), BEGINNINGS, ids=[one[2] for one in BEGINNINGS])
def test_a_file_is_what_it_holds_whatever_its_name(content: bytes, kind: str, mime_type: str) -> None:
    found = read_file("card.txt", content)
    assert (found.kind, found.mime_type, found.filename) == (kind, mime_type, "card.txt")


@given(st.binary(max_size=64))
def test_anything_is_a_medium_or_refused(content: bytes) -> None:
    with contextlib.suppress(UsedWrongly):
        assert read_file("card.jpg", content).kind in LARGEST


def test_a_file_that_whatsapp_does_not_take_is_refused_before_it_goes_up() -> None:
    read_file("card.png", PNG.ljust(LARGEST["image"], b"\0"))
    with pytest.raises(UsedWrongly, match="5 MiB for a image"):
        read_file("card.png", PNG.ljust(LARGEST["image"] + 1, b"\0"))


def test_an_upload_is_renewed_days_before_it_ends() -> None:
    assert (UPLOAD_LIVES - REFRESH_AFTER).days >= 3
