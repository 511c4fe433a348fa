"""The long form of what can go wrong between several machines. `make faults` runs it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from parinaya_cli.store import engine, schema
from tests.faults.conftest import another_owner, environment, fill
from tests.faults.ledger import MESSAGES, PATIENCE
from tests.faults.network import Machine, Network, network
from tests.faults.trial import Trial
from tests.journeys.stage import PROGRAM, Process, Stage, until
from tests.servers import plain_servers

pytestmark = [pytest.mark.processes, pytest.mark.timeout(1800)]

SLOW = "slow:0.3x*"
OUTAGE = 45.0
"""Seconds without network for both: longer than a request or a connection to Postgres waits for an answer."""
IN_FLIGHT = 60
"""At 200 messages a second."""


@pytest.fixture
def joined() -> Iterator[Network]:
    with network(2) as made:
        yield made


@pytest.fixture
def common_stage(joined: Network, tmp_path: Path) -> Iterator[Stage]:
    """Postgres and Valkey on this machine, over TCP with passwords; the crowd is on the guest list."""
    with plain_servers(tmp_path, joined.address) as addresses:
        db = engine.open_engine(addresses.database_url, pool=1)
        schema.upgrade(db)
        db.dispose()
        env = environment(addresses.database_url, addresses.redis_url, tmp_path)
        fill(env, tmp_path)
        env["PARINAYA_TOKEN"] = another_owner(env, tmp_path)
        with Stage(env, tmp_path) as made:
            yield made


@pytest.fixture
def workers(joined: Network, common_stage: Stage) -> Iterator[list[tuple[Machine, Stage]]]:
    """Each machine with a home of its own, of which nothing is on the others."""
    stages = []
    for machine in joined.machines:
        folder = common_stage.folder / machine.name
        (folder / "config").mkdir(parents=True)
        own = {"PARINAYA_HOME": str(folder / "home"), "PARINAYA_CONFIG_DIR": str(folder / "config")}
        stages.append(Stage({**common_stage.env, **own}, folder, machine.inside(*PROGRAM)))
    with stages[0], stages[1]:
        yield list(zip(joined.machines, stages, strict=True))


def test_machines_lose_the_network_while_they_send(
    joined: Network, common_stage: Stage, workers: list[tuple[Machine, Stage]]
) -> None:
    """One, then the other, then both: who is left goes on, who comes back goes on."""
    trial = Trial(common_stage, SLOW, host=joined.address)
    trial.send()
    running: list[Process] = []
    for _, stage in workers:
        stage.env["WHATSAPP_BASE_URL"] = trial.stand_in.address
        running.append(stage.start("worker"))
    trial.wait_for(0.1)
    for machine, _ in workers:
        machine.unplug()
        further = min(trial.out + MESSAGES // 5, MESSAGES)
        until(lambda further=further: trial.out >= further, PATIENCE, "the other goes on")  # type: ignore[misc]
        machine.plug()
    for machine, _ in workers:
        machine.unplug()
    time.sleep(OUTAGE)
    for machine, _ in workers:
        machine.plug()
    trial.settle()
    states = trial.judge(4, machines=len(running))
    assert states["unknown"] <= 4 * IN_FLIGHT
    for one in running:
        assert one.terminate() == 0, one.said
