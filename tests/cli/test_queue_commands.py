"""``parinaya queue``: jobs, deliveries and messages that failed, tried again the usual way or let rest."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import redis
from rq import Queue
from rq.serializers import JSONSerializer

from parinaya_cli.adapters.queue import RedisQueue
from parinaya_cli.domain import jobs
from parinaya_cli.domain.messages import ErrorFamily, Refused
from parinaya_cli.jobs.worker import DoorbellWorker
from parinaya_cli.services import webhooks
from parinaya_cli.services.webhooks import Incoming
from tests.cli.commands_kit import done
from tests.conftest import Cli
from tests.fakes.sender import FakeSender
from tests.services.wedding_kit import Scene, error, open_scene

TIMES = ("first_at", "last_at")


@pytest.fixture
def failing(database_url: str, redis_url: str) -> Iterator[Scene]:
    """A dead delivery, a message that WhatsApp refused for now, and a job that raised twice."""
    with open_scene(database_url) as scene:
        scene.ready("Asha Sharma")
        scene.send()
        for _ in range(5):
            refused = Refused(error(131000, ErrorFamily.SAYS_FAILED, "Something went wrong"))
            scene.deliver(FakeSender(outcomes=[refused]))
            scene.run("UPDATE invite_dispatch SET not_before = now()")
        with scene.system() as tx:
            webhooks.keep(tx, [Incoming(b"{}", "More than the parser takes.")])
        queue = RedisQueue(redis_url)
        queue.ring(jobs.RECONCILE, "queue")
        work(redis_url)  # no worker has opened the ground, so the job raises
        [job] = queue.failed()
        queue.retry(job.id)
        work(redis_url)
        queue.close()
        yield scene


def work(url: str) -> None:
    connection = redis.Redis.from_url(url)
    queue = Queue(jobs.RECONCILE, connection=connection, serializer=JSONSerializer)
    DoorbellWorker([queue], connection=connection, serializer=JSONSerializer).work(burst=True)
    connection.close()


def test_everything_that_failed_is_listed_with_class_tries_and_times(failing: Scene, cli: Cli) -> None:
    found = {one["kind"]: one for one in done(cli, "queue", "failed")["items"]}
    job, delivery, dispatch = found["job"], found["delivery"], found["dispatch"]
    assert (job["of"], job["class"], job["tries"]) == (jobs.RECONCILE, "AssertionError", 2)
    assert (delivery["class"], delivery["reason"]) == ("dead", "More than the parser takes.")
    assert (dispatch["of"], dispatch["class"]) == ("ananya-kabir B1 U1", "131000")
    assert dispatch["tries"] > 1
    for one in found.values():
        assert "" < one["first_at"] <= one["last_at"], one
    assert job["first_at"] < job["last_at"]
    assert done(cli, "queue", "failed", "--kind", "job")["total"] == 1
    assert "98765" not in cli("queue", "failed", "--json").out, "no phone"


def test_a_retry_is_shown_first_asks_for_messages_and_goes_the_usual_way(failing: Scene, cli: Cli) -> None:
    before = failing.table_sizes()
    shown = done(cli, "queue", "retry", "--all", "--dry-run")
    assert (shown["total"], failing.table_sizes()) == (3, before)
    asked = cli("queue", "retry", "--all", "--json")
    assert (asked.code, asked.error["code"]) == (2, "not_confirmed")
    assert cli("queue", "retry", "nothing-such", "--json").code == 4
    assert cli("queue", "retry", "--json").code == 2
    tried = done(cli, "queue", "retry", "--all", "--yes", "--reason", "the network is back")
    assert tried["kinds"] == {"delivery": 1, "dispatch": 1, "job": 1}
    assert done(cli, "queue", "failed")["items"] == []
    assert failing.states() == [("queued", "retry")]
    assert failing.value("SELECT state FROM webhook_events") == "pending"
    failing.run("UPDATE people SET do_not_message_at = now()")
    failing.deliver()
    assert failing.states() == [("skipped", "do_not_message")], "the gate was asked again"
    entries = {one["action"] for one in done(cli, "audit", "list")["items"]}
    assert "invite.retry" in entries


def test_what_is_dropped_rests_and_the_reason_is_kept(failing: Scene, cli: Cli) -> None:
    refs = [one["ref"] for one in done(cli, "queue", "failed")["items"]]
    assert cli("queue", "drop", *refs, "--json").code == 2, "a reason is needed"
    assert done(cli, "queue", "drop", *refs, "--reason", "a rehearsal", "--dry-run")["total"] == 3
    first = refs[0][:8]
    assert done(cli, "queue", "drop", first, *refs[1:], "--reason", "a rehearsal")["dropped"] == 3
    assert done(cli, "queue", "failed")["items"] == []
    assert failing.states()[0][0] == "failed"
    assert failing.deliver() == []
    assert {row["action"] for row in failing.rows("SELECT action FROM audit_logs")} >= {
        "invite.dropped",
        "queue.dropped",
        "webhook.dropped",
    }
    [told] = done(cli, "audit", "list", "--action", "invite.dropped")["items"]
    assert (told["reason"], told["after"]) == ("a rehearsal", {"messages": 1})
