"""What must not be read where nobody asked for it: secrets, numbers and names, in logs and in the queue."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import psycopg
import pytest
import redis

from parinaya_cli.adapters.embedded import Embedded
from tests.house.example_lists import guests
from tests.journeys.stage import Process, Stage


def needles(stage: Stage) -> list[str]:
    """The secrets of the settings, and the names and numbers of the guests."""
    kept = Path(stage.env["PARINAYA_CONFIG_DIR"], "config.toml").read_text("utf-8")
    secrets = re.findall(r'^\w+(?:secret|key) = "(.+)"$', kept, re.MULTILINE)
    told = [stage.env[f"WHATSAPP_{name}"] for name in ("ACCESS_TOKEN", "APP_SECRET", "VERIFY_TOKEN")]
    people = stage.rows(
        "SELECT full_name FROM people WHERE length(full_name) > 8 AND position(' ' IN full_name) > 0"
    )
    numbers = stage.rows("SELECT right(value, 10) FROM contact_points WHERE kind = 'phone'")
    assert len(secrets) == 3
    assert min(len(people), len(numbers)) > len(guests()) / 2
    return [*secrets, *told, *(one for (one,) in [*people, *numbers])]


def see_that_nothing_is_told(stage: Stage, processes: Sequence[Process]) -> None:
    """Nothing of it stands in what processes say, in the servers' logs, or in the queue; nor after an error."""
    [(point,)] = stage.rows("SELECT id FROM contact_points WHERE kind = 'phone' LIMIT 1")
    with pytest.raises(psycopg.errors.UniqueViolation):
        stage.rows(
            "INSERT INTO contact_points (wedding_id, kind, value) SELECT wedding_id, kind, value FROM contact_points "
            "WHERE id = %s",
            point,
        )
    ran = stage.run("events", "show", "nowhere")
    written = {one.name: one.log.read_bytes() for one in processes}
    written |= {"an error": (ran.out + ran.err).encode(), **_logs(stage), **dict(_queue(stage))}
    assert len(written) > len(processes) + 3
    secret = [one.encode() for one in needles(stage)]
    for place, content in written.items():
        assert [one for one in secret if one in content] == [], place


def _logs(stage: Stage) -> dict[str, bytes]:
    """The logs of the embedded servers, which are not empty."""
    found = {path.name: path.read_bytes() for path in Path(stage.env["PARINAYA_HOME"]).rglob("*.log")}
    assert b"duplicate key" in found["postgres.log"]
    return found


def _queue(stage: Stage) -> Iterator[tuple[str, bytes]]:
    """Everything that Valkey holds."""
    with Embedded(Path(stage.env["PARINAYA_HOME"])) as servers:
        kept = redis.Redis.from_url(servers.start().redis_url)
        for key in kept.scan_iter():
            yield f"queue: {key!r}", key + (kept.dump(key) or b"")
        kept.close()
