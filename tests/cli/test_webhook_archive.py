"""``parinaya webhook archive``: deliveries as they came, outside of the database, and nobody who was forgotten."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from parinaya_cli import settings
from parinaya_cli.domain.access import Channel
from parinaya_cli.services import webhooks
from parinaya_cli.services.webhooks import Incoming
from parinaya_cli.wiring import open_app
from tests.adapters.storage_server import KEY_ID, SECRET, storage
from tests.cli.commands_kit import done
from tests.conftest import Cli

BODIES = [b'{"a": 1}', b'{"a": "\xe0\xa4\xb9\xe0\xa4\xbe\xe0\xa4\x81"}', b'{"a": 3}', b'{"forgotten": 1}']


@pytest.fixture
def kept(env: dict[str, str], database_url: str, tmp_path: Path) -> Iterator[psycopg.Connection]:
    """Four deliveries: three were processed, the last of them names somebody who was forgotten; one waits."""
    told = settings.load(env=env, path=tmp_path / "config" / "config.toml")
    with open_app(told) as app, app.begin_as_system(Channel.WEBHOOK) as tx:
        webhooks.keep(tx, [Incoming(body) for body in BODIES])
    with psycopg.connect(database_url, autocommit=True) as conn:
        conn.execute("UPDATE webhook_events SET state = 'done' WHERE number <> 3")
        conn.execute("UPDATE webhook_events SET body = '' WHERE number = 4")
        yield conn


def bodies(packed: bytes) -> list[bytes]:
    return [base64.b64decode(json.loads(line)["body"]) for line in gzip.decompress(packed).splitlines()]


def test_an_archive_holds_every_body_byte_for_byte_and_what_is_dropped_is_there(
    kept: psycopg.Connection, cli: Cli, tmp_path: Path
) -> None:
    place = tmp_path / "archive"
    assert done(cli, "webhook", "archive", "--to", place, "--dry-run")["deliveries"] == 3
    made = done(cli, "webhook", "archive", "--to", place)
    [file] = place.iterdir()
    packed = file.read_bytes()
    assert bodies(packed) == BODIES[:3]
    assert (made["to"], made["deliveries"], made["dropped"]) == (str(file), 3, 0)
    assert (made["bytes"], made["sha256"]) == (len(packed), hashlib.sha256(packed).hexdigest())
    assert file.stat().st_mode & 0o077 == 0
    assert done(cli, "webhook", "archive", "--to", place)["sha256"] == made["sha256"], "again is the same"
    assert cli("webhook", "archive", "--to", place, "--drop").code == 2
    gone = done(cli, "webhook", "archive", "--to", place, "--drop", "--yes", "--reason", "two weeks")
    assert gone["dropped"] == 2
    left = kept.execute("SELECT number FROM webhook_events WHERE body <> ''").fetchall()
    assert left == [(3,)], "what waits needs its body"
    [(count,)] = kept.execute("SELECT count(*) FROM audit_logs WHERE action = 'webhook.archive'").fetchall()
    assert count == 3
    assert done(cli, "webhook", "archive", "--to", place, "--before", "2020-01-01T00:00Z")["to"] == ""
    file.unlink()
    (tmp_path / "no-folder").write_text("")
    assert cli("webhook", "archive", "--to", tmp_path / "no-folder", "--drop", "--yes").code == 2
    assert kept.execute("SELECT number FROM webhook_events WHERE body <> ''").fetchall() == [(3,)]


def test_an_archive_goes_to_an_object_storage(
    kept: psycopg.Connection, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import obstore
    from obstore.store import S3Store

    with storage(tmp_path) as url:
        for name, value in (("ACCESS_KEY_ID", KEY_ID), ("SECRET_ACCESS_KEY", SECRET), ("ENDPOINT_URL", url)):
            monkeypatch.setenv(f"AWS_{name}", value)
        made = done(cli, "webhook", "archive", "--to", "s3://sharma-wedding/raw")
        store = S3Store(
            "sharma-wedding",
            config={
                "access_key_id": KEY_ID,
                "secret_access_key": SECRET,
                "region": "us-east-1",
                "endpoint": url,
            },
            client_options={"allow_http": True},
        )
        packed = bytes(obstore.get(store, made["to"].removeprefix("s3://sharma-wedding/")).bytes())
        assert bodies(packed) == BODIES[:3]
        refused = cli("webhook", "archive", "--to", "s3://no-such-bucket/raw", "--drop", "--yes", "--json")
        assert refused.code == 4
    assert kept.execute("SELECT count(*) FROM webhook_events WHERE body <> ''").fetchall() == [(3,)]
