"""RQ on Redis or Valkey: ringing, looking, retrying, dropping. Jobs carry ids only, as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue
from rq.exceptions import NoSuchJobError
from rq.job import Job
from rq.registry import FailedJobRegistry, StartedJobRegistry
from rq.results import Result
from rq.serializers import JSONSerializer
from rq.worker import Worker

from parinaya_cli.domain.errors import NotFound, Unreachable
from parinaya_cli.domain.jobs import EXPORT, IMPORT, QUEUES
from parinaya_cli.ports import FailedJob, QueueFigures

JOB_TIMEOUT = 120
"""Seconds; three times the slice of 20 s that a job drains, and then some, so that the alarm never rings in a
request."""

LONG_TIMEOUT = 3600
"""Seconds for a list or a file: it is made whole or not at all, so that its job can't be cut into slices."""

BELL_SECONDS = 30
"""How long a bell hangs before it may be rung again although nobody came: a lost bell is not lost for long."""

HINT = (
    "Start the embedded servers with `parinaya services start`, or point REDIS_URL to a running Redis or Valkey. "
    "Nothing is lost: `parinaya reconcile` rings again."
)


def connect(url: str, *, patient: bool = False) -> redis.Redis:
    """A connection. Writes are never repeated by the client: a bell may ring twice, but not by accident.

    ``patient``: for workers, which wait on the connection.
    """
    if patient:
        return redis.Redis.from_url(url)
    return redis.Redis.from_url(
        url, retry=Retry(NoBackoff(), 0), socket_timeout=5, socket_connect_timeout=3, health_check_interval=30
    )


@contextmanager
def reached() -> Iterator[None]:
    """Turn errors of the connection into ours.

    Raises:
        Unreachable: Redis is away.
    """
    try:
        yield
    except (redis.ConnectionError, redis.TimeoutError, OSError) as error:
        raise Unreachable("The queue (Redis or Valkey) can't be reached.", HINT) from error


def bell_key(queue: str, subject: str) -> str:
    """The key that hangs while a bell has been rung and nobody has come yet."""
    return f"parinaya:bell:{queue}:{subject}"


def _told(job: Job, queue: str) -> FailedJob:
    """Only the kind of the error: its text may hold what guests wrote. RQ keeps the last ten results of a job."""
    results = [one for one in job.results() if one.type is Result.Type.FAILED]
    lines = (results[0].exc_string or "").strip() if results else ""
    kind = lines.splitlines()[-1].split(":")[0] if lines else "unknown"
    times = [_utc(one.created_at).isoformat() for one in results]
    ended = _utc(job.ended_at).isoformat() if job.ended_at else ""
    return FailedJob(
        job.id,
        queue,
        str((job.args or [""])[0]),
        kind,
        times[0] if times else ended,
        max(1, len(times)),
        times[-1] if times else ended,
    )


def _utc(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=UTC)


class RedisQueue:
    """``ports.JobQueue`` on RQ."""

    def __init__(self, url: str) -> None:
        self._connection = connect(url)

    def _queue(self, name: str) -> Queue:
        return Queue(
            name, connection=self._connection, serializer=JSONSerializer, default_timeout=JOB_TIMEOUT
        )

    def ring(self, queue: str, subject: str = "") -> bool:
        """Ring once for a subject until a worker has come for it."""
        with reached():
            if not self._connection.set(bell_key(queue, subject), "1", nx=True, ex=BELL_SECONDS):
                return False
            try:
                self._queue(queue).enqueue(
                    f"parinaya_cli.jobs.{queue}",
                    subject,
                    job_timeout=LONG_TIMEOUT if queue in (EXPORT, IMPORT) else JOB_TIMEOUT,
                    result_ttl=0,
                    failure_ttl=30 * 24 * 3600,
                    description=queue,
                )
            except BaseException:
                self._connection.delete(bell_key(queue, subject))
                raise
            return True

    def answer(self, queue: str, subject: str = "") -> None:
        """A worker has come: the next ring puts a new job. Called before the worker looks at the rows."""
        with reached():
            self._connection.delete(bell_key(queue, subject))

    def figures(self) -> tuple[list[QueueFigures], int]:
        """How each queue stands, and the number of workers."""
        with reached():
            found = []
            for name in QUEUES:
                queue = self._queue(name)
                found.append(
                    QueueFigures(
                        name,
                        queue.count,
                        len(StartedJobRegistry(queue=queue).get_job_ids(cleanup=False)),
                        len(FailedJobRegistry(queue=queue)),
                        self._age_of_oldest(queue),
                    )
                )
            return found, Worker.count(connection=self._connection)

    def _age_of_oldest(self, queue: Queue) -> float:
        ids = queue.get_job_ids(0, 1)
        try:
            job = Job.fetch(ids[0], connection=self._connection, serializer=JSONSerializer) if ids else None
        except NoSuchJobError:
            job = None
        if job is None or job.enqueued_at is None:
            return 0.0
        return round(max(0.0, (datetime.now(UTC) - _utc(job.enqueued_at)).total_seconds()), 3)

    def failed(self) -> list[FailedJob]:
        """Jobs that raised, oldest first."""
        with reached():
            found = []
            for name in QUEUES:
                for job_id in FailedJobRegistry(queue=self._queue(name)).get_job_ids(cleanup=False):
                    try:
                        job = Job.fetch(job_id, connection=self._connection, serializer=JSONSerializer)
                    except NoSuchJobError:
                        continue
                    found.append(_told(job, name))
            return found

    def retry(self, job_id: str) -> None:
        """Put a failed job back.

        Raises:
            NotFound: there is no such job.
        """
        with reached():
            self._registry_of(job_id).requeue(job_id)

    def drop(self, job_id: str) -> None:
        """Forget a failed job; the rows that it rang for stay as they are.

        Raises:
            NotFound: there is no such job.
        """
        with reached():
            self._registry_of(job_id).remove(job_id, delete_job=True)

    def _registry_of(self, job_id: str) -> FailedJobRegistry:
        for name in QUEUES:
            registry = FailedJobRegistry(queue=self._queue(name))
            if job_id in registry.get_job_ids(cleanup=False):
                return registry
        raise NotFound(f"There is no failed job {job_id!r}.", "See `parinaya queue failed`.")

    def is_alive(self) -> dict[str, str]:
        """What the server says of itself: version, append-only file, eviction policy."""
        with reached():
            server = self._connection.info("server")
            persistence = self._connection.info("persistence")
            memory = self._connection.info("memory")
        return {
            "version": str(server.get("valkey_version") or server.get("redis_version")),
            "appendonly": str(persistence.get("aof_enabled")),
            "eviction": str(memory.get("maxmemory_policy")),
        }

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
