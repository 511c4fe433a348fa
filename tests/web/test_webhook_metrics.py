"""What the receiver tells those who watch it."""

from __future__ import annotations

from pathlib import Path

import psycopg
from prometheus_client.parser import text_string_to_metric_families

from parinaya_cli.domain.errors import (
    Failed,
    Locked,
    NotFound,
    NotPermitted,
    ParinayaError,
    Unreachable,
    UsedWrongly,
)
from parinaya_cli.web import errors
from tests.web.receiver_kit import get, post, receiver_app, receiving, status_body

Found = dict[tuple[str, tuple[str, ...]], float]


def scrape(root: str) -> Found:
    """Every sample, by its name and the values of its labels."""
    answer = get(root, "/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    families = text_string_to_metric_families(answer.text)
    return {
        (sample.name, tuple(sample.labels.values())): sample.value
        for one in families
        for sample in one.samples
    }


def test_figures_of_requests_postgres_and_queue(
    env: dict[str, str], tmp_path: Path, database_url: str
) -> None:
    with receiving(receiver_app(env, tmp_path)) as root:
        for number in range(3):
            post(root, status_body(number))
        post(root, status_body(0))
        post(root, status_body(9), X_Hub_Signature_256="sha256=")
        post(root, b"[]")
        post(root, b'{"a": ' + b"9" * 50 + b"}")
        get(root, "/webhooks/whatsapp")
        with psycopg.connect(database_url) as conn:
            conn.execute("UPDATE webhook_events SET state = 'done' WHERE number = 2")
            conn.execute(
                "UPDATE webhook_events SET received_at = now() - interval '1 hour', "
                "not_before = now() - interval '5 minutes' WHERE number = 1"
            )
        found = scrape(root)
    requests = {
        name[1][0]: value for name, value in found.items() if name[0] == "parinaya_webhook_requests_total"
    }
    assert requests == {"stored": 4, "unsigned": 1, "not_json": 1, "dead": 1, "not_verified": 1}
    assert found["parinaya_webhook_request_seconds_count", ()] == 7
    assert found["parinaya_webhook_new_deliveries_total", ()] == 4
    states = {name[1][0]: value for name, value in found.items() if name[0] == "parinaya_webhook_deliveries"}
    assert states == {"pending": 2, "done": 1, "failed": 0, "dead": 1}
    # It has waited since its replay, not since it was received.
    assert 300 <= found["parinaya_webhook_lag_seconds", ()] < 3600
    assert found["parinaya_queue_jobs", ("webhooks.process", "waiting")] == 1
    assert found["parinaya_queue_jobs", ("invites.send", "failed")] == 0
    assert found["parinaya_workers", ()] == 0
    assert (found["parinaya_postgres_up", ()], found["parinaya_queue_up", ()]) == (1, 1)


def test_messages_are_counted_by_state(env: dict[str, str], tmp_path: Path) -> None:
    with receiving(receiver_app(env, tmp_path)) as root:
        text = get(root, "/metrics").text
    assert "# TYPE parinaya_dispatches gauge" in text
    assert "parinaya_webhook_lag_seconds 0.0" in text


def test_silence_after_messages_went_out_is_told(
    env: dict[str, str], tmp_path: Path, database_url: str
) -> None:
    def silent(root: str) -> float:
        return scrape(root)["parinaya_webhook_silent_seconds", ()]

    with receiving(receiver_app(env, tmp_path)) as root:
        post(root, status_body(1))
        with psycopg.connect(database_url) as conn:
            conn.execute("INSERT INTO weddings (slug, title) VALUES ('a', 'A')")
            conn.execute(
                "INSERT INTO invite_dispatch (wedding_id, state, accepted_at) "
                "SELECT id, 'accepted', now() - interval '20 minutes' FROM weddings"
            )
        assert silent(root) == 0, "something came in after it had left"
        with psycopg.connect(database_url) as conn:
            conn.execute("UPDATE webhook_events SET received_at = now() - interval '30 minutes'")
        assert 1200 <= silent(root) < 1800
        post(root, status_body(2))
        assert silent(root) == 0


def test_servers_that_are_away_are_told_and_the_rest_is_answered(env: dict[str, str], tmp_path: Path) -> None:
    away = {"DATABASE_URL": "postgresql://x@127.0.0.1:9/x", "REDIS_URL": "redis://127.0.0.1:9/0"}
    with receiving(receiver_app({**env, **away}, tmp_path)) as root:
        post(root, status_body(1))
        found = scrape(root)
    assert (found["parinaya_postgres_up", ()], found["parinaya_queue_up", ()]) == (0, 0)
    assert found["parinaya_webhook_requests_total", ("unavailable",)] == 1
    assert found["parinaya_webhook_commits_total", ("failed",)] == 1
    assert not any(name.startswith("parinaya_webhook_deliveries{") for name, _ in found)
    assert ("parinaya_webhook_lag_seconds", ()) not in found


def test_every_kind_of_error_has_its_status() -> None:
    wanted = {UsedWrongly: 400, NotPermitted: 403, NotFound: 404, Unreachable: 503, Locked: 503, Failed: 500}
    assert wanted == {kind: errors.status(kind("x")) for kind in ParinayaError.__subclasses__()}
    assert errors.status(ValueError("x")) == 500


def test_a_bug_is_not_quoted() -> None:
    assert "+91" not in str(errors.document(ValueError("Key (phone)=(+919820012345) already exists")))
    refined = type("NoSuchPage", (NotFound,), {})("There is no such page.", "Look.")
    assert errors.status(refined) == 404
    assert errors.document(refined) == {
        "code": "not_found",
        "message": "There is no such page.",
        "hint": "Look.",
    }
