"""``reconcile``: everything that can be amiss at once is mended or told, and the second run finds nothing to do."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from parinaya_cli.domain.dispatches import LEASE, REAPER_GRACE
from parinaya_cli.services import reconcile, webhooks
from parinaya_cli.services.permission import give
from parinaya_cli.services.webhooks import Incoming
from tests import warm
from tests.cli.commands_kit import done
from tests.conftest import Cli
from tests.fakes.template_source import FakeTemplates
from tests.journeys.stage import until
from tests.services.wedding_kit import NUMBER, Scene, template

LATE = LEASE + REAPER_GRACE + timedelta(seconds=5)


@pytest.fixture
def amiss(scene: Scene) -> Scene:
    """Wrong counts, a worker that died, a delivery that waits, one that is dead for two days, a paused template."""
    scene.ready("Asha", "Ravi", "Meera")
    scene.send()
    with scene.system() as tx:
        assert len(give(tx, NUMBER, 1)[0]) == 1
    with scene.system() as tx:
        webhooks.keep(tx, [Incoming(b"{}"), Incoming(b"[]", "too deep")])
    scene.run("UPDATE webhook_events SET received_at = received_at - interval '2 days'")
    scene.run("UPDATE projection_event_counts SET yes_heads = 99")
    scene.bells.clear()
    return scene


def run(scene: Scene, *, mend: bool = True) -> dict[str, reconcile.CheckReport]:
    source = FakeTemplates([template(status="paused")])
    found = reconcile.reconcile(
        lambda: scene.system(LATE), mend=mend, outside=reconcile.Outside(lambda: source)
    )
    return {one.name: one for one in found}


def test_all_that_is_amiss_is_mended_or_told_and_the_second_run_finds_nothing(amiss: Scene) -> None:
    before = amiss.table_sizes()
    looked = run(amiss, mend=False)
    assert (amiss.table_sizes(), amiss.bells) == (before, []), "looking changes nothing"
    assert [name for name, one in looked.items() if one.drift] == ["projections", "webhooks", "templates"]
    first = run(amiss)
    assert [name for name, one in first.items() if one.mended] == [
        "projections",
        "queue",
        "webhooks",
        "templates",
    ]
    assert first["webhooks"].left == (
        "1 dead deliveries, 1 of them for more than a day: see `parinaya webhook list --state dead`",
    )
    assert len(first["unknown"].left) == 1, "a person decides on what nobody knows"
    assert {queue for queue, _ in amiss.bells} == {"invites.send", "webhooks.process"}
    amiss.run("UPDATE webhook_events SET state = 'done' WHERE state = 'pending'")  # the worker came
    state, told = amiss.table_sizes(), first["webhooks"].left + first["unknown"].left
    second = run(amiss)
    assert sum(one.mended for one in second.values()) == 0
    assert amiss.table_sizes() == state
    assert tuple(line for one in second.values() for line in one.left) == (*told[1:], told[0])


def test_cron_hears_of_what_is_left_and_of_nothing_else(scene: Scene, cli: Cli) -> None:
    quiet = ("reconcile", "--quiet", "--only", "webhooks")
    well = cli(*quiet)
    assert (well.code, well.out, well.err) == (0, "", "")
    with scene.system() as tx:
        webhooks.keep(tx, [Incoming(b"[]", "too deep")])
    ran = cli(*quiet)
    assert (ran.code, ran.err) == (5, "")
    assert "left: 1 dead deliveries" in ran.out
    assert done(cli, "queue", "drop", "1", "--reason", "a rehearsal")["dropped"] == 1
    assert cli(*quiet).code == 0
    scene.ready("Asha")
    scene.run("UPDATE projection_event_counts SET yes_heads = 99")
    assert cli("reconcile", "--check-only", "--only", "projections", "--quiet").code == 5


def test_a_run_that_is_killed_leaves_no_lock_and_nothing_half_done(
    scene: Scene, cli: Cli, env: dict[str, str], owner_token: str, tmp_path: Path
) -> None:
    scene.ready("Asha")
    scene.run("UPDATE projection_event_counts SET yes_heads = 99")
    with scene.admin.connect() as conn:
        conn.exec_driver_sql("SELECT * FROM projection_event_counts FOR UPDATE")
        run = warm.Command(
            ["reconcile", "--only", "projections"],
            {**os.environ, **env, "PARINAYA_TOKEN": owner_token},
            tmp_path,
            os.devnull,
            os.devnull,
        )
        until(
            lambda: scene.value(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
            ),
            60,
            "it waits in the middle of its work",
        )
        assert cli("reconcile").code == 7, "one at a time"
        run.kill()
    until(lambda: cli("reconcile", "--only", "queue").code != 7, 60, "its lock has gone with it")
    assert scene.value("SELECT max(yes_heads) FROM projection_event_counts") == 99
    [found] = cli("reconcile", "--only", "projections", "--json").json["checks"]
    assert (found["drift"], found["mended"]) == (1, 1)
