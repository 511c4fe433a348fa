"""What was answered with 200 is committed; what can't be committed is answered with 503, and all mends itself."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import psycopg
import pytest

from parinaya_cli.store import schema
from parinaya_cli.web.bells import Ringer
from parinaya_cli.web.bodies import Limits
from parinaya_cli.web.webhook_desk import PATH
from tests.databases import named
from tests.fakes.queue import FakeQueue
from tests.web.receiver_kit import (
    commits,
    eventually,
    get,
    post,
    receiver_app,
    receiving,
    signature,
    status_body,
    stored,
    table_locked,
    waits_for_a_lock,
)
from tests.web.weak_link import WeakLink


@contextmanager
def weak_postgres(database_url: str, folder: Path) -> Iterator[tuple[str, WeakLink]]:
    """The same database, behind a connection that can be cut."""
    there = parse_qs(urlsplit(database_url).query)["host"][0]
    folder.mkdir()
    link = WeakLink(folder / ".s.PGSQL.5432", f"{there}/.s.PGSQL.5432")
    try:
        yield database_url.replace(there, str(folder)), link
    finally:
        link.close()


@contextmanager
def weak_redis(redis_url: str, folder: Path) -> Iterator[tuple[str, WeakLink]]:
    """The same queue, behind a connection that can be cut."""
    there = urlsplit(redis_url).path
    folder.mkdir()
    link = WeakLink(folder / "redis", there)
    try:
        yield redis_url.replace(there, str(folder / "redis")), link
    finally:
        link.close()


# ── the commit ─────────────────────────────────────────────────────────────────────────────────────────


def test_there_is_no_200_before_the_commit(env: dict[str, str], tmp_path: Path, database_url: str) -> None:
    with receiving(receiver_app(env, tmp_path)) as root, ThreadPoolExecutor(1) as pool:
        with table_locked(database_url):
            answer = pool.submit(post, root, status_body(1))
            eventually(lambda: waits_for_a_lock(database_url), "nobody wanted to write")
            assert not answer.done()
            assert stored(database_url) == []
        assert answer.result(20).status_code == 200
    assert stored(database_url) == [(status_body(1), "pending", 1)]


def test_a_commit_that_is_late_is_answered_with_503_and_sent_again(
    env: dict[str, str], tmp_path: Path, database_url: str
) -> None:
    with receiving(receiver_app(env, tmp_path), Limits(answer=0.2)) as root:
        with table_locked(database_url):
            assert post(root, status_body(1)).status_code == 503
            assert post(root, status_body(2)).status_code == 503
            assert get(root, "/healthz").status_code == 200
        # The second was never begun and is forgotten; the first may have been committed after its 503.
        eventually(lambda: not waits_for_a_lock(database_url), "the lock was given back")
        eventually(lambda: post(root, status_body(1)).status_code == 200, "it never recovered")
        eventually(lambda: post(root, status_body(3)).status_code == 200, "it never recovered")
    found = stored(database_url)
    assert sorted(body for body, _, _ in found) == sorted([status_body(1), status_body(3)])


def test_two_hundred_at_once_are_all_stored_and_share_commits(
    env: dict[str, str], tmp_path: Path, database_url: str
) -> None:
    bodies = [status_body(number) for number in range(200)]

    async def post_all(root: str) -> list[int]:
        limits = httpx.Limits(max_connections=200)
        async with httpx.AsyncClient(limits=limits, timeout=30, trust_env=False) as client:

            async def one(body: bytes) -> int:
                told = {"X-Hub-Signature-256": signature(body)}
                return (await client.post(root + PATH, content=body, headers=told)).status_code

            return await asyncio.gather(*(one(body) for body in bodies))

    with receiving(receiver_app(env, tmp_path)) as root:
        assert asyncio.run(post_all(root)) == [200] * 200
        figures = get(root, "/metrics").text
    found = stored(database_url)
    assert sorted(body for body, _, _ in found) == sorted(bodies)
    assert {(state, times) for _, state, times in found} == {("pending", 1)}
    assert 1 <= commits(database_url) < 200
    assert f'parinaya_webhook_commits_total{{result="done"}} {float(commits(database_url))}' in figures
    assert "parinaya_webhook_deliveries_per_commit_sum 200.0" in figures
    assert "parinaya_webhook_new_deliveries_total 200.0" in figures


def test_bodies_that_are_equal_share_a_commit_without_harm(
    env: dict[str, str], tmp_path: Path, database_url: str
) -> None:
    with receiving(receiver_app(env, tmp_path)) as root, ThreadPoolExecutor(8) as pool:
        with table_locked(database_url):
            answers = [pool.submit(post, root, status_body(number % 2)) for number in range(8)]
            eventually(lambda: waits_for_a_lock(database_url), "nobody wanted to write")
        assert [one.result(20).status_code for one in answers] == [200] * 8
    assert sorted(body for body, _, _ in stored(database_url)) == sorted([status_body(0), status_body(1)])


# ── servers that are away ──────────────────────────────────────────────────────────────────────────────


def test_postgres_away_is_503_and_mends_itself(
    env: dict[str, str], tmp_path: Path, database_url: str
) -> None:
    with weak_postgres(database_url, tmp_path / "pg") as (address, link):
        link.cut()
        with receiving(receiver_app({**env, "DATABASE_URL": address}, tmp_path)) as root:
            assert post(root, status_body(1)).status_code == 503
            unready = get(root, "/readyz")
            assert unready.status_code == 503
            assert unready.json()["reason"] == "Postgres can't be reached."
            assert get(root, "/healthz").status_code == 200
            link.mend()
            assert post(root, status_body(1)).status_code == 200
            assert get(root, "/readyz").json() == {"ready": True}
            link.cut()
            assert post(root, status_body(2)).status_code == 503
            link.mend()
            assert post(root, status_body(2)).status_code == 200
    assert [(body, times) for body, _, times in stored(database_url)] == [
        (status_body(1), 1),
        (status_body(2), 1),
    ]


def test_postgres_that_hangs_is_503_and_mends_itself(
    env: dict[str, str], tmp_path: Path, database_url: str
) -> None:
    with weak_postgres(database_url, tmp_path / "pg") as (address, link):
        app = receiver_app({**env, "DATABASE_URL": address}, tmp_path)
        with receiving(app, Limits(answer=0.2)) as root:
            assert post(root, status_body(1)).status_code == 200
            link.freeze()
            assert [post(root, status_body(2)).status_code for _ in range(3)] == [503] * 3
            link.mend()
            eventually(lambda: post(root, status_body(2)).status_code == 200, "it never recovered")
    assert [body for body, _, _ in stored(database_url)] == [status_body(1), status_body(2)]


def test_another_schema_is_503_and_told(env: dict[str, str], tmp_path: Path, database_url: str) -> None:
    def set_schema(to: str) -> None:
        with psycopg.connect(database_url) as conn:
            conn.execute("UPDATE alembic_version SET version_num = %s", [to])

    set_schema("0000")
    with receiving(receiver_app(env, tmp_path)) as root:
        assert post(root, status_body(1)).status_code == 503
        assert "0000" in get(root, "/readyz").json()["reason"]
        set_schema(schema.HEAD)
        assert post(root, status_body(1)).status_code == 200
        assert get(root, "/readyz").status_code == 200
        set_schema("0000")
        assert get(root, "/readyz").status_code == 503


def test_an_empty_database_and_none_are_told(env: dict[str, str], tmp_path: Path, database_url: str) -> None:
    for database, word in (("postgres", "parinaya init"), ("there_is_none", "DATABASE_URL")):
        app = receiver_app({**env, "DATABASE_URL": named(database_url, database)}, tmp_path)
        with receiving(app) as root:
            assert post(root, status_body(1)).status_code == 503
            assert word in get(root, "/readyz").json()["hint"]


def test_a_queue_that_is_away_delays_nobody_and_is_rung_when_it_is_back(
    env: dict[str, str], tmp_path: Path, database_url: str, redis_url: str
) -> None:
    with weak_redis(redis_url, tmp_path / "r") as (address, link):
        app = receiver_app({**env, "REDIS_URL": address}, tmp_path)
        app.ringer = Ringer(lambda queue, subject: app.queue.ring(queue, subject), pause=0.05)
        link.freeze()
        with receiving(app) as root:
            assert [post(root, status_body(number)).status_code for number in range(5)] == [200] * 5
            link.mend()
            figures, _ = app.queue.figures()
            eventually(lambda: app.queue.figures()[0][1].waiting == 1, "nobody rang")
            assert figures[1].name == "webhooks.process"
    assert len(stored(database_url)) == 5


# ── bells ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_bell_waits_until_the_queue_is_back() -> None:
    queue = FakeQueue()
    queue.away = True
    ringer = Ringer(queue.ring, pause=0.01)
    ringer.hand([("webhooks.process", "")])
    ringer.hand([("webhooks.process", ""), ("invites.send", "B1")])
    queue.away = False
    eventually(lambda: len(queue.bells) == 2, "nobody rang")
    ringer.close()
    assert sorted(queue.bells) == [("invites.send", "B1"), ("webhooks.process", "")]


def test_the_last_bells_are_rung_at_the_end() -> None:
    queue = FakeQueue()
    ringer = Ringer(queue.ring)
    ringer.hand([("webhooks.process", "")])
    ringer.close()
    assert queue.bells == [("webhooks.process", "")]


def test_a_ringer_ends_although_the_queue_is_away() -> None:
    queue = FakeQueue()
    queue.away = True
    ringer = Ringer(queue.ring, pause=3600)
    ringer.hand([("webhooks.process", "")])
    ringer.close()
    assert queue.bells == []


@pytest.mark.parametrize("kind", [ValueError, KeyError])
def test_whatever_the_queue_answers_the_ringer_goes_on(kind: type[Exception]) -> None:
    rung: list[str] = []

    def ring(queue: str, _: str) -> None:
        rung.append(queue)
        if len(rung) == 1:
            raise kind("odd")

    ringer = Ringer(ring, pause=0.01)
    ringer.hand([("webhooks.process", "")])
    eventually(lambda: len(rung) == 2, "it was not tried again")
    ringer.close()


def test_a_body_that_comes_again_while_it_is_processed_delays_nobody(
    env: dict[str, str], tmp_path: Path, database_url: str
) -> None:
    with receiving(receiver_app(env, tmp_path)) as root:
        assert post(root, status_body(1)).status_code == 200
        with psycopg.connect(database_url) as worker:
            worker.execute("SELECT 1 FROM webhook_events FOR UPDATE")
            assert post(root, status_body(1)).status_code == 200
            assert post(root, status_body(2)).status_code == 200
    assert [body for body, _, _ in stored(database_url)] == [status_body(1), status_body(2)]
