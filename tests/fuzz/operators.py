"""What operators write: the settings, and what they tell the stand-in."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import strategies as st

from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.sandbox.errors import GraphError
from parinaya_cli.sandbox.faults import parse_fault
from parinaya_cli.sandbox.guests import read_script
from parinaya_cli.sandbox.media import read_upload
from parinaya_cli.settings import file as settings_file
from tests.fuzz.pieces import Target, encoded, words


def check_settings(content: bytes) -> None:
    """Any ``config.toml`` is read or refused with a sentence."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "config.toml"
        path.write_bytes(content)
        path.chmod(0o600)
        try:
            settings_file.read_texts(path)
        except UsedWrongly:
            return


def check_upload(told: tuple[bytes, str]) -> None:
    """A multipart upload to the stand-in is taken, or refused as the Graph API refuses."""
    try:
        _, data = read_upload(*told)
    except GraphError:
        return
    assert data


def check_script(text: str) -> None:
    """Guests' scripts and faults are read or refused."""
    for reader in (parse_fault, read_script):
        try:
            reader(text)
        except (UsedWrongly, ValueError):
            continue


_PARTS = (
    "--b\r\n",
    "\r\n",
    'Content-Disposition: form-data; name="file"',
    "Content-Type: image/png",
    "whatsapp",
)
_SETTING_PIECES = (
    *(
        "parinaya_debug",
        "whatsapp_phone_number_id",
        "home",
        " = ",
        '"',
        "'''",
        "\n",
        "[",
        "]",
        "{",
        "true",
        "1",
    ),
    *("9" * 5000, "1979-05-27", "\\u0000", "#", "=", "inf"),
)
_PIECES = (
    "kind: ",
    "guests:\n",
    "  - ",
    "phone: ",
    "+919812345678",
    "household: x\n",
    "does: ",
    "error:1",
    "x*",
    "@",
)

TARGETS: dict[str, Target] = {
    "settings": Target(
        st.one_of(st.binary(max_size=60), words(*_SETTING_PIECES).map(encoded)), check_settings
    ),
    "upload": Target(
        st.tuples(words(*_PARTS).map(encoded), words("multipart/form-data; ", "boundary=", "b", '"')),
        check_upload,
    ),
    "script": Target(words(*_PIECES), check_script),
}
