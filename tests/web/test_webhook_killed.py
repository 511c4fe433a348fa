"""Whatever is killed under load, the receiver or Postgres: what was answered with 200 is there afterwards."""

from __future__ import annotations

import signal
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from parinaya_cli.adapters.embedded import Embedded
from parinaya_cli.adapters.embedded.places import find_places
from parinaya_cli.adapters.embedded.processes import processes_of
from parinaya_cli.store import engine, schema
from tests.servers import open_folder
from tests.web.receiver_kit import eventually, get, stored
from tests.web.test_webhook_processes import Load, served

pytestmark = [pytest.mark.processes, pytest.mark.timeout(300)]


def test_postgres_and_the_receiver_are_killed_in_the_middle(env: dict[str, str]) -> None:
    with open_folder() as home:
        servers = Embedded(home)
        addresses = servers.start()
        database_url = addresses.database_url
        try:
            db = engine.open_engine(addresses.admin_url, pool=1)
            schema.upgrade(db)
            db.dispose()
            acknowledged = strike(servers, home, {**env, "DATABASE_URL": database_url})
            kept = [body for body, _, _ in stored(database_url)]
            assert len(kept) == len(set(kept)), "each is stored once"
            assert set(acknowledged) <= set(kept)
        finally:
            servers.release()
            kill_postgres(home)
            kill(processes_of("valkey", find_places(home).data("valkey")))


def strike(servers: Embedded, home: Path, env: dict[str, str]) -> list[bytes]:
    """Post, kill Postgres, let it come back, post, kill both; returns what was answered with 200."""
    with served(env) as receiver:
        load = Load(receiver.root, 4)
        eventually(lambda: len(load.acknowledged) > 50, "too little was taken")
        kill_postgres(home)
        eventually(lambda: get(receiver.root, "/readyz").status_code == 503, "nobody noticed")
        so_far = len(load.acknowledged)
        servers.start()
        eventually(lambda: len(load.acknowledged) > so_far + 50, "it did not mend itself")
        receiver.process.kill()
        kill_postgres(home)
        acknowledged = load.stop()
    servers.start()
    return acknowledged


def kill_postgres(home: Path) -> None:
    kill(processes_of("postgres", find_places(home).data("postgres")))


def kill(pids: list[int]) -> None:
    """SIGKILL, all at once, and gone."""
    found = [psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)]
    for one in found:
        with suppress(psutil.NoSuchProcess):
            one.send_signal(signal.SIGKILL)
    psutil.wait_procs(found, timeout=60)
