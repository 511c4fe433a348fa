"""Object storage, asked as a real server: files go up whole, in parts where they are large, and links open them."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from parinaya_cli.adapters.objects import PART, Account, ObjectLines, ObjectPlace
from parinaya_cli.domain.errors import NotFound, Unreachable, UsedWrongly
from tests.adapters.storage_server import KEY_ID, SECRET, storage

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a storage with a bucket ``sharma-wedding``."""
    with storage(tmp_path_factory.mktemp("storage")) as url:
        yield url


def place(url: str, server: str) -> ObjectPlace:
    return ObjectPlace(url, Account(KEY_ID, SECRET, server, "ap-south-1"))


def test_a_file_goes_up_and_its_link_opens_it(server: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("नाम\r\n", "utf-8")
    there = place("s3://sharma-wedding/for the caterer/a.csv", server)
    there.publish(tmp_path / "a.csv")
    url = there.sign(timedelta(days=2))
    assert re.search(r"X-Amz-Expires=172800(&|$)", url)
    assert SECRET not in url
    assert httpx.get(url, timeout=60).content.decode() == "नाम\r\n"
    for days in (0, 8):
        with pytest.raises(UsedWrongly):
            there.sign(timedelta(days=days))


def test_a_large_file_goes_up_in_parts(server: str, tmp_path: Path) -> None:
    content = os.urandom(2 * PART + 5)
    (tmp_path / "a.csv").write_bytes(content)
    there = place("s3://sharma-wedding/large.csv", server)
    there.publish(tmp_path / "a.csv")
    answer = httpx.get(there.sign(timedelta(hours=1)), timeout=60)
    assert answer.content == content
    assert answer.headers["etag"].strip('"').endswith("-3")  # how S3 marks what came in three parts


def test_lines_are_added_and_none_is_lost(server: str) -> None:
    there = ObjectLines("s3://sharma-wedding/kept/audit", Account(KEY_ID, SECRET, server, "ap-south-1"))
    assert there.read() == []
    there.add(["one", "two"])
    there.add(["तीन"])
    assert there.read() == ["one\n", "two\n", "तीन\n"]
    nowhere = ObjectLines("s3://nobody/audit", Account(KEY_ID, SECRET, server, "ap-south-1"))
    with pytest.raises(NotFound):
        nowhere.add(["one"])


def test_what_can_not_be_reached_or_is_not_there(server: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a", "utf-8")
    with pytest.raises(NotFound, match="nobody"):
        place("s3://nobody/a.csv", server).publish(tmp_path / "a.csv")
    with socket.socket() as bound:  # nobody listens
        bound.bind(("127.0.0.1", 0))
        with pytest.raises(Unreachable):
            place("s3://sharma-wedding/a.csv", f"http://127.0.0.1:{bound.getsockname()[1]}").publish(
                tmp_path / "a.csv"
            )


def test_addresses_and_accounts_are_looked_at_first() -> None:
    for url in (
        "s3://",
        "s3://bucket",
        "s3://bucket/",
        "s3://bucket/folder/",
        "s3://B_/a",
        "http://bucket/a",
    ):
        with pytest.raises(UsedWrongly):
            ObjectPlace(url, Account("a", "b"))
    with pytest.raises(UsedWrongly, match="signed in"):
        ObjectPlace("s3://bucket/a.csv", Account(None, None))
