"""The jobs: each queue of the contract rings one, and a job is told one short text."""

from __future__ import annotations

import inspect
from importlib import import_module

import pytest

from parinaya_cli.domain.jobs import QUEUES

# Queues that nothing rings yet. The set may only get shorter.
WITHOUT_JOB: set[str] = set()


def found(queue: str) -> object:
    """The function that a queue names: ``invites.send`` is ``send`` of ``jobs/invites.py``."""
    module, _, name = queue.partition(".")
    try:
        return getattr(import_module(f"parinaya_cli.jobs.{module}"), name, None)
    except ModuleNotFoundError:
        return None


def test_the_queues_are_those_of_the_contract() -> None:
    assert set(QUEUES) == {
        "invites.send",
        "webhooks.process",
        "imports.contacts",
        "exports.generate",
        "reconciliation.run",
    }


def test_every_queue_has_its_job() -> None:
    assert {queue for queue in QUEUES if found(queue) is None} == WITHOUT_JOB


@pytest.mark.parametrize("queue", sorted(set(QUEUES) - WITHOUT_JOB))
def test_a_job_is_told_one_text_and_no_more(queue: str) -> None:
    job = found(queue)
    assert callable(job)
    told = inspect.signature(job)
    assert [(one.annotation, one.default) for one in told.parameters.values()] == [("str", "")]
    assert told.return_annotation == "None"
