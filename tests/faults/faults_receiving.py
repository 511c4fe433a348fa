"""The long form of what can go wrong while WhatsApp reports and guests answer. `make faults` runs it."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from parinaya_cli.adapters.embedded import Embedded
from parinaya_cli.adapters.embedded.places import find_places
from parinaya_cli.adapters.embedded.processes import processes_of
from parinaya_cli.store import engine, schema
from tests.faults.ledger import MESSAGES, PATIENCE, dice, tell
from tests.faults.trial import Trial
from tests.journeys.stage import Stage
from tests.servers import open_folder
from tests.web.receiver_kit import eventually, get, stored
from tests.web.test_webhook_killed import kill, kill_postgres
from tests.web.test_webhook_processes import Load, Served, served

pytestmark = [pytest.mark.processes, pytest.mark.timeout(1800)]

ROUNDS = 12


def test_the_receiver_and_postgres_are_killed_again_and_again(env: dict[str, str]) -> None:
    """What was answered with 200 is stored once, whoever was killed under load: Postgres runs with fsync here."""
    with open_folder() as home:
        servers = Embedded(home)
        addresses = servers.start()
        database_url = addresses.database_url
        try:
            db = engine.open_engine(addresses.admin_url, pool=1)
            schema.upgrade(db)
            db.dispose()
            acknowledged, kills = strike(servers, home, {**env, "DATABASE_URL": database_url})
            kept = [body for body, _, _ in stored(database_url)]
            assert len(kept) == len(set(kept)), "each is stored once"
            lost = set(acknowledged) - set(kept)
            twice = len(kept) - len(set(kept))
            tell(kills, duplicates=twice, lost=len(lost), answered=len(acknowledged), stored=len(kept))
            assert not lost
        finally:
            servers.release()
            kill_postgres(home)
            kill(processes_of("valkey", find_places(home).data("valkey")))


def strike(servers: Embedded, home: Path, env: dict[str, str]) -> tuple[list[bytes], int]:
    """Somebody dies under load, round by round; what was acknowledged, and how many died."""
    chance, kills = dice("receiver"), 0
    acknowledged: list[bytes] = []
    for number in range(ROUNDS):
        with served(env, "--processes", "2") as receiver:
            load = Load(receiver.root, 4, 4 * number)
            for _ in range(3):
                take(load, chance.randint(20, 300))
                if chance.random() < 0.5:
                    kill_a_child(receiver, chance)
                else:
                    kill_postgres(home)
                    eventually(lambda: get(receiver.root, "/readyz").status_code == 503, "unseen", PATIENCE)
                    servers.start()
                kills += 1
            take(load, chance.randint(1, 100))
            receiver.process.kill()
            if chance.random() < 0.5:
                kill_postgres(home)
                kills += 1
            acknowledged += load.stop()
            kills += 1
        servers.start()
    return acknowledged, kills


def take(load: Load, deliveries: int) -> None:
    wanted = len(load.acknowledged) + deliveries
    eventually(lambda: len(load.acknowledged) >= wanted, "nothing is taken", PATIENCE)


def kill_a_child(receiver: Served, chance: random.Random) -> None:
    eventually(lambda: len(receiver.children) == 2, "none took the place of one that died", PATIENCE)
    kill(chance.sample(receiver.children, 1))


def test_the_receiver_is_killed_while_a_batch_leaves(stage: Stage) -> None:
    """WhatsApp tells again what nobody took: every status arrives, and once."""
    trial, chance = Trial(stage, "slow:0.3x*"), dice("receiver in a batch")
    port = trial.receiver.address.rpartition(":")[2].partition("/")[0]
    worker = trial.work()
    trial.send()
    moments = sorted(chance.uniform(0.05, 0.95) for _ in range(8))
    for moment in moments:
        trial.wait_for(moment)
        trial.receiver.kill()
        trial.receiver = stage.start("webhook", "serve", "--port", port)
    trial.settle()
    states = trial.judge(len(moments))
    assert states["read"] == MESSAGES
    assert worker.terminate() == 0, worker.said
