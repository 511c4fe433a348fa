"""The doorbells without Redis."""

from __future__ import annotations

from parinaya_cli.domain.errors import NotFound, Unreachable
from parinaya_cli.domain.jobs import QUEUES
from parinaya_cli.ports import FailedJob, QueueFigures


class FakeQueue:
    """``JobQueue`` in memory; ``away`` makes every method raise ``Unreachable``.

    ``bells`` holds the (queue, subject) that hang; a test plays the worker with ``take`` and ``fail``.
    """

    def __init__(self) -> None:
        self.bells: list[tuple[str, str]] = []
        self.away = False
        self.workers = 0
        self._failed: list[FailedJob] = []

    def ring(self, queue: str, subject: str = "") -> bool:
        self._reach()
        if (queue, subject) in self.bells:
            return False
        self.bells.append((queue, subject))
        return True

    def figures(self) -> tuple[list[QueueFigures], int]:
        self._reach()
        return [self._figures_of(queue) for queue in QUEUES], self.workers

    def failed(self) -> list[FailedJob]:
        self._reach()
        return list(self._failed)

    def retry(self, job_id: str) -> None:
        job = self._remove(job_id)
        self.ring(job.queue, job.subject)

    def drop(self, job_id: str) -> None:
        self._remove(job_id)

    def take(self, queue: str) -> str | None:
        """The subject of the oldest bell of a queue, which no longer hangs; None when there is none."""
        found = next((bell for bell in self.bells if bell[0] == queue), None)
        if found is None:
            return None
        self.bells.remove(found)
        return found[1]

    def fail(self, queue: str, subject: str = "", error: str = "It raised.") -> FailedJob:
        """A job that raised."""
        job = FailedJob(
            f"{queue}-{len(self._failed) + 1}", queue, subject, error, "2026-11-22T10:00:00+00:00"
        )
        self._failed.append(job)
        return job

    def _figures_of(self, queue: str) -> QueueFigures:
        waiting = sum(bell[0] == queue for bell in self.bells)
        failed = sum(job.queue == queue for job in self._failed)
        return QueueFigures(queue, waiting=waiting, running=0, failed=failed, oldest_seconds=0.0)

    def _remove(self, job_id: str) -> FailedJob:
        self._reach()
        for job in self._failed:
            if job.id == job_id:
                self._failed.remove(job)
                return job
        raise NotFound(f"There is no failed job {job_id}.", "See `parinaya queue failed`.")

    def _reach(self) -> None:
        if self.away:
            raise Unreachable("The queue can't be reached.")
